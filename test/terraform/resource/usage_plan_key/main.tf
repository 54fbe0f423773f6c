variable "changed" {
  type = bool
}

resource "aws_api_gateway_usage_plan" "plan" {
  name = "plan-with-keys"
}

resource "aws_api_gateway_api_key" "keys" {
  for_each = toset(["one", "two"])

  name        = "planned-${each.key}"
  description = var.changed ? "second" : "first"
}

resource "aws_api_gateway_usage_plan_key" "keys" {
  for_each = aws_api_gateway_api_key.keys

  usage_plan_id = aws_api_gateway_usage_plan.plan.id
  key_id        = each.value.id
  key_type      = "API_KEY"
}
