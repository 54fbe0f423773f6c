variable "changed" {
  type = bool
}

resource "aws_api_gateway_rest_api" "api" {
  name = "model"
}

resource "aws_api_gateway_model" "full" {
  rest_api_id  = aws_api_gateway_rest_api.api.id
  name         = "Full"
  content_type = "application/json"
  description  = var.changed ? "second" : "first"

  schema = jsonencode({
    "$schema"  = "http://json-schema.org/draft-04/schema#"
    type       = "object"
    properties = { (var.changed ? "two" : "one") = { type = "string" } }
  })
}

resource "aws_api_gateway_model" "plain" {
  rest_api_id  = aws_api_gateway_rest_api.api.id
  name         = "Plain"
  content_type = "application/json"
  schema       = jsonencode({ type = "object", properties = { name = {} } })
}
