variable "changed" {
  type = bool
}

resource "aws_api_gateway_rest_api" "api" {
  name = "resource"
}

resource "aws_api_gateway_resource" "pets" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id   = aws_api_gateway_rest_api.api.root_resource_id
  path_part   = var.changed ? "animals" : "pets"
}

resource "aws_api_gateway_resource" "toys" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id   = aws_api_gateway_rest_api.api.root_resource_id
  path_part   = "toys"
}

# Moves from one to the other.
resource "aws_api_gateway_resource" "one" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id   = var.changed ? aws_api_gateway_resource.toys.id : aws_api_gateway_resource.pets.id
  path_part   = "{one}"
}

data "aws_api_gateway_resource" "toys" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  path        = "/toys"
  depends_on  = [aws_api_gateway_resource.toys]
}
