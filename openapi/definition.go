package openapi

import (
	"fmt"

	"github.com/postern-gateway/postern/apigw"
)

// Definition is an API as a document describes it, without ids.
type Definition struct {
	API apigw.RestApi
	// Resources are those that the document names, sorted by path. Their
	// parents may be missing.
	Resources []Resource
}

// Resource is one path with its methods, each whole with its integration and
// its responses, by verb.
type Resource struct {
	Path    string
	Methods map[string]apigw.Method
}

// Problem is something in a document that is refused.
type Problem struct {
	Line, Column int // from 1; 0 if it has no place
	Text         string
}

// String returns "LINE:COLUMN: TEXT".
func (p Problem) String() string {
	if p.Line == 0 {
		return p.Text
	}
	return fmt.Sprintf("%d:%d: %s", p.Line, p.Column, p.Text)
}

// Options are what a document may refer to.
type Options struct {
	Account, Region string // for ${AWS::AccountId} and ${AWS::Region}
}
