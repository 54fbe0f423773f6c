variable "changed" {
  type = bool
}

resource "aws_api_gateway_account" "this" {
  cloudwatch_role_arn = "arn:aws:iam::123456789012:role/${var.changed ? "two" : "one"}"
  reset_on_delete     = true
}
