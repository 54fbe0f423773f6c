variable "changed" {
  type = bool
}

resource "aws_api_gateway_rest_api" "api" {
  name = "method-settings"
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

resource "aws_api_gateway_method_settings" "full" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  stage_name  = aws_api_gateway_stage.one.stage_name
  method_path = "*/*"

  settings {
    metrics_enabled                            = !var.changed
    logging_level                              = var.changed ? "INFO" : "ERROR"
    data_trace_enabled                         = !var.changed
    throttling_burst_limit                     = var.changed ? 0 : 50
    throttling_rate_limit                      = var.changed ? 0 : 12.5
    caching_enabled                            = !var.changed
    cache_ttl_in_seconds                       = var.changed ? 0 : 60
    cache_data_encrypted                       = !var.changed
    require_authorization_for_cache_control    = !var.changed
    unauthorized_cache_control_header_strategy = var.changed ? "SUCCEED_WITHOUT_RESPONSE_HEADER" : "FAIL_WITH_403"
  }
}

# Without limits of its own, and a path that must be escaped.
resource "aws_api_gateway_method_settings" "plain" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  stage_name  = aws_api_gateway_stage.one.stage_name
  method_path = "pets/{pet}/GET"

  settings {
    metrics_enabled = true
  }
}
