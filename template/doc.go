// Package template reads SAM and CloudFormation templates and gives the REST
// APIs in them as OpenAPI documents.
//
// [Read] turns a template into a [Result]. Each [API] is a document that
// ImportRestApi takes, with the stages to deploy it to. Whatever of the template
// has no part in that is listed as [LeftOut]; nothing is dropped without a word.
// Only what never acts on an API is passed over in silence: Outputs, Metadata,
// Rules, and the attributes DependsOn, DeletionPolicy, UpdateReplacePolicy and
// Metadata of a resource.
//
// A template goes through three steps: it is parsed into values with places
// (parse.go), its intrinsic functions are computed with the parameters given
// (resolve.go, functions.go), and its resources become documents (sam_*.go for
// AWS::Serverless, rest_*.go for AWS::ApiGateway). Since functions are computed
// first, the rest of the package knows plain values only.
//
// What a SAM resource becomes is what the SAM translator makes of it;
// docs/sam.md lists the differences. Resources have no physical names before
// they are made, so a Ref gives the name that the template sets, or the logical
// id, and an ARN is built from it.
package template
