variable "changed" {
  type = bool
}

resource "aws_api_gateway_api_key" "full" {
  name        = var.changed ? "two" : "one"
  description = var.changed ? "second" : "first"
  enabled     = !var.changed
  customer_id = var.changed ? "customer-two" : "customer-one"
  value       = "a value of more than twenty characters"

  tags = var.changed ? { kept = "2", new = "3" } : { gone = "0", kept = "1" }
}

resource "aws_api_gateway_api_key" "plain" {
  name = "plain"
}

data "aws_api_gateway_api_key" "full" {
  id = aws_api_gateway_api_key.full.id
}

data "aws_api_gateway_api_keys" "of_customer" {
  customer_id    = aws_api_gateway_api_key.full.customer_id
  include_values = true
}
