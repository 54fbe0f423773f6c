variable "changed" {
  type = bool
}

resource "aws_api_gateway_rest_api" "api" {
  name = "rest-api-put"

  # The body brings a description and more.
  lifecycle {
    ignore_changes = all
  }
}

resource "aws_api_gateway_rest_api_put" "full" {
  rest_api_id      = aws_api_gateway_rest_api.api.id
  fail_on_warnings = true
  parameters       = { basepath = "ignore" }
  triggers         = { release = var.changed ? "two" : "one" }

  body = jsonencode({
    openapi = "3.0.1"
    info    = { title = "rest-api-put", version = "1" }
    paths = {
      (var.changed ? "/two" : "/one") = {
        get = {
          responses                         = { "200" = { description = "all" } }
          "x-amazon-apigateway-integration" = { type = "mock" }
        }
      }
    }
  })

  timeouts {
    create = "1m"
  }
}
