variable "changed" {
  type = bool
}

resource "aws_api_gateway_client_certificate" "full" {
  description = var.changed ? "second" : "first"

  tags = var.changed ? { kept = "2", new = "3" } : { gone = "0", kept = "1" }
}

resource "aws_api_gateway_client_certificate" "plain" {}
