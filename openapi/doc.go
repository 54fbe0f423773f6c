// Package openapi reads and writes API definitions as Swagger 2.0 and OpenAPI
// 3.0 documents with the x-amazon-apigateway-* extensions.
//
// [Read] turns a document into a [Definition]: the records of an API without
// ids. Everything that it refuses or drops is a [Problem] with its line and
// column. [Export] turns what a deployment froze into a document. Documents are
// trees with positions (tree.go, write.go); JSON and YAML give the same tree.
//
// What is read, written and read again is the same, but for what documents
// cannot say:
//
//   - ids, dates and the endpoint configuration;
//   - in Swagger, models that differ by media type: an operation has one body
//     and one list of media types for all of its responses;
//   - of two integration responses with one pattern the second, which is never
//     used;
//   - the $schema of a model, and keywords of draft 4 that OpenAPI does not have
//     make a document that strict readers refuse;
//   - a gateway response with an empty map of templates: documents mean the
//     default template by it.
package openapi
