resource "aws_api_gateway_domain_name" "shop" {
  domain_name              = "shop.example.com"
  regional_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/shop"
  security_policy          = "TLS_1_2"

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  mutual_tls_authentication {
    truststore_uri = "s3://shop/trust.pem"
  }

  tags = {
    release = var.release
  }
}

resource "aws_api_gateway_domain_name" "private" {
  domain_name     = "shop.internal"
  certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/internal"
  security_policy = "TLS_1_2"

  endpoint_configuration {
    types = ["PRIVATE"]
  }

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "execute-api:Invoke"
      Resource  = ["execute-api:/*"]
    }]
  })
}

resource "aws_api_gateway_domain_name_access_association" "private" {
  domain_name_arn                = aws_api_gateway_domain_name.private.arn
  access_association_source_type = "VPCE"
  access_association_source      = "vpce-0123456789abcdef0"

  tags = {
    release = var.release
  }
}

# The first leads everywhere that the second does not; the second is renamed in
# place.

resource "aws_api_gateway_base_path_mapping" "rest" {
  api_id      = aws_api_gateway_rest_api.shop.id
  domain_name = aws_api_gateway_domain_name.shop.domain_name
}

resource "aws_api_gateway_base_path_mapping" "release" {
  api_id      = aws_api_gateway_rest_api.shop.id
  stage_name  = aws_api_gateway_stage.prod.stage_name
  domain_name = aws_api_gateway_domain_name.shop.domain_name
  base_path   = var.release
}

resource "aws_api_gateway_base_path_mapping" "private" {
  api_id         = aws_api_gateway_rest_api.shop.id
  stage_name     = aws_api_gateway_stage.prod.stage_name
  domain_name    = aws_api_gateway_domain_name.private.domain_name
  domain_name_id = aws_api_gateway_domain_name.private.domain_name_id
}

resource "aws_api_gateway_vpc_link" "backend" {
  name        = "backend ${var.release}"
  target_arns = ["arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/backend/1"]

  tags = {
    release = var.release
  }
}
