# Each resource but the API is refused, for a reason of its own.

resource "aws_api_gateway_rest_api" "shop" {
  name = "refused"
}

resource "aws_api_gateway_model" "taken" {
  rest_api_id  = aws_api_gateway_rest_api.shop.id
  name         = "Empty" # is there from the start
  content_type = "application/json"
  schema       = jsonencode({ type = "object", properties = { name = {} } })
}

resource "aws_api_gateway_resource" "blank" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  parent_id   = aws_api_gateway_rest_api.shop.root_resource_id
  path_part   = "a b"
}

resource "aws_api_gateway_gateway_response" "no_api" {
  rest_api_id   = "none"
  response_type = "UNAUTHORIZED"
}

resource "aws_api_gateway_deployment" "no_methods" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
}
