variable "changed" {
  type = bool
}

locals {
  certificate = "arn:aws:acm:us-east-1:123456789012:certificate/${var.changed ? "two" : "one"}"
}

resource "aws_api_gateway_domain_name" "edge" {
  domain_name     = "edge.example.com"
  certificate_arn = local.certificate
  security_policy = var.changed ? "TLS_1_2" : "TLS_1_0"

  tags = var.changed ? { kept = "2", new = "3" } : { gone = "0", kept = "1" }
}

resource "aws_api_gateway_domain_name" "regional" {
  domain_name                            = "*.example.com"
  regional_certificate_arn               = local.certificate
  ownership_verification_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/${var.changed ? "owner" : "owned"}"
  security_policy                        = "TLS_1_2"

  endpoint_configuration {
    types           = ["REGIONAL"]
    ip_address_type = var.changed ? "dualstack" : "ipv4"
  }

  mutual_tls_authentication {
    truststore_uri     = "s3://shop/${var.changed ? "two" : "one"}.pem"
    truststore_version = var.changed ? "2" : "1"
  }
}

resource "aws_api_gateway_domain_name" "plain" {
  domain_name              = "plain.example.com"
  regional_certificate_arn = local.certificate

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_domain_name" "uploaded" {
  domain_name             = "uploaded.example.com"
  certificate_name        = var.changed ? "uploaded-two" : "uploaded-one"
  certificate_body        = file("${path.module}/certificate.pem")
  certificate_chain       = file("${path.module}/certificate.pem")
  certificate_private_key = file("${path.module}/key.pem")
}

resource "aws_api_gateway_domain_name" "uploaded_regional" {
  domain_name               = "uploaded-regional.example.com"
  regional_certificate_name = var.changed ? "uploaded-two" : "uploaded-one"
  certificate_body          = file("${path.module}/certificate.pem")
  certificate_chain         = file("${path.module}/certificate.pem")
  certificate_private_key   = file("${path.module}/key.pem")

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_domain_name" "private" {
  domain_name     = "domain.internal"
  certificate_arn = local.certificate

  endpoint_configuration {
    types = ["PRIVATE"]
  }

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "execute-api:Invoke"
      Resource  = "execute-api:/*"
      Condition = { StringEquals = { "aws:SourceVpce" = var.changed ? "vpce-2" : "vpce-1" } }
    }]
  })
}

data "aws_api_gateway_domain_name" "edge" {
  domain_name = aws_api_gateway_domain_name.edge.domain_name
}

data "aws_api_gateway_domain_name" "private" {
  domain_name    = aws_api_gateway_domain_name.private.domain_name
  domain_name_id = aws_api_gateway_domain_name.private.domain_name_id
}
