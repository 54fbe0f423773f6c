# An API from an OpenAPI file, deployed to a stage. Without a cloud account:
#
#   postern serve --ephemeral &
#   terraform init && terraform apply
#
# The same module works against AWS when the provider block is yours.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

variable "endpoint" {
  description = "address of the AWS API of postern"
  type        = string
  default     = "http://127.0.0.1:4566"
}

variable "document" {
  description = "OpenAPI file of the API"
  type        = string
  default     = "../petstore.yaml"
}

variable "stage" {
  description = "name of the stage"
  type        = string
  default     = "dev"
}

variable "variables" {
  description = "stage variables"
  type        = map(string)
  default     = {}
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  endpoints {
    apigateway = var.endpoint
  }
}

locals {
  definition = yamldecode(file("${path.module}/${var.document}"))
}

resource "aws_api_gateway_rest_api" "this" {
  name              = local.definition.info.title
  body              = jsonencode(local.definition)
  put_rest_api_mode = "overwrite"
}

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  # A changed definition needs another deployment.
  triggers = {
    definition = sha1(jsonencode(local.definition))
  }
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "this" {
  rest_api_id   = aws_api_gateway_rest_api.this.id
  deployment_id = aws_api_gateway_deployment.this.id
  stage_name    = var.stage
  variables     = var.variables
}

output "url" {
  description = "address of the stage"
  value       = "${var.endpoint}/restapis/${aws_api_gateway_rest_api.this.id}/${aws_api_gateway_stage.this.stage_name}/_user_request_"
}
