variable "changed" {
  type = bool
}

resource "aws_api_gateway_rest_api" "full" {
  name                         = var.changed ? "rest-api-two" : "rest-api-one"
  description                  = var.changed ? "second" : "first"
  api_key_source               = var.changed ? "AUTHORIZER" : "HEADER"
  binary_media_types           = var.changed ? ["image/png", "image/gif"] : ["image/jpeg", "image/png"]
  minimum_compression_size     = var.changed ? 2000 : 0
  disable_execute_api_endpoint = !var.changed

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "execute-api:Invoke"
      Resource  = "*"
      Condition = { IpAddress = { "aws:SourceIp" = var.changed ? "198.51.100.0/24" : "192.0.2.0/24" } }
    }]
  })

  endpoint_configuration {
    types           = ["REGIONAL"]
    ip_address_type = var.changed ? "dualstack" : "ipv4"
  }

  tags = var.changed ? { kept = "2", new = "3" } : { gone = "0", kept = "1" }
}

# What was set is cleared: the size of compression has no other way to "none".
resource "aws_api_gateway_rest_api" "cleared" {
  name                         = "rest-api-cleared"
  description                  = var.changed ? "" : "first"
  binary_media_types           = var.changed ? [] : ["*/*"]
  minimum_compression_size     = var.changed ? null : 100
  disable_execute_api_endpoint = var.changed

  endpoint_configuration {
    types = [var.changed ? "REGIONAL" : "EDGE"]
  }
}

resource "aws_api_gateway_rest_api" "private" {
  name = "rest-api-private"

  endpoint_configuration {
    types            = ["PRIVATE"]
    vpc_endpoint_ids = var.changed ? ["vpce-0123456789abcdef1", "vpce-0123456789abcdef2"] : ["vpce-0123456789abcdef0", "vpce-0123456789abcdef1"]
  }
}

resource "aws_api_gateway_rest_api" "plain" {
  name = "rest-api-plain"
}

# An API by its definition.
resource "aws_api_gateway_rest_api" "defined" {
  name              = "rest-api-defined"
  put_rest_api_mode = var.changed ? "merge" : "overwrite"
  fail_on_warnings  = var.changed
  parameters        = { basepath = var.changed ? "prepend" : "ignore" }

  body = jsonencode({
    openapi = "3.0.1"
    info    = { title = "rest-api-defined", version = "1" }
    paths = {
      (var.changed ? "/two" : "/one") = {
        get = {
          responses                         = { "200" = { description = "all" } }
          "x-amazon-apigateway-integration" = { type = "mock" }
        }
      }
    }
  })
}

data "aws_api_gateway_rest_api" "plain" {
  name = aws_api_gateway_rest_api.plain.name
}
