resource "aws_api_gateway_deployment" "shop" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  description = "release ${var.release}"

  triggers = {
    # Attributes rather than whole resources: those have more attributes after
    # the first refresh than after they were made.
    definition = sha1(jsonencode([
      aws_api_gateway_integration_response.greeting.response_templates,
      aws_api_gateway_integration_response.cors.response_parameters,
      [for integration in aws_api_gateway_integration.orders : integration.uri],
      aws_api_gateway_integration.order.uri,
      [for response in aws_api_gateway_integration_response.order : response.status_code],
      aws_api_gateway_integration.file.uri,
    ]))
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "prod" {
  rest_api_id   = aws_api_gateway_rest_api.shop.id
  deployment_id = aws_api_gateway_deployment.shop.id
  stage_name    = "prod"
  description   = "release ${var.release}"

  cache_cluster_enabled = true
  cache_cluster_size    = "0.5"
  xray_tracing_enabled  = true

  variables = {
    release = var.release
    region  = "north"
  }

  access_log_settings {
    destination_arn = "arn:aws:logs:us-east-1:123456789012:log-group:shop"
    format          = "$context.requestId $context.status"
  }

  dynamic "canary_settings" {
    for_each = var.canary_percent < 0 ? [] : [var.canary_percent]

    content {
      deployment_id   = aws_api_gateway_deployment.shop.id
      percent_traffic = canary_settings.value

      stage_variable_overrides = {
        release = "canary"
      }
    }
  }

  tags = {
    release = var.release
  }
}

resource "aws_api_gateway_stage" "test" {
  rest_api_id   = aws_api_gateway_rest_api.shop.id
  deployment_id = aws_api_gateway_deployment.shop.id
  stage_name    = "test"
}

resource "aws_api_gateway_method_settings" "all" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  stage_name  = aws_api_gateway_stage.prod.stage_name
  method_path = "*/*"

  settings {
    metrics_enabled        = true
    logging_level          = "ERROR"
    throttling_burst_limit = var.throttle
    throttling_rate_limit  = 100
  }
}

resource "aws_api_gateway_method_settings" "order" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  stage_name  = aws_api_gateway_stage.prod.stage_name
  method_path = "orders/{order}/GET"

  settings {
    caching_enabled      = true
    cache_ttl_in_seconds = 60
  }
}

output "api" {
  value = aws_api_gateway_rest_api.shop.id
}

output "deployment" {
  value = aws_api_gateway_deployment.shop.id
}

output "arn" {
  value = aws_api_gateway_stage.prod.execution_arn
}
