package awsmodel

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// Model is the part of a service model (botocore's JSON form) that the
// generator needs. Member order is kept, because AWS reports constraint
// failures in that order.
type Model struct {
	Operations map[string]*Operation
	Shapes     map[string]*Shape
}

// Operation is one row of the service's operation table.
type Operation struct {
	HTTP struct {
		Method       string
		RequestURI   string `json:"requestUri"`
		ResponseCode int
	}
	Input, Output *ShapeRef
	Errors        []ShapeRef
}

// ShapeRef names a shape and says how this use of it travels.
type ShapeRef struct {
	Shape        string
	Location     string
	LocationName string
}

// Shape is one type of the model.
type Shape struct {
	Type       string
	Members    Members
	Required   []string
	Enum       []string
	Pattern    string
	Payload    string
	Member     *ShapeRef
	Key, Value *ShapeRef
	Exception  bool
	Error      struct{ HTTPStatusCode int }
}

// Member is a named member of a structure.
type Member struct {
	Name string
	ShapeRef
}

// Members keeps the members of a structure in the order of the model.
type Members []Member

// UnmarshalJSON reads an object without losing its order.
func (m *Members) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	if _, err := dec.Token(); err != nil {
		return err
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		member := Member{Name: name.(string)}
		if err := dec.Decode(&member.ShapeRef); err != nil {
			return err
		}
		*m = append(*m, member)
	}
	return nil
}

// Load reads the model at path.
func Load(path string) (*Model, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	model := &Model{}
	if err := json.Unmarshal(data, model); err != nil {
		return nil, fmt.Errorf("read model %s: %w", path, err)
	}
	for from, override := range overrides {
		if err := override.apply(model); err != nil {
			return nil, fmt.Errorf("override %s: %w", from, err)
		}
	}
	return model, nil
}

// goName is the exported Go name of a shape or member, in the spelling of the
// official SDK for Go (RestApiId, not RestAPIID), so that users of both do not
// have to translate.
func goName(name string) string {
	return strings.ToUpper(name[:1]) + name[1:]
}
