// Package terraform applies a configuration with Terraform's AWS provider to a
// running postern, changes it in place and destroys it.
//
// The configuration is the *.tf files of this folder, and in definition/ one of
// an API by its OpenAPI definition. The tests need terraform
// and the provider of version 5.100.0 in a folder that holds
// registry.terraform.io; TF_PLUGIN_MIRROR names the folder if it is in none of
// the usual places. Without them the tests are skipped.
package terraform
