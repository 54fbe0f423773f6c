variable "changed" {
  type = bool
}

resource "aws_api_gateway_rest_api" "api" {
  name = "authorizer"
}

locals {
  functions = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function"
  pools     = "arn:aws:cognito-idp:us-east-1:123456789012:userpool"
}

resource "aws_api_gateway_authorizer" "token" {
  rest_api_id                      = aws_api_gateway_rest_api.api.id
  name                             = var.changed ? "token-two" : "token-one"
  type                             = "TOKEN"
  authorizer_uri                   = "${local.functions}:${var.changed ? "two" : "one"}/invocations"
  authorizer_credentials           = "arn:aws:iam::123456789012:role/${var.changed ? "two" : "one"}"
  authorizer_result_ttl_in_seconds = var.changed ? 0 : 60
  identity_source                  = "method.request.header.${var.changed ? "X-Token" : "Authorization"}"
  identity_validation_expression   = var.changed ? "two .*" : "one .*"
}

resource "aws_api_gateway_authorizer" "plain" {
  rest_api_id    = aws_api_gateway_rest_api.api.id
  name           = "plain"
  authorizer_uri = "${local.functions}:plain/invocations"
}

# Another kind of function.
resource "aws_api_gateway_authorizer" "request" {
  rest_api_id     = aws_api_gateway_rest_api.api.id
  name            = "request"
  type            = var.changed ? "REQUEST" : "TOKEN"
  authorizer_uri  = "${local.functions}:request/invocations"
  identity_source = var.changed ? "method.request.header.Authorization,method.request.querystring.user" : "method.request.header.Authorization"
}

resource "aws_api_gateway_authorizer" "pool" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  name          = "pool"
  type          = "COGNITO_USER_POOLS"
  provider_arns = var.changed ? ["${local.pools}/us-east-1_two", "${local.pools}/us-east-1_three"] : ["${local.pools}/us-east-1_one", "${local.pools}/us-east-1_two"]
}

data "aws_api_gateway_authorizer" "token" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  authorizer_id = aws_api_gateway_authorizer.token.id
}

data "aws_api_gateway_authorizers" "all" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  depends_on  = [aws_api_gateway_authorizer.plain, aws_api_gateway_authorizer.pool]
}
