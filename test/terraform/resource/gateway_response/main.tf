variable "changed" {
  type = bool
}

resource "aws_api_gateway_rest_api" "api" {
  name = "gateway-response"
}

resource "aws_api_gateway_gateway_response" "full" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  response_type = "UNAUTHORIZED"
  status_code   = var.changed ? "403" : "401"

  response_parameters = merge(
    { "gatewayresponse.header.X-Kept" = var.changed ? "'two'" : "method.request.header.X-One" },
    var.changed ? { "gatewayresponse.header.X-New" = "'new'" } : { "gatewayresponse.header.X-Gone" = "'gone'" },
  )

  response_templates = merge(
    { "application/json" = jsonencode({ message = "$context.error.messageString", changed = var.changed }) },
    var.changed ? { "application/xml" = "<error/>" } : { "text/plain" = "$context.error.message" },
  )
}

resource "aws_api_gateway_gateway_response" "plain" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  response_type = "DEFAULT_4XX"

  # What comes back when nothing is sent; the provider wants to see nothing.
  response_templates = { "application/json" = "{\"message\":$context.error.messageString}" }
}
