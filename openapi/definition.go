package openapi

import (
	"cmp"
	"fmt"

	"github.com/postern-gateway/postern/apigw"
)

// Definition is an API as a document describes it. It has no ids: entities
// refer to each other by name.
type Definition struct {
	// API holds what the document says of the API itself: name, description,
	// version, binaryMediaTypes, minimumCompressionSize, apiKeySource, policy,
	// disableExecuteApiEndpoint and endpointConfiguration.vpcEndpointIds.
	API apigw.RestApi
	// Resources are those that the document names, sorted by path. Their
	// parents may be missing.
	Resources []Resource
	// Models are sorted by name. References between schemas begin with ModelRef.
	Models           []apigw.Model
	Authorizers      []apigw.Authorizer       // sorted by name
	Validators       []apigw.RequestValidator // sorted by name
	GatewayResponses []apigw.GatewayResponse  // sorted by type
	// DocumentationParts are in the order of the document.
	DocumentationParts []apigw.DocumentationPart
	// DocumentationVersion names a version to be made of the parts; empty: none.
	DocumentationVersion string
	// Methods that the document gives without an integration are kept so; such
	// an API can be edited but not deployed.

	places map[part]Place
}

// Kind is a kind of what a document defines beside its paths.
type Kind string

// The kinds.
const (
	Info            Kind = "info"
	Model           Kind = "model"
	Authorizer      Kind = "authorizer"
	Validator       Kind = "validator"
	GatewayResponse Kind = "gateway response"
)

type part struct {
	kind Kind
	name string
}

// PlaceOf returns where the document defines something by name, or nowhere. The
// info of a document has no name.
func (d *Definition) PlaceOf(kind Kind, name string) Place { return d.places[part{kind, name}] }

// PlaceOfMethod returns where the document defines a method, or else its path,
// or nowhere. An empty verb asks for the path.
func (d *Definition) PlaceOfMethod(path, verb string) Place {
	for _, r := range d.Resources {
		if r.Path == path {
			return cmp.Or(r.Places[verb], r.Places[""])
		}
	}
	return Place{}
}

// Resource is one path with its methods, each whole with its integration and
// its responses, by verb. In a method, authorizerId and requestValidatorId are
// names.
type Resource struct {
	Path    string
	Methods map[string]apigw.Method
	// Places of the methods in the document, by verb; "" is the path's own.
	Places map[string]Place
}

// Place is where something stands in a document, from 1; the zero value is
// nowhere.
type Place struct {
	Line   int `json:"line,omitzero"`
	Column int `json:"column,omitzero"`
}

// Problem is something in a document that is refused, or dropped with a warning.
type Problem struct {
	Place
	Text    string `json:"text"`             // the service's text
	Warning bool   `json:"warning,omitzero"` // dropped; else the document is refused
	Whole   bool   `json:"-"`                // the service answers with this text alone
	Detail  string `json:"detail,omitzero"`  // more than the service says, for people
}

// String returns "LINE:COLUMN: TEXT (DETAIL)".
func (p Problem) String() string {
	text := p.Text
	if p.Detail != "" {
		text += " (" + p.Detail + ")"
	}
	if p.Line == 0 {
		return text
	}
	return fmt.Sprintf("%d:%d: %s", p.Line, p.Column, text)
}

// BasePath says what becomes of the base path of a document.
type BasePath string

// The modes. The guide.
const (
	BasePathIgnore  BasePath = "ignore"
	BasePathPrepend BasePath = "prepend"
	BasePathSplit   BasePath = "split"
)

// Options are how a document is read.
type Options struct {
	Account, Region string // for ${AWS::AccountId} and ${AWS::Region}
	BasePath        BasePath
	// IgnoreDocumentation leaves documentation parts out.
	IgnoreDocumentation bool
}
