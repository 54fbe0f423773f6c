package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/fault"
)

// decode builds the input of an operation. Members of the body that the model
// does not know are ignored; a value of the wrong type is a
// SerializationException that names both types. Recorded for a boolean where
// a string is modelled; the other pairs follow its pattern.
func decode(op apigw.Operation, labels map[string]string, r *http.Request, body []byte) (any, error) {
	in := op.NewInput()
	target := reflect.ValueOf(in).Elem()
	shape := apigw.Schema[op.Input]
	query := r.URL.Query()
	if _, fixed, ok := strings.Cut(op.URI, "?"); ok {
		name, _, _ := strings.Cut(fixed, "=")
		query.Del(name) // says which operation it is, and nothing to the operation
	}
	for name := range query {
		if strings.HasPrefix(name, "X-Amz-") { // a presigned request
			delete(query, name)
		}
	}
	for _, member := range shape.Members {
		field := target.FieldByName(member.Field)
		switch member.Location {
		case apigw.InUri:
			field.SetString(labels[member.Wire])
		case apigw.InQuerystring:
			bindQuery(field, member, query, shape)
		case apigw.InHeader:
			if value := r.Header.Get(member.Wire); value != "" {
				field.Set(reflect.ValueOf(&value))
			}
		}
	}
	if shape.Payload != "" {
		target.FieldByName(shape.Payload).SetBytes(body)
		return in, nil
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return in, nil
	}
	document, err := parseJSON(body)
	if err != nil {
		return nil, err
	}
	object, ok := document.(map[string]any)
	if !ok {
		return nil, errType(document, "Map")
	}
	return in, bindMembers(target, shape, object)
}

func parseJSON(body []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var document any
	if err := dec.Decode(&document); err != nil {
		return nil, fault.New(fault.Serialization, "Could not parse request body into json: %s", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fault.New(fault.Serialization, "Could not parse request body into json: content after the document")
	}
	return document, nil
}

// bindQuery reads a member from the query. A number that is none counts as
// absent: the service falls back to defaults rather than fail.
func bindQuery(field reflect.Value, member apigw.Member, query url.Values, input *apigw.Shape) {
	shape := apigw.Schema[member.Shape]
	values, ok := query[member.Wire]
	if shape.Kind == apigw.KindMap {
		field.Set(reflect.ValueOf(freeQuery(query, input)))
		return
	}
	if !ok {
		return
	}
	switch shape.Kind {
	case apigw.KindList:
		field.Set(reflect.ValueOf(values))
	case apigw.KindBoolean:
		b := strings.EqualFold(values[0], "true")
		field.Set(reflect.ValueOf(&b))
	case apigw.KindInteger:
		if n, err := strconv.ParseInt(values[0], 10, 32); err == nil {
			limit := int32(n)
			field.Set(reflect.ValueOf(&limit))
		}
	default:
		field.Set(reflect.ValueOf(&values[0]))
	}
}

// freeQuery returns the query parameters that no member of the input claims.
func freeQuery(query url.Values, input *apigw.Shape) map[string]string {
	free := map[string]string{}
	for name, values := range query {
		free[name] = values[0]
	}
	for _, member := range input.Members {
		delete(free, member.Wire)
	}
	return free
}

func bindMembers(target reflect.Value, shape *apigw.Shape, object map[string]any) error {
	for _, member := range shape.Members {
		value, ok := object[member.Wire]
		if !ok || value == nil || member.Location != apigw.InBody {
			continue
		}
		field := target.FieldByName(member.Field)
		if field.Kind() == reflect.Pointer {
			field.Set(reflect.New(field.Type().Elem()))
			field = field.Elem()
		}
		if err := bind(field, apigw.Schema[member.Shape], value); err != nil {
			return err
		}
	}
	return nil
}

func bind(target reflect.Value, shape *apigw.Shape, value any) error {
	switch v := value.(type) {
	case map[string]any:
		switch shape.Kind {
		case apigw.KindStructure:
			return bindMembers(target, shape, v)
		case apigw.KindMap:
			return bindMap(target, shape, v)
		}
	case []any:
		if shape.Kind == apigw.KindList {
			return bindList(target, shape, v)
		}
	case string:
		if shape.Kind == apigw.KindString {
			target.SetString(v)
			return nil
		}
	case bool:
		if shape.Kind == apigw.KindBoolean {
			target.SetBool(v)
			return nil
		}
	case json.Number:
		if bindNumber(target, shape, v) {
			return nil
		}
	}
	return errType(value, typeNames[shape.Kind])
}

func bindNumber(target reflect.Value, shape *apigw.Shape, v json.Number) bool {
	switch shape.Kind {
	case apigw.KindInteger, apigw.KindLong:
		n, err := v.Int64()
		if err != nil || target.OverflowInt(n) {
			return false
		}
		target.SetInt(n)
		return true
	case apigw.KindDouble:
		n, err := v.Float64()
		target.SetFloat(n)
		return err == nil
	}
	return false
}

func bindMap(target reflect.Value, shape *apigw.Shape, object map[string]any) error {
	out := reflect.MakeMapWithSize(target.Type(), len(object))
	for name, value := range object {
		elem := reflect.New(target.Type().Elem()).Elem()
		if value == nil {
			// A map of templates keeps null; in any other map it is absence.
			if elem.Kind() == reflect.Pointer {
				out.SetMapIndex(reflect.ValueOf(name), elem)
			}
			continue
		}
		slot := elem
		if elem.Kind() == reflect.Pointer {
			elem.Set(reflect.New(elem.Type().Elem()))
			slot = elem.Elem()
		}
		if err := bind(slot, apigw.Schema[shape.Elem], value); err != nil {
			return err
		}
		out.SetMapIndex(reflect.ValueOf(name), elem)
	}
	target.Set(out)
	return nil
}

func bindList(target reflect.Value, shape *apigw.Shape, list []any) error {
	out := reflect.MakeSlice(target.Type(), len(list), len(list))
	for i, value := range list {
		if err := bind(out.Index(i), apigw.Schema[shape.Elem], value); err != nil {
			return err
		}
	}
	target.Set(out)
	return nil
}

var typeNames = map[apigw.Kind]string{
	apigw.KindStructure: "Structure",
	apigw.KindList:      "List",
	apigw.KindMap:       "Map",
	apigw.KindString:    "String",
	apigw.KindInteger:   "Integer",
	apigw.KindLong:      "Long",
	apigw.KindDouble:    "Double",
	apigw.KindBoolean:   "Boolean",
	apigw.KindTimestamp: "Date",
	apigw.KindBlob:      "Blob",
}

// errType names the Java class of a JSON value, as the service does.
func errType(value any, want string) error {
	class := "null"
	switch v := value.(type) {
	case map[string]any:
		class = "class java.util.LinkedHashMap"
	case []any:
		class = "class java.util.ArrayList"
	case string:
		class = "class java.lang.String"
	case bool:
		class = "class java.lang.Boolean"
	case json.Number:
		class = "class " + numberClass(v)
	}
	return fault.New(fault.Serialization, "%s", fmt.Sprintf("%s can not be converted to an %s", class, want))
}

func numberClass(n json.Number) string {
	if strings.ContainsAny(n.String(), ".eE") {
		return "java.lang.Double"
	}
	i, err := n.Int64()
	switch {
	case err != nil:
		return "java.math.BigInteger"
	case i != int64(int32(i)):
		return "java.lang.Long"
	}
	return "java.lang.Integer"
}
