variable "retention" {
  default = 7
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/postern/access"
  retention_in_days = var.retention
  tags              = { stage = "dev" }
}

resource "aws_cloudwatch_log_group" "forever" {
  name_prefix = "postern-"
}

resource "aws_cloudwatch_log_stream" "node" {
  name           = "node/1"
  log_group_name = aws_cloudwatch_log_group.access.name
}

data "aws_cloudwatch_log_group" "access" {
  name       = "/postern/access"
  depends_on = [aws_cloudwatch_log_group.access]
}

resource "aws_api_gateway_rest_api" "api" {
  name = "logged"
}

resource "aws_api_gateway_resource" "hello" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id   = aws_api_gateway_rest_api.api.root_resource_id
  path_part   = "hello"
}

resource "aws_api_gateway_method" "hello" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  resource_id   = aws_api_gateway_resource.hello.id
  http_method   = "GET"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "hello" {
  rest_api_id       = aws_api_gateway_rest_api.api.id
  resource_id       = aws_api_gateway_resource.hello.id
  http_method       = aws_api_gateway_method.hello.http_method
  type              = "MOCK"
  request_templates = { "application/json" = jsonencode({ statusCode = 200 }) }
}

resource "aws_api_gateway_deployment" "api" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  depends_on  = [aws_api_gateway_integration.hello]
}

resource "aws_api_gateway_stage" "dev" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  deployment_id = aws_api_gateway_deployment.api.id
  stage_name    = "dev"

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format          = "$context.requestId $context.status"
  }
}

output "arn" {
  value = data.aws_cloudwatch_log_group.access.arn
}
