variable "changed" {
  type = bool
}

resource "aws_api_gateway_rest_api" "api" {
  name = "integration-response"
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

resource "aws_api_gateway_method_response" "get" {
  for_each = toset(["200", "404"])

  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = aws_api_gateway_rest_api.api.root_resource_id
  http_method = aws_api_gateway_method.get.http_method
  status_code = each.key

  response_parameters = {
    "method.response.header.X-Kept" = true
    "method.response.header.X-New"  = true
    "method.response.header.X-Gone" = true
  }
}

resource "aws_api_gateway_integration_response" "full" {
  rest_api_id       = aws_api_gateway_rest_api.api.id
  resource_id       = aws_api_gateway_rest_api.api.root_resource_id
  http_method       = aws_api_gateway_integration.get.http_method
  status_code       = aws_api_gateway_method_response.get["404"].status_code
  selection_pattern = var.changed ? "404" : "4\\d\\d"
  content_handling  = var.changed ? "CONVERT_TO_TEXT" : "CONVERT_TO_BINARY"

  response_parameters = merge(
    { "method.response.header.X-Kept" = var.changed ? "'two'" : "integration.response.header.X-One" },
    var.changed ? { "method.response.header.X-New" = "'new'" } : { "method.response.header.X-Gone" = "'gone'" },
  )

  response_templates = merge(
    { "application/json" = var.changed ? "two" : "one" },
    var.changed ? { "application/xml" = "<new/>" } : { "text/plain" = "gone" },
  )
}

resource "aws_api_gateway_integration_response" "plain" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = aws_api_gateway_rest_api.api.root_resource_id
  http_method = aws_api_gateway_integration.get.http_method
  status_code = aws_api_gateway_method_response.get["200"].status_code
}
