// Package terraform applies configurations with Terraform's AWS provider to a
// running postern, changes them in place and destroys them.
//
// resource/ has a folder for each resource of the provider, with the data sources
// of its kind; a test fails for an argument that no folder sets or changes. The
// *.tf files of this folder are a shop whose traffic is looked at after each
// change, definition/ has an API by its OpenAPI definition, and refused/ what the
// service refuses.
//
// The tests need terraform and the provider of version 5.100.0 in a folder that
// holds registry.terraform.io; TF_PLUGIN_MIRROR names the folder if it is in none
// of the usual places. Without them the tests are skipped.
package terraform
