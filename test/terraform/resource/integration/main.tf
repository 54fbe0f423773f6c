variable "changed" {
  type = bool
}

resource "aws_api_gateway_rest_api" "api" {
  name = "integration"
}

resource "aws_api_gateway_vpc_link" "link" {
  name        = "integration"
  target_arns = ["arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/one/1"]
}

resource "aws_api_gateway_method" "all" {
  for_each = toset(["DELETE", "GET", "PATCH", "POST", "PUT"])

  rest_api_id   = aws_api_gateway_rest_api.api.id
  resource_id   = aws_api_gateway_rest_api.api.root_resource_id
  http_method   = each.key
  authorization = "NONE"

  request_parameters = {
    "method.request.header.X-One"     = false
    "method.request.querystring.page" = false
    "method.request.querystring.size" = false
  }
}

resource "aws_api_gateway_integration" "full" {
  rest_api_id             = aws_api_gateway_rest_api.api.id
  resource_id             = aws_api_gateway_rest_api.api.root_resource_id
  http_method             = aws_api_gateway_method.all["GET"].http_method
  type                    = "HTTP"
  integration_http_method = "POST"
  uri                     = "https://example.com/${var.changed ? "two" : "one"}"
  passthrough_behavior    = "WHEN_NO_TEMPLATES"
  timeout_milliseconds    = var.changed ? 2000 : 1000
  content_handling        = var.changed ? "CONVERT_TO_BINARY" : "CONVERT_TO_TEXT"
  cache_namespace         = var.changed ? "two" : "one"
  cache_key_parameters    = var.changed ? ["method.request.querystring.page", "method.request.header.X-One"] : ["method.request.querystring.page", "method.request.querystring.size"]

  request_parameters = merge(
    { "integration.request.header.X-Kept" = var.changed ? "'two'" : "method.request.header.X-One" },
    var.changed ? { "integration.request.querystring.page" = "method.request.querystring.page" } : { "integration.request.header.X-Gone" = "'gone'" },
  )

  request_templates = merge(
    { "application/json" = var.changed ? "two" : "one" },
    var.changed ? { "application/xml" = "new" } : { "text/plain" = "gone" },
  )

  tls_config {
    insecure_skip_verification = !var.changed
  }
}

resource "aws_api_gateway_integration" "plain" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = aws_api_gateway_rest_api.api.root_resource_id
  http_method = aws_api_gateway_method.all["PUT"].http_method
  type        = "MOCK"
}

resource "aws_api_gateway_integration" "service" {
  rest_api_id             = aws_api_gateway_rest_api.api.id
  resource_id             = aws_api_gateway_rest_api.api.root_resource_id
  http_method             = aws_api_gateway_method.all["POST"].http_method
  type                    = "AWS"
  integration_http_method = "POST"
  uri                     = "arn:aws:apigateway:us-east-1:sqs:path/123456789012/${var.changed ? "two" : "one"}"
  credentials             = "arn:aws:iam::123456789012:role/one"
}

resource "aws_api_gateway_integration" "function" {
  rest_api_id             = aws_api_gateway_rest_api.api.id
  resource_id             = aws_api_gateway_rest_api.api.root_resource_id
  http_method             = aws_api_gateway_method.all["PATCH"].http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:${var.changed ? "two" : "one"}/invocations"
}

resource "aws_api_gateway_integration" "linked" {
  rest_api_id             = aws_api_gateway_rest_api.api.id
  resource_id             = aws_api_gateway_rest_api.api.root_resource_id
  http_method             = aws_api_gateway_method.all["DELETE"].http_method
  type                    = "HTTP_PROXY"
  integration_http_method = "ANY"
  uri                     = "http://example.com/"
  connection_type         = var.changed ? "VPC_LINK" : "INTERNET"
  connection_id           = var.changed ? aws_api_gateway_vpc_link.link.id : null
}
