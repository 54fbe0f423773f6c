package iam

//lint:file-ignore ST1005 texts begin with names of elements

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Policy is a document that Parse has understood.
type Policy struct{ statements []statement }

type statement struct {
	deny       bool
	actions    patterns
	resources  patterns
	conditions []condition
}

// patterns is an Action, Resource, NotAction or NotResource element.
type patterns struct {
	list []string
	not  bool
}

func (p patterns) match(text string) bool {
	return slices.ContainsFunc(p.list, func(pattern string) bool { return Match(pattern, text) }) != p.not
}

// Request is what a policy decides on.
type Request struct {
	Action   string // such as "apigateway:PATCH"; case does not matter
	Resource string // an ARN; case matters
	// Context holds the values of condition keys by their names in lower case.
	// A key that is absent has no value.
	Context map[string]string
}

// Decision is the outcome of an evaluation.
type Decision int

// The decisions. Only Allowed lets a request pass.
const (
	ImplicitDeny Decision = iota // nothing allows it
	Allowed
	ExplicitDeny
)

// Evaluate decides on a request by all policies of an identity.
func Evaluate(policies []*Policy, r Request) Decision {
	decision := ImplicitDeny
	action := strings.ToLower(r.Action)
	for _, p := range policies {
		for _, s := range p.statements {
			if !s.actions.match(action) || !s.resources.match(r.Resource) || !holdAll(s.conditions, r.Context) {
				continue
			}
			if s.deny {
				return ExplicitDeny
			}
			decision = Allowed
		}
	}
	return decision
}

// Parse reads an identity policy (JSON). An error names the element that is
// wrong or not known.
func Parse(document []byte) (*Policy, error) {
	members, err := object(document)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	if err := onlyMembers(members, "Version", "Id", "Statement"); err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	if raw, ok := members["Version"]; ok {
		var version string
		if json.Unmarshal(raw, &version) != nil || version != "2012-10-17" && version != "2008-10-17" {
			return nil, fmt.Errorf("policy: Version %s: want \"2012-10-17\"", raw)
		}
	}
	var list []json.RawMessage
	raw := members["Statement"]
	if json.Unmarshal(raw, &list) != nil {
		list = []json.RawMessage{raw}
	}
	if len(raw) == 0 || len(list) == 0 {
		return nil, errors.New("policy: it has no Statement")
	}
	p := &Policy{}
	for i, raw := range list {
		s, err := parseStatement(raw)
		if err != nil {
			return nil, fmt.Errorf("policy: statement %d: %w", i+1, err)
		}
		p.statements = append(p.statements, s)
	}
	return p, nil
}

func parseStatement(raw []byte) (statement, error) {
	var s statement
	members, err := object(raw)
	if err != nil {
		return s, err
	}
	if err := onlyMembers(members, "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"); err != nil {
		return s, err
	}
	switch effect := string(members["Effect"]); effect {
	case `"Allow"`:
	case `"Deny"`:
		s.deny = true
	default:
		return s, fmt.Errorf("Effect %s: want \"Allow\" or \"Deny\"", effect)
	}
	if s.actions, err = parsePatterns(members, "Action", isAction); err != nil {
		return s, err
	}
	for i, action := range s.actions.list {
		s.actions.list[i] = strings.ToLower(action)
	}
	if s.resources, err = parsePatterns(members, "Resource", isResource); err != nil {
		return s, err
	}
	if condition, ok := members["Condition"]; ok {
		s.conditions, err = parseConditions(condition)
	}
	return s, err
}

// parsePatterns reads an element or its opposite; there must be one of them.
func parsePatterns(members map[string]json.RawMessage, name string, valid func(string) bool) (patterns, error) {
	raw, plain := members[name]
	notRaw, not := members["Not"+name]
	if plain == not {
		return patterns{}, fmt.Errorf("want one of %s and Not%s", name, name)
	}
	if not {
		raw = notRaw
	}
	list, err := texts(raw)
	if err != nil {
		return patterns{}, fmt.Errorf("%s: %w", name, err)
	}
	for _, pattern := range list {
		if !valid(pattern) {
			return patterns{}, fmt.Errorf("%s %q is not understood", name, pattern)
		}
	}
	return patterns{list, not}, nil
}

func isAction(s string) bool {
	service, name, ok := strings.Cut(s, ":")
	return s == "*" || ok && service != "" && name != "" && !strings.Contains(s, "${")
}

// isResource refuses policy variables: ${aws:username} would be taken as text.
func isResource(s string) bool {
	return s == "*" || strings.HasPrefix(s, "arn:") && !strings.Contains(s, "${")
}

// object reads a JSON object. A name that stands there twice is an error: one
// reader would take the first value and another the last.
func object(data []byte) (map[string]json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("want an object")
	}
	out := map[string]json.RawMessage{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		key, _ := name.(string) // in an object it is one
		if _, twice := out[key]; twice {
			return nil, fmt.Errorf("%q stands there twice", key)
		}
		out[key] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is something behind the object")
	}
	return out, nil
}

func onlyMembers(members map[string]json.RawMessage, known ...string) error {
	for name := range members {
		if !slices.Contains(known, name) {
			return fmt.Errorf("%q is not an element that is known here", name)
		}
	}
	return nil
}

// texts reads one text or a list of them. Truth values count as texts.
func texts(raw json.RawMessage) ([]string, error) {
	var list []any
	if json.Unmarshal(raw, &list) != nil {
		var one any
		if err := json.Unmarshal(raw, &one); err != nil {
			return nil, err
		}
		list = []any{one}
	}
	var out []string
	for _, value := range list {
		switch value := value.(type) {
		case string:
			out = append(out, value)
		case bool:
			out = append(out, fmt.Sprint(value))
		default:
			return nil, fmt.Errorf("%s: want a text or a list of texts", raw)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("the list is empty")
	}
	return out, nil
}
