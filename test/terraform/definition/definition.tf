# An API by its OpenAPI definition, with a policy of its own and an export.

variable "greeting" {
  description = "body of GET /greeting"
  default     = "hello"
}

variable "mode" {
  description = "put_rest_api_mode: how a changed body is imported"
  default     = "overwrite"
}

variable "extra" {
  description = "whether the body has a second path"
  default     = true
}

variable "denied" {
  description = "addresses that the policy denies"
  default     = "192.0.2.0/24"
}

locals {
  integration = {
    type                = "mock"
    passthroughBehavior = "when_no_match"
    requestTemplates    = { "application/json" = "{\"statusCode\": 200}" }
    responses = {
      default = { statusCode = "200", responseTemplates = { "application/json" = var.greeting } }
    }
  }
  method = {
    responses                         = { "200" = { description = "a greeting" } }
    "x-amazon-apigateway-integration" = local.integration
  }
}

resource "aws_api_gateway_rest_api" "defined" {
  name              = "defined"
  put_rest_api_mode = var.mode

  body = jsonencode({
    openapi = "3.0.1"
    info    = { title = "defined", version = "1.0" }
    paths = merge(
      { "/greeting" = { get = local.method } },
      var.extra ? { "/extra" = { get = local.method } } : {},
    )
  })

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

# The policy is for an API of its own: while policies are not evaluated, no
# request to an API with one is let in.
resource "aws_api_gateway_rest_api" "guarded" {
  name = "guarded"
  body = jsonencode({
    swagger  = "2.0"
    info     = { title = "guarded", version = "1.0" }
    basePath = "/v1"
    paths    = { "/greeting" = { get = local.method } }
  })
  parameters = { basepath = "prepend" }
}

data "aws_iam_policy_document" "guard" {
  statement {
    effect    = "Deny"
    actions   = ["execute-api:Invoke"]
    resources = ["${aws_api_gateway_rest_api.guarded.execution_arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "IpAddress"
      variable = "aws:SourceIp"
      values   = [var.denied]
    }
  }
}

resource "aws_api_gateway_rest_api_policy" "guard" {
  rest_api_id = aws_api_gateway_rest_api.guarded.id
  policy      = data.aws_iam_policy_document.guard.json
}

resource "aws_api_gateway_deployment" "defined" {
  rest_api_id = aws_api_gateway_rest_api.defined.id
  triggers    = { body = sha1(aws_api_gateway_rest_api.defined.body) }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "defined" {
  rest_api_id   = aws_api_gateway_rest_api.defined.id
  deployment_id = aws_api_gateway_deployment.defined.id
  stage_name    = "live"
}

data "aws_api_gateway_export" "defined" {
  rest_api_id = aws_api_gateway_stage.defined.rest_api_id
  stage_name  = aws_api_gateway_stage.defined.stage_name
  export_type = "oas30"
  parameters  = { extensions = "integrations" }
}

output "api" {
  value = aws_api_gateway_rest_api.defined.id
}

output "guarded" {
  value = aws_api_gateway_rest_api.guarded.id
}

output "export" {
  value = data.aws_api_gateway_export.defined.body
}
