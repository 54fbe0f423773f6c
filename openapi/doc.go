// Package openapi reads API definitions from Swagger 2.0 and OpenAPI 3.0
// documents with the x-amazon-apigateway-* extensions.
//
// [Read] turns a document into a [Definition]: the records of an API without
// ids. Everything that it refuses or drops is a [Problem] with its line and
// column. Documents are trees with positions (tree.go); JSON and YAML give the
// same tree.
package openapi
