package lab

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/mapping"
	"github.com/postern-gateway/postern/value"
)

// Event is what a template reads.
type Event struct {
	// Side is "request" (the default) or "response": whose template it is. The
	// body is that of the client or of the backend.
	Side string `json:"side"`
	// Body is the body: a JSON string is its text, anything else is JSON text
	// as it stands.
	Body           json.RawMessage   `json:"body"`
	Headers        map[string]values `json:"headers"`
	Path           map[string]values `json:"path"` // escaped as in a URL
	QueryString    map[string]values `json:"querystring"`
	StageVariables map[string]string `json:"stageVariables"`
	// Context are members of $context. Those that are not given are empty, and
	// requestTime is the beginning of 1970.
	Context json.RawMessage `json:"context"`
}

// values is one text or a list of texts.
type values []string

// UnmarshalJSON implements json.Unmarshaler.
func (v *values) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*v = values{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(v))
}

// The sides.
const (
	requestSide  = "request"
	responseSide = "response"
)

// ParseEvent reads an event. Unknown members are refused: they would be typing
// mistakes that a template does not see.
func ParseEvent(data []byte) (*Event, error) {
	e := &Event{}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(e); err != nil {
		return nil, fmt.Errorf("event: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("event: something follows it")
	}
	switch e.Side {
	case "":
		e.Side = requestSide
	case requestSide, responseSide:
	default:
		return nil, fmt.Errorf("event: side %q is neither request nor response", e.Side)
	}
	if _, err := e.context(); err != nil {
		return nil, fmt.Errorf("event: context: %w", err)
	}
	return e, nil
}

// source returns the event as what templates read. Names have no order in an
// event; they get that of their bytes.
func (e *Event) source() (*mapping.Source, error) {
	s := &mapping.Source{Variables: e.StageVariables}
	s.Context.Received = time.Unix(0, 0)
	for _, name := range slices.Sorted(maps.Keys(e.Headers)) {
		for _, text := range e.Headers[name] {
			s.Header = append(s.Header, exchange.Field{Name: name, Value: text})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Path)) {
		for _, text := range e.Path[name] {
			s.Path = append(s.Path, mapping.Param{Name: name, Value: text})
		}
	}
	var query []byte
	for _, name := range slices.Sorted(maps.Keys(e.QueryString)) {
		for _, text := range e.QueryString[name] {
			query = mapping.AppendQuery(append(query, '&'), name)
			query = mapping.AppendQuery(append(query, '='), text)
		}
	}
	s.RawQuery = strings.TrimPrefix(string(query), "&")
	s.Body = e.body()
	if e.Side == responseSide {
		s.Body, s.BackendBody = nil, s.Body
	}
	members, err := e.context()
	if err != nil {
		return nil, err
	}
	s.SetContext(members)
	return s, nil
}

func (e *Event) body() []byte {
	var text string
	if json.Unmarshal(e.Body, &text) == nil {
		return []byte(text)
	}
	return e.Body
}

// context returns the members of $context.
func (e *Event) context() (*value.Map, error) {
	if len(e.Context) == 0 {
		return &value.Map{}, nil
	}
	v, err := value.ParseJSON(string(e.Context))
	if err != nil {
		return nil, err
	}
	if v.Kind() != value.Object {
		return nil, errors.New("not an object")
	}
	return v.Map(), nil
}
