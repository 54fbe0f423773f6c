variable "changed" {
  type = bool
}

resource "aws_api_gateway_rest_api" "api" {
  name = "rest-api-policy"
}

resource "aws_api_gateway_rest_api_policy" "full" {
  rest_api_id = aws_api_gateway_rest_api.api.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = var.changed ? "Allow" : "Deny"
      Principal = { AWS = "*" }
      Action    = "execute-api:Invoke"
      Resource  = "${aws_api_gateway_rest_api.api.execution_arn}/*"
      Condition = { StringEquals = { "aws:SourceVpc" = var.changed ? "vpc-2" : "vpc-1" } }
    }]
  })
}
