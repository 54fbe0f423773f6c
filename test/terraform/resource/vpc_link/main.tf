variable "changed" {
  type = bool
}

resource "aws_api_gateway_vpc_link" "full" {
  name        = var.changed ? "link-two" : "link-one"
  description = var.changed ? "second" : "first"
  target_arns = ["arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/one/1"]

  tags = var.changed ? { kept = "2", new = "3" } : { gone = "0", kept = "1" }
}

resource "aws_api_gateway_vpc_link" "plain" {
  name        = "link-plain"
  target_arns = ["arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/two/2"]
}

data "aws_api_gateway_vpc_link" "plain" {
  name       = aws_api_gateway_vpc_link.plain.name
  depends_on = [aws_api_gateway_vpc_link.plain]
}
