variable "changed" {
  type = bool
}

resource "aws_api_gateway_rest_api" "api" {
  name = "documentation-version"
}

resource "aws_api_gateway_documentation_part" "api" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  properties  = "{\"description\":\"a shop\"}"

  location {
    type = "API"
  }
}

resource "aws_api_gateway_documentation_version" "full" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  version     = "one"
  description = var.changed ? "second" : "first"
  depends_on  = [aws_api_gateway_documentation_part.api]
}

resource "aws_api_gateway_documentation_version" "plain" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  version     = "plain"
  depends_on  = [aws_api_gateway_documentation_part.api]
}
