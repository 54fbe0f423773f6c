variable "changed" {
  type = bool
}

resource "aws_api_gateway_rest_api" "api" {
  name = "stage"
}

resource "aws_api_gateway_method" "get" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  resource_id   = aws_api_gateway_rest_api.api.root_resource_id
  http_method   = "GET"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "get" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = aws_api_gateway_rest_api.api.root_resource_id
  http_method = aws_api_gateway_method.get.http_method
  type        = "MOCK"
}

resource "aws_api_gateway_deployment" "api" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  depends_on  = [aws_api_gateway_integration.get]
}

resource "aws_api_gateway_deployment" "next" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  description = "next"
  depends_on  = [aws_api_gateway_integration.get]
}

resource "aws_api_gateway_client_certificate" "all" {
  for_each = toset(["one", "two"])
}

resource "aws_api_gateway_documentation_part" "api" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  properties  = jsonencode({ description = "a shop" })

  location {
    type = "API"
  }
}

resource "aws_api_gateway_documentation_version" "all" {
  for_each = toset(["one", "two"])

  rest_api_id = aws_api_gateway_rest_api.api.id
  version     = each.key
  depends_on  = [aws_api_gateway_documentation_part.api]
}

resource "aws_api_gateway_stage" "full" {
  rest_api_id           = aws_api_gateway_rest_api.api.id
  stage_name            = "full"
  deployment_id         = var.changed ? aws_api_gateway_deployment.next.id : aws_api_gateway_deployment.api.id
  description           = var.changed ? "second" : "first"
  documentation_version = aws_api_gateway_documentation_version.all[var.changed ? "two" : "one"].version
  client_certificate_id = aws_api_gateway_client_certificate.all[var.changed ? "two" : "one"].id
  cache_cluster_enabled = true
  cache_cluster_size    = var.changed ? "1.6" : "0.5"
  xray_tracing_enabled  = !var.changed
  variables             = var.changed ? { kept = "2", new = "3" } : { gone = "0", kept = "1" }

  access_log_settings {
    destination_arn = "arn:aws:logs:us-east-1:123456789012:log-group:${var.changed ? "two" : "one"}"
    format          = var.changed ? "$context.requestId $context.status" : "$context.requestId"
  }

  canary_settings {
    deployment_id            = var.changed ? aws_api_gateway_deployment.api.id : aws_api_gateway_deployment.next.id
    percent_traffic          = var.changed ? 66.66 : 33.33
    use_stage_cache          = var.changed
    stage_variable_overrides = var.changed ? { kept = "5", new = "6" } : { gone = "3", kept = "4" }
  }

  tags = var.changed ? { kept = "2", new = "3" } : { gone = "0", kept = "1" }
}

# Logs, canary and cache go.
resource "aws_api_gateway_stage" "cleared" {
  rest_api_id           = aws_api_gateway_rest_api.api.id
  stage_name            = "cleared"
  deployment_id         = aws_api_gateway_deployment.api.id
  description           = var.changed ? "" : "first"
  client_certificate_id = var.changed ? null : aws_api_gateway_client_certificate.all["one"].id
  cache_cluster_enabled = !var.changed
  cache_cluster_size    = var.changed ? null : "0.5"
  variables             = var.changed ? {} : { gone = "0" }

  dynamic "access_log_settings" {
    for_each = var.changed ? [] : [1]

    content {
      destination_arn = "arn:aws:logs:us-east-1:123456789012:log-group:one"
      format          = "$context.requestId"
    }
  }

  dynamic "canary_settings" {
    for_each = var.changed ? [] : [1]

    content {
      deployment_id = aws_api_gateway_deployment.next.id
    }
  }
}

resource "aws_api_gateway_stage" "plain" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  stage_name    = "plain"
  deployment_id = aws_api_gateway_deployment.api.id
}

data "aws_api_gateway_export" "all" {
  for_each = toset(["oas30", "swagger"])

  rest_api_id = aws_api_gateway_rest_api.api.id
  stage_name  = aws_api_gateway_stage.plain.stage_name
  export_type = each.key
  accepts     = "application/yaml"
  parameters  = { extensions = "integrations" }
}
