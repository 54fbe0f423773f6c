variable "changed" {
  type = bool
}

resource "aws_api_gateway_rest_api" "api" {
  name = "documentation-part"
}

resource "aws_api_gateway_documentation_part" "api" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  properties  = jsonencode({ description = var.changed ? "two" : "one" })

  location {
    type = "API"
  }
}

resource "aws_api_gateway_documentation_part" "parameter" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  properties  = jsonencode({ description = "the page" })

  location {
    type   = "QUERY_PARAMETER"
    path   = "/pets"
    method = "GET"
    name   = "page"
  }
}

resource "aws_api_gateway_documentation_part" "response" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  properties  = jsonencode({ description = "not there" })

  location {
    type        = "RESPONSE"
    path        = "/pets"
    method      = "GET"
    status_code = "404"
  }
}
