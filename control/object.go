package control

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// object is a JSON object that keeps the order of its members. The values in
// it are *object, []any, string, json.Number, bool or nil.
type object struct {
	names  []string
	values map[string]*any
}

func (o *object) get(name string) (*any, bool) {
	v, ok := o.values[name]
	return v, ok
}

// set adds a member or replaces the one before it.
func (o *object) set(name string, value any) {
	if _, ok := o.values[name]; !ok {
		o.names = append(o.names, name)
	}
	if o.values == nil {
		o.values = map[string]*any{}
	}
	o.values[name] = &value
}

// object returns a member that is an object.
func (o *object) object(name string) (*object, bool) {
	v, ok := o.get(name)
	if !ok {
		return nil, false
	}
	inner, ok := (*v).(*object)
	return inner, ok
}

// UnmarshalJSON reads an object; of a repeated member the last value counts.
func (o *object) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return fmt.Errorf("want an object, got %v (%w)", open, err)
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return err
		}
		value, err := decodeOrdered(raw)
		if err != nil {
			return err
		}
		o.set(name.(string), value)
	}
	return nil
}

func decodeOrdered(raw json.RawMessage) (any, error) {
	switch raw[0] {
	case '{':
		o := &object{}
		return o, o.UnmarshalJSON(raw)
	case '[':
		var items []json.RawMessage
		if err := json.Unmarshal(raw, &items); err != nil {
			return nil, err
		}
		list := make([]any, len(items))
		for i, item := range items {
			var err error
			if list[i], err = decodeOrdered(item); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	return v, dec.Decode(&v)
}

// MarshalJSON writes the members in order, compact, without escaping HTML.
func (o *object) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	out.WriteByte('{')
	for i, name := range o.names {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := enc.Encode(name); err != nil {
			return nil, err
		}
		out.Truncate(out.Len() - 1) // the encoder ends each value with a line feed
		out.WriteByte(':')
		if err := enc.Encode(*o.values[name]); err != nil {
			return nil, err
		}
		out.Truncate(out.Len() - 1)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}
