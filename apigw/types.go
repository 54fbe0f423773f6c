package apigw

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Operation is one row of the service's operation table.
type Operation struct {
	Name   string
	Method string
	URI    string // template; may end in a fixed query such as ?mode=import
	Status int    // of success
	Input  string // name of the input shape
	Output string // name of the output shape, empty for an answer without body
	Errors []string

	NewInput func() any             // a pointer to an empty input
	Bind     func(*Handlers) Invoke // nil if the handlers do not serve the operation
}

// Invoke runs an operation's handler on an input made by NewInput. The output
// is nil for an operation without one.
type Invoke func(context.Context, any) (any, error)

func bind[In, Out any](handler func(context.Context, *In) (*Out, error)) Invoke {
	if handler == nil {
		return nil
	}
	return func(ctx context.Context, in any) (any, error) {
		out, err := handler(ctx, in.(*In))
		if err != nil {
			return nil, err
		}
		return out, nil
	}
}

func bindEmpty[In any](handler func(context.Context, *In) error) Invoke {
	if handler == nil {
		return nil
	}
	return func(ctx context.Context, in any) (any, error) {
		return nil, handler(ctx, in.(*In))
	}
}

// Kind is the type of a shape.
type Kind string

// The kinds of shapes.
const (
	KindStructure Kind = "structure"
	KindList      Kind = "list"
	KindMap       Kind = "map"
	KindString    Kind = "string"
	KindInteger   Kind = "integer"
	KindLong      Kind = "long"
	KindDouble    Kind = "double"
	KindBoolean   Kind = "boolean"
	KindTimestamp Kind = "timestamp"
	KindBlob      Kind = "blob"
)

// Location says where a member travels, if not in the body.
type Location string

// The locations of members.
const (
	InBody        Location = ""
	InUri         Location = "uri"
	InQuerystring Location = "querystring"
	InHeader      Location = "header"
	InStatusCode  Location = "statusCode"
)

// Shape describes a type of the model: what the decoder and the constraint
// check need to know.
type Shape struct {
	Name    string
	Kind    Kind
	Enum    []string // in the order in which the service lists them in a refusal
	Pattern string
	Payload string // field whose value is the raw body
	Elem    string // shape of the elements of a list or the values of a map
	Members []Member
}

// Member is a member of a structure.
type Member struct {
	Field    string // name of the Go field
	Name     string // name in the model, used in messages
	Wire     string // name on the wire
	Shape    string
	Location Location
	Required bool
}

// Timestamp travels as whole seconds since 1970.
type Timestamp struct{ time.Time }

// MarshalJSON writes epoch seconds.
func (t Timestamp) MarshalJSON() ([]byte, error) {
	return strconv.AppendInt(nil, t.Unix(), 10), nil
}

// UnmarshalJSON reads epoch seconds, whole or with a fraction.
func (t *Timestamp) UnmarshalJSON(data []byte) error {
	seconds, err := strconv.ParseFloat(string(data), 64)
	if err != nil {
		return fmt.Errorf("timestamp %s: %w", data, err)
	}
	t.Time = time.Unix(0, int64(seconds*1e9)).UTC()
	return nil
}

// Double is written with a fraction always (50.0), as the service does.
type Double float64

// MarshalJSON writes 50.0 rather than 50.
func (d Double) MarshalJSON() ([]byte, error) {
	text, err := json.Marshal(float64(d))
	if err == nil && !strings.ContainsAny(string(text), ".eE") {
		text = append(text, ".0"...)
	}
	return text, err
}

// Val returns what p points to, or the zero value.
func Val[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// Text returns a pointer to s, or nil if s is empty: for members that the
// service omits when they are empty.
func Text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Clone returns a deep copy of a shape. It copies by reflection and so also
// keeps the members that do not travel in the body.
func Clone[T any](v T) T {
	return cloneValue(reflect.ValueOf(&v).Elem()).Interface().(T)
}

func cloneValue(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		out := reflect.New(v.Type().Elem())
		out.Elem().Set(cloneValue(v.Elem()))
		return out
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			out.Index(i).Set(cloneValue(v.Index(i)))
		}
		return out
	case reflect.Map:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeMapWithSize(v.Type(), v.Len())
		for iter := v.MapRange(); iter.Next(); {
			out.SetMapIndex(iter.Key(), cloneValue(iter.Value()))
		}
		return out
	case reflect.Struct:
		out := reflect.New(v.Type()).Elem()
		out.Set(v)
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(cloneValue(v.Field(i)))
			}
		}
		return out
	}
	return v
}
