package aws

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/value"
)

// translate gives an answer the form that AWS gives to its gateway. Recorded:
// query services answer in JSON if that is accepted, Systems Manager wraps the
// answers to actions as query services do.
func translate(req *integration.Request, res *integration.Response) {
	if !strings.HasPrefix(req.Header.Get("Accept"), jsonType) {
		return
	}
	service := req.AWS.Service
	switch {
	case service == ssmService && req.AWS.Action != "":
		if res.Status == 200 {
			wrap(req.AWS.Action, res)
		}
	case service != s3Service && service != lambdaService && bytes.HasPrefix(bytes.TrimSpace(res.Body), []byte("<")):
		if body, err := xmlToJSON(res.Body); err == nil {
			res.Body = body
			put(&res.Header, "Content-Type", jsonType)
		}
	}
}

const jsonType = "application/json"

// maxTranslated bounds a translated answer, in bytes.
const maxTranslated = 10 << 20

// wrap puts a JSON answer of Systems Manager into the frame of a query service.
// Recorded for GetParameter, its two absent members too.
func wrap(action string, res *integration.Response) {
	result, err := value.ParseJSON(string(res.Body))
	if err != nil {
		return
	}
	if parameter := result.Member("Parameter"); action == "GetParameter" && parameter.Map() != nil {
		for _, name := range []string{"Selector", "SourceResult"} {
			if _, ok := parameter.Map().Get(name); !ok {
				parameter.Map().Set(name, value.Value{})
			}
		}
	}
	response := value.NewMap(
		value.Member{Key: action + "Result", Value: result},
		value.Member{Key: "ResponseMetadata", Value: value.OfMap(value.NewMap(
			value.Member{Key: "RequestId", Value: value.OfString(RequestID(res.Header))}))})
	whole := value.OfMap(value.NewMap(value.Member{Key: action + "Response", Value: value.OfMap(response)}))
	if body, err := whole.AppendJSON(nil, maxTranslated); err == nil {
		res.Body = body
	}
}

// xmlToJSON translates an answer of a query service: an element with children
// is an object, one whose children are all named "member" an array, a repeated
// name an array, and everything else a text.
func xmlToJSON(document []byte) ([]byte, error) {
	decoder := xml.NewDecoder(bytes.NewReader(document))
	for {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		if start, ok := token.(xml.StartElement); ok {
			inside, err := element(decoder, 0)
			if err != nil {
				return nil, err
			}
			complete(start.Name.Local, inside)
			return json.Marshal(map[string]any{start.Name.Local: inside})
		}
	}
}

// maxDepth bounds the nesting of an answer.
const maxDepth = 100

var errDepth = errors.New("nested too deeply")

// element reads what is inside an element, up to its end.
func element(decoder *xml.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errDepth
	}
	var text strings.Builder
	var children map[string]any
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			return nil, io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.CharData:
			text.Write(token)
		case xml.StartElement:
			child, err := element(decoder, depth+1)
			if err != nil {
				return nil, err
			}
			if children == nil {
				children = map[string]any{}
			}
			add(children, token.Name.Local, child)
		case xml.EndElement:
			if children == nil {
				return text.String(), nil
			}
			if members, ok := children["member"]; ok && len(children) == 1 {
				if list, ok := members.(repeated); ok {
					return []any(list), nil
				}
				return []any{members}, nil
			}
			return children, nil
		}
	}
}

// repeated are the children of one name.
type repeated []any

// add adds a child; the second one of a name makes an array of the first.
func add(children map[string]any, name string, child any) {
	before, ok := children[name]
	switch list, isList := before.(repeated); {
	case !ok:
		children[name] = child
	case isList:
		children[name] = append(list, child)
	default:
		children[name] = repeated{before, child}
	}
}
