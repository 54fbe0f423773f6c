variable "changed" {
  type = bool
}

resource "aws_api_gateway_rest_api" "api" {
  name = "method"
}

resource "aws_api_gateway_model" "all" {
  for_each = toset(["one", "two"])

  rest_api_id  = aws_api_gateway_rest_api.api.id
  name         = each.key
  content_type = "application/json"
  schema       = jsonencode({ type = "object", properties = { name = { type = "string" } } })
}

resource "aws_api_gateway_request_validator" "all" {
  for_each = toset(["one", "two"])

  rest_api_id                 = aws_api_gateway_rest_api.api.id
  name                        = each.key
  validate_request_parameters = true
}

resource "aws_api_gateway_authorizer" "all" {
  for_each = toset(["one", "two"])

  rest_api_id   = aws_api_gateway_rest_api.api.id
  name          = each.key
  type          = "COGNITO_USER_POOLS"
  provider_arns = ["arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_${each.key}"]
}

resource "aws_api_gateway_method" "full" {
  rest_api_id          = aws_api_gateway_rest_api.api.id
  resource_id          = aws_api_gateway_rest_api.api.root_resource_id
  http_method          = "POST"
  authorization        = "COGNITO_USER_POOLS"
  authorizer_id        = aws_api_gateway_authorizer.all[var.changed ? "two" : "one"].id
  authorization_scopes = var.changed ? ["shop/two", "shop/three"] : ["shop/one", "shop/two"]
  api_key_required     = !var.changed
  operation_name       = var.changed ? "two" : "one"
  request_validator_id = aws_api_gateway_request_validator.all[var.changed ? "two" : "one"].id

  request_models = merge(
    { "application/json" = aws_api_gateway_model.all[var.changed ? "two" : "one"].name },
    var.changed ? { "application/xml" = "Empty" } : { "text/plain" = "Error" },
  )

  request_parameters = merge(
    { "method.request.header.X-Kept" = var.changed },
    var.changed ? { "method.request.querystring.new" = true } : { "method.request.querystring.gone" = false },
  )
}

# From a user of AWS to nobody, and back to nothing.
resource "aws_api_gateway_method" "cleared" {
  rest_api_id          = aws_api_gateway_rest_api.api.id
  resource_id          = aws_api_gateway_rest_api.api.root_resource_id
  http_method          = "PUT"
  authorization        = var.changed ? "NONE" : "AWS_IAM"
  operation_name       = var.changed ? null : "one"
  request_validator_id = var.changed ? null : aws_api_gateway_request_validator.all["one"].id
}

resource "aws_api_gateway_method" "plain" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  resource_id   = aws_api_gateway_rest_api.api.root_resource_id
  http_method   = "ANY"
  authorization = "NONE"
}
