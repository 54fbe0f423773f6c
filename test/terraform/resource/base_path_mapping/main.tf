variable "changed" {
  type = bool
}

resource "aws_api_gateway_rest_api" "api" {
  name = "base-path-mapping"
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

resource "aws_api_gateway_stage" "one" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  deployment_id = aws_api_gateway_deployment.api.id
  stage_name    = "one"
}

resource "aws_api_gateway_rest_api" "other" {
  name = "base-path-mapping-other"
}

resource "aws_api_gateway_domain_name" "public" {
  domain_name              = "mapping.example.com"
  regional_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/one"

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_domain_name" "private" {
  domain_name     = "mapping.internal"
  certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/one"

  endpoint_configuration {
    types = ["PRIVATE"]
  }
}

resource "aws_api_gateway_base_path_mapping" "plain" {
  domain_name = aws_api_gateway_domain_name.public.domain_name
  api_id      = var.changed ? aws_api_gateway_rest_api.other.id : aws_api_gateway_rest_api.api.id
}

resource "aws_api_gateway_base_path_mapping" "full" {
  domain_name = aws_api_gateway_domain_name.public.domain_name
  api_id      = aws_api_gateway_rest_api.api.id
  base_path   = var.changed ? "v2" : "v1"
  stage_name  = var.changed ? null : aws_api_gateway_stage.one.stage_name
}

resource "aws_api_gateway_base_path_mapping" "private" {
  domain_name    = aws_api_gateway_domain_name.private.domain_name
  domain_name_id = aws_api_gateway_domain_name.private.domain_name_id
  api_id         = aws_api_gateway_rest_api.api.id
  base_path      = "deep"
  stage_name     = var.changed ? aws_api_gateway_stage.one.stage_name : null
}
