variable "backend" {
  description = "URL that the proxied methods call"
}

# The four variables below are what the test changes in place.

variable "greeting" {
  description = "body of GET /greeting"
  default     = "hello"
}

variable "release" {
  description = "name of the release, in a stage variable and a tag"
  default     = "one"
}

variable "canary_percent" {
  description = "share of the canary; negative: there is none"
  default     = -1
}

variable "throttle" {
  description = "burst limit of all methods"
  default     = 50
}

resource "aws_api_gateway_rest_api" "shop" {
  name        = "shop"
  description = "release ${var.release}"

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  tags = {
    release = var.release
  }
}

resource "aws_api_gateway_resource" "greeting" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  parent_id   = aws_api_gateway_rest_api.shop.root_resource_id
  path_part   = "greeting"
}

resource "aws_api_gateway_resource" "orders" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  parent_id   = aws_api_gateway_rest_api.shop.root_resource_id
  path_part   = "orders"
}

resource "aws_api_gateway_resource" "order" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  parent_id   = aws_api_gateway_resource.orders.id
  path_part   = "{order}"
}

resource "aws_api_gateway_resource" "files" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  parent_id   = aws_api_gateway_rest_api.shop.root_resource_id
  path_part   = "files"
}

resource "aws_api_gateway_resource" "file" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  parent_id   = aws_api_gateway_resource.files.id
  path_part   = "{file+}"
}

# A method that answers itself.

resource "aws_api_gateway_method" "greeting" {
  rest_api_id   = aws_api_gateway_rest_api.shop.id
  resource_id   = aws_api_gateway_resource.greeting.id
  http_method   = "GET"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "greeting" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  resource_id = aws_api_gateway_resource.greeting.id
  http_method = aws_api_gateway_method.greeting.http_method
  type        = "MOCK"

  request_templates = {
    "application/json" = jsonencode({ statusCode = 200 })
  }
}

resource "aws_api_gateway_method_response" "greeting" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  resource_id = aws_api_gateway_resource.greeting.id
  http_method = aws_api_gateway_method.greeting.http_method
  status_code = "200"

  response_parameters = {
    "method.response.header.X-Release" = true
    "method.response.header.X-Stage"   = false
  }
}

resource "aws_api_gateway_integration_response" "greeting" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  resource_id = aws_api_gateway_resource.greeting.id
  http_method = aws_api_gateway_method.greeting.http_method
  status_code = aws_api_gateway_method_response.greeting.status_code

  response_parameters = {
    "method.response.header.X-Release" = "stageVariables.release"
    "method.response.header.X-Stage"   = "context.stage"
  }

  response_templates = {
    "application/json" = var.greeting
  }

  depends_on = [aws_api_gateway_integration.greeting]
}

resource "aws_api_gateway_method" "cors" {
  rest_api_id   = aws_api_gateway_rest_api.shop.id
  resource_id   = aws_api_gateway_resource.greeting.id
  http_method   = "OPTIONS"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "cors" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  resource_id = aws_api_gateway_resource.greeting.id
  http_method = aws_api_gateway_method.cors.http_method
  type        = "MOCK"

  request_templates = {
    "application/json" = jsonencode({ statusCode = 204 })
  }
}

resource "aws_api_gateway_method_response" "cors" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  resource_id = aws_api_gateway_resource.greeting.id
  http_method = aws_api_gateway_method.cors.http_method
  status_code = "204"

  response_parameters = {
    "method.response.header.Access-Control-Allow-Origin" = true
  }
}

resource "aws_api_gateway_integration_response" "cors" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  resource_id = aws_api_gateway_resource.greeting.id
  http_method = aws_api_gateway_method.cors.http_method
  status_code = aws_api_gateway_method_response.cors.status_code

  selection_pattern = "204"

  response_parameters = {
    "method.response.header.Access-Control-Allow-Origin" = "'*'"
  }

  depends_on = [aws_api_gateway_integration.cors]
}

# Methods that are proxied.

resource "aws_api_gateway_method" "orders" {
  for_each = toset(["GET", "POST"])

  rest_api_id   = aws_api_gateway_rest_api.shop.id
  resource_id   = aws_api_gateway_resource.orders.id
  http_method   = each.key
  authorization = "NONE"

  request_parameters = {
    "method.request.querystring.page" = false
  }
}

resource "aws_api_gateway_integration" "orders" {
  for_each = aws_api_gateway_method.orders

  rest_api_id             = aws_api_gateway_rest_api.shop.id
  resource_id             = aws_api_gateway_resource.orders.id
  http_method             = each.value.http_method
  type                    = "HTTP_PROXY"
  integration_http_method = each.value.http_method
  uri                     = "${var.backend}/orders"
  timeout_milliseconds    = 10000

  request_parameters = {
    "integration.request.querystring.number" = "method.request.querystring.page"
    "integration.request.header.X-Release"   = "stageVariables.release"
  }
}

resource "aws_api_gateway_method" "order" {
  rest_api_id   = aws_api_gateway_rest_api.shop.id
  resource_id   = aws_api_gateway_resource.order.id
  http_method   = "GET"
  authorization = "NONE"

  request_parameters = {
    "method.request.path.order" = true
  }
}

resource "aws_api_gateway_integration" "order" {
  rest_api_id             = aws_api_gateway_rest_api.shop.id
  resource_id             = aws_api_gateway_resource.order.id
  http_method             = aws_api_gateway_method.order.http_method
  type                    = "HTTP"
  integration_http_method = "GET"
  uri                     = "${var.backend}/orders/{order}"
  passthrough_behavior    = "WHEN_NO_TEMPLATES"

  request_parameters = {
    "integration.request.path.order" = "method.request.path.order"
  }
}

resource "aws_api_gateway_method_response" "order" {
  for_each = toset(["200", "404"])

  rest_api_id = aws_api_gateway_rest_api.shop.id
  resource_id = aws_api_gateway_resource.order.id
  http_method = aws_api_gateway_method.order.http_method
  status_code = each.key
}

resource "aws_api_gateway_integration_response" "order" {
  for_each = { "200" = null, "404" = "4\\d\\d" }

  rest_api_id       = aws_api_gateway_rest_api.shop.id
  resource_id       = aws_api_gateway_resource.order.id
  http_method       = aws_api_gateway_method.order.http_method
  status_code       = aws_api_gateway_method_response.order[each.key].status_code
  selection_pattern = each.value

  depends_on = [aws_api_gateway_integration.order]
}

resource "aws_api_gateway_method" "file" {
  rest_api_id   = aws_api_gateway_rest_api.shop.id
  resource_id   = aws_api_gateway_resource.file.id
  http_method   = "ANY"
  authorization = "NONE"

  request_parameters = {
    "method.request.path.file" = true
  }
}

resource "aws_api_gateway_integration" "file" {
  rest_api_id             = aws_api_gateway_rest_api.shop.id
  resource_id             = aws_api_gateway_resource.file.id
  http_method             = aws_api_gateway_method.file.http_method
  type                    = "HTTP_PROXY"
  integration_http_method = "ANY"
  uri                     = "${var.backend}/files/{file}"

  request_parameters = {
    "integration.request.path.file" = "method.request.path.file"
  }
}
