variable "changed" {
  type = bool
}

resource "aws_api_gateway_rest_api" "api" {
  name = "method-response"
}

resource "aws_api_gateway_method" "get" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  resource_id   = aws_api_gateway_rest_api.api.root_resource_id
  http_method   = "GET"
  authorization = "NONE"
}

resource "aws_api_gateway_method_response" "full" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = aws_api_gateway_rest_api.api.root_resource_id
  http_method = aws_api_gateway_method.get.http_method
  status_code = "200"

  response_models = merge(
    { "application/json" = var.changed ? "Error" : "Empty" },
    var.changed ? { "application/xml" = "Empty" } : { "text/plain" = "Error" },
  )

  response_parameters = merge(
    { "method.response.header.X-Kept" = var.changed },
    var.changed ? { "method.response.header.X-New" = true } : { "method.response.header.X-Gone" = false },
  )
}

resource "aws_api_gateway_method_response" "plain" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = aws_api_gateway_rest_api.api.root_resource_id
  http_method = aws_api_gateway_method.get.http_method
  status_code = "404"
}
