variable "changed" {
  type = bool
}

resource "aws_api_gateway_rest_api" "api" {
  name = "request-validator"
}

resource "aws_api_gateway_request_validator" "full" {
  rest_api_id                 = aws_api_gateway_rest_api.api.id
  name                        = var.changed ? "two" : "one"
  validate_request_body       = !var.changed
  validate_request_parameters = var.changed
}

resource "aws_api_gateway_request_validator" "plain" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  name        = "plain"
}
