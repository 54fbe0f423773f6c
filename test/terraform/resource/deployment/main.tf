variable "changed" {
  type = bool
}

resource "aws_api_gateway_rest_api" "api" {
  name = "deployment"
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

resource "aws_api_gateway_deployment" "alone" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  description = var.changed ? "second" : "first"
  triggers    = { definition = aws_api_gateway_integration.get.type }
}

# A deployment that makes a stage, and one that is its canary.

resource "aws_api_gateway_deployment" "staged" {
  rest_api_id       = aws_api_gateway_rest_api.api.id
  stage_name        = "staged"
  stage_description = "made with its deployment"
  description       = var.changed ? "" : "first"
  variables         = { release = "one" }
  depends_on        = [aws_api_gateway_integration.get]
}

resource "aws_api_gateway_deployment" "canary" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  stage_name  = aws_api_gateway_deployment.staged.stage_name

  canary_settings {
    percent_traffic          = 12.5
    stage_variable_overrides = { release = "two" }
    use_stage_cache          = true
  }
}
