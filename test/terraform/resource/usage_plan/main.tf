variable "changed" {
  type = bool
}

resource "aws_api_gateway_rest_api" "api" {
  name = "usage-plan"
}

resource "aws_api_gateway_method" "get" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  resource_id   = aws_api_gateway_rest_api.api.root_resource_id
  http_method   = "GET"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "get" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = aws_api_gateway_rest_api.api.root_resource_id
  http_method = aws_api_gateway_method.get.http_method
  type        = "MOCK"
}

resource "aws_api_gateway_deployment" "api" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  depends_on  = [aws_api_gateway_integration.get]
}

resource "aws_api_gateway_stage" "one" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  deployment_id = aws_api_gateway_deployment.api.id
  stage_name    = "one"
}

resource "aws_api_gateway_stage" "two" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  deployment_id = aws_api_gateway_deployment.api.id
  stage_name    = "two"
}

resource "aws_api_gateway_usage_plan" "full" {
  name         = var.changed ? "plan-two" : "plan-one"
  description  = var.changed ? "second" : "first"
  product_code = var.changed ? "product-two" : "product-one"

  api_stages {
    api_id = aws_api_gateway_rest_api.api.id
    stage  = aws_api_gateway_stage.one.stage_name

    throttle {
      path        = "//GET"
      burst_limit = var.changed ? 0 : 5
      rate_limit  = var.changed ? 0 : 2.5
    }
  }

  dynamic "api_stages" {
    for_each = var.changed ? [1] : []

    content {
      api_id = aws_api_gateway_rest_api.api.id
      stage  = aws_api_gateway_stage.two.stage_name
    }
  }

  quota_settings {
    limit  = var.changed ? 200 : 100
    period = var.changed ? "MONTH" : "WEEK"
    offset = var.changed ? 2 : 1
  }

  throttle_settings {
    burst_limit = var.changed ? 0 : 10
    rate_limit  = var.changed ? 0 : 7.5
  }

  tags = var.changed ? { kept = "2", new = "3" } : { gone = "0", kept = "1" }
}

# Limits and stages go.
resource "aws_api_gateway_usage_plan" "cleared" {
  name         = "plan-cleared"
  description  = var.changed ? "" : "first"
  product_code = var.changed ? null : "product"

  dynamic "api_stages" {
    for_each = var.changed ? [] : [1]

    content {
      api_id = aws_api_gateway_rest_api.api.id
      stage  = aws_api_gateway_stage.two.stage_name
    }
  }

  dynamic "quota_settings" {
    for_each = var.changed ? [] : [1]

    content {
      limit  = 10
      period = "DAY"
    }
  }

  dynamic "throttle_settings" {
    for_each = var.changed ? [] : [1]

    content {
      rate_limit = 1
    }
  }
}

resource "aws_api_gateway_usage_plan" "plain" {
  name = "plan-plain"
}
