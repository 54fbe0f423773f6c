variable "changed" {
  type = bool
}

resource "aws_api_gateway_domain_name" "private" {
  domain_name     = "association.internal"
  certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/one"

  endpoint_configuration {
    types = ["PRIVATE"]
  }
}

resource "aws_api_gateway_domain_name_access_association" "full" {
  domain_name_arn                = aws_api_gateway_domain_name.private.arn
  access_association_source_type = "VPCE"
  access_association_source      = "vpce-0123456789abcdef0"

  tags = var.changed ? { kept = "2", new = "3" } : { gone = "0", kept = "1" }
}

resource "aws_api_gateway_domain_name_access_association" "plain" {
  domain_name_arn                = aws_api_gateway_domain_name.private.arn
  access_association_source_type = "VPCE"
  access_association_source      = "vpce-0123456789abcdef1"
}
