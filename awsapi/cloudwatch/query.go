package cloudwatch

import (
	"bytes"
	"encoding"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// queryProtocol is AWS Query: a form in, XML out.
type queryProtocol struct{}

const xmlNamespace = "http://monitoring.amazonaws.com/doc/2010-08-01/"

func (queryProtocol) request(r *http.Request, body []byte) (string, func(any) error) {
	raw := string(body)
	if r.Method == http.MethodGet {
		raw = r.URL.RawQuery
	}
	form, err := url.ParseQuery(raw)
	return form.Get("Action"), func(in any) error {
		if err != nil {
			return err
		}
		return tree(form).fill(reflect.ValueOf(in).Elem())
	}
}

func (queryProtocol) answer(w http.ResponseWriter, requestID, operation string, out any) {
	type metadata struct {
		RequestID string `xml:"RequestId"`
	}
	var content bytes.Buffer
	enc := xml.NewEncoder(&content)
	whole := start(operation + "Response")
	whole.Attr = []xml.Attr{{Name: xml.Name{Local: "xmlns"}, Value: xmlNamespace}}
	err := errors.Join(
		enc.EncodeToken(whole),
		enc.EncodeElement(out, start(operation+"Result")),
		enc.EncodeElement(metadata{requestID}, start("ResponseMetadata")),
		enc.EncodeToken(whole.End()), enc.Flush())
	respond(w, http.StatusOK, "text/xml", &content, err)
}

func (queryProtocol) refuse(w http.ResponseWriter, requestID string, r *refusal) {
	type failure struct {
		Type, Code, Message string
	}
	content, err := xml.Marshal(struct {
		XMLName   xml.Name `xml:"ErrorResponse"`
		Namespace string   `xml:"xmlns,attr"`
		Error     failure
		RequestID string `xml:"RequestId"`
	}{Namespace: xmlNamespace, Error: failure{sender(r), r.Code, r.Message}, RequestID: requestID})
	respond(w, r.Status, "text/xml", bytes.NewBuffer(content), err)
}

func start(name string) xml.StartElement { return xml.StartElement{Name: xml.Name{Local: name}} }

// list is a list as all protocols write it: also an empty one is there.
type list[T any] []T

// MarshalXML implements xml.Marshaler.
func (l list[T]) MarshalXML(enc *xml.Encoder, at xml.StartElement) error {
	err := enc.EncodeToken(at)
	for _, item := range l {
		err = errors.Join(err, enc.EncodeElement(item, start("member")))
	}
	return errors.Join(err, enc.EncodeToken(at.End()))
}

// node is a parameter of a form with those whose names go on after a dot:
// Dimensions.member.1.Name.
type node struct {
	value    string
	children map[string]*node
}

func tree(form url.Values) *node {
	root := &node{}
	for name, values := range form {
		at := root
		for part := range strings.SplitSeq(name, ".") {
			if at.children == nil {
				at.children = map[string]*node{}
			}
			if at.children[part] == nil {
				at.children[part] = &node{}
			}
			at = at.children[part]
		}
		at.value = values[0]
	}
	return root
}

// fill writes a node into what v is: inputs have fields of the kinds below, and
// their names are those of the API. What a form has beyond them is left out.
func (n *node) fill(v reflect.Value) error {
	if text, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return text.UnmarshalText([]byte(n.value))
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if child := n.children[parameter(v.Type().Field(i))]; child != nil {
				if err := child.fill(v.Field(i)); err != nil {
					return err
				}
			}
		}
		return nil
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return n.fill(v.Elem())
	case reflect.Slice:
		return n.fillList(v)
	case reflect.String:
		v.SetString(n.value)
		return nil
	case reflect.Bool:
		value, err := strconv.ParseBool(n.value)
		v.SetBool(value)
		return err
	case reflect.Int64:
		value, err := strconv.ParseInt(n.value, 10, 64)
		v.SetInt(value)
		return err
	}
	return fmt.Errorf("%v cannot be read from a form", v.Type())
}

// parameter is the name of a field in the API.
func parameter(field reflect.StructField) string {
	if name := field.Tag.Get("json"); name != "" {
		return name
	}
	return field.Name
}

// fillList fills a list in the order of the numbers, whatever they are.
func (n *node) fillList(v reflect.Value) error {
	members := n.children["member"]
	if members == nil {
		return nil // an empty list is written as an empty parameter
	}
	numbers := make([]int, 0, len(members.children))
	for name := range members.children {
		number, err := strconv.Atoi(name)
		if err != nil || strconv.Itoa(number) != name {
			return fmt.Errorf("%q is no number of a member", name)
		}
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	v.Set(reflect.MakeSlice(v.Type(), len(numbers), len(numbers)))
	for i, number := range numbers {
		if err := members.children[strconv.Itoa(number)].fill(v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}
