package steps

import (
	"encoding/base64"
	"strings"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/mapping"
	"github.com/postern-gateway/postern/plan/spec"
	"github.com/postern-gateway/postern/value"
)

// eventMaker writes the event that AWS_PROXY gives to a function. Which members
// there are, and when they are null, is recorded; their order is that of events
// in the guide. The event is written in one pass: no value of it is built first.
type eventMaker struct {
	resource string // in quotes, as it stands in the event
	binary   spec.MediaTypes
	context  []eventField
}

// eventField is a member of requestContext.
type eventField struct {
	name   string // in quotes, with its colon
	slot   mapping.Slot
	plain  bool // written without quotes: a number or a boolean
	absent bool // left out if it has no value, else null
}

// identityMember is in the place of a slot that no variable has.
const identityMember = mapping.NoSlot

func newEventMaker(m *spec.Method) *eventMaker {
	e := &eventMaker{resource: quoted(m.ResourcePath), binary: m.BinaryTypes}
	for _, name := range []string{
		"resourceId", "resourcePath", "operationName", "httpMethod", "extendedRequestId", "requestTime", "path", "accountId", "protocol",
		"stage", "domainPrefix", "requestTimeEpoch", "requestId", "identity", "domainName", "deploymentId", "apiId", "isCanaryRequest",
	} {
		f := eventField{name: quoted(name) + ":", slot: mapping.Lookup(name)}
		switch name {
		case "operationName":
			if m.Operation != "" {
				e.context = append(e.context, eventField{name: f.name + quoted(m.Operation), absent: true})
			}
			continue
		case "requestTimeEpoch":
			f.plain = true
		case "isCanaryRequest": // assumed: a boolean
			f.plain, f.absent = true, true
		case "deploymentId": // a test invocation has none
			f.absent = true
		}
		e.context = append(e.context, f)
	}
	return e
}

func quoted(text string) string { return string(value.AppendQuoted(nil, text)) }

// identityFields are the members of identity; keyedIdentityFields are those of
// a request that shows an API key. Names and nulls are recorded, the orders are
// those of events that users show.
var (
	identityFields = identity("cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller", "sourceIp", "principalOrgId",
		"accessKey", "cognitoAuthenticationType", "cognitoAuthenticationProvider", "userArn", "userAgent", "user")
	keyedIdentityFields = identity("cognitoIdentityPoolId", "cognitoIdentityId", "apiKey", "principalOrgId", "cognitoAuthenticationType",
		"userArn", "apiKeyId", "userAgent", "accountId", "caller", "sourceIp", "accessKey", "cognitoAuthenticationProvider", "user")
)

func identity(names ...string) []eventField {
	var out []eventField
	for _, name := range names {
		out = append(out, eventField{name: quoted(name) + ":", slot: mapping.Lookup("identity." + name)})
	}
	return out
}

// append writes the event of a request.
func (e *eventMaker) append(dst []byte, r *Request) []byte {
	c := &r.Context
	dst = append(append(dst, `{"resource":`...), e.resource...)
	dst = value.AppendQuoted(append(dst, `,"path":`...), c.Base+eventPath(c.Rest))
	dst = value.AppendQuoted(append(dst, `,"httpMethod":`...), c.HTTPMethod)
	dst = e.appendRequest(dst, r, noMembers)
	return e.appendBody(dst, r)
}

// What stands for an empty map in the event of an integration (recorded) and
// in that of an authorizer (guide).
const (
	noMembers = "null"
	emptyMap  = "{}"
)

// appendRequest writes what the client sent but the body, and requestContext.
func (e *eventMaker) appendRequest(dst []byte, r *Request, empty string) []byte {
	dst = appendEventHeaders(dst, r, empty)
	dst = appendEventQuery(dst, r, empty)
	dst = append(dst, `,"pathParameters":`...)
	for i, p := range r.Path {
		dst = appendPair(dst, i, p.Name, p.Value)
	}
	dst = endMap(dst, len(r.Path), empty)
	dst = append(dst, `,"stageVariables":`...)
	n := 0
	for name, text := range r.Variables {
		dst = appendPair(dst, n, name, text)
		n++
	}
	dst = endMap(dst, n, empty)
	return e.appendContext(append(dst, `,"requestContext":`...), &r.Context)
}

// eventPath is the path after the stage, or after a base path, which stays
// before it. Recorded: it is as it was sent, but for slashes at its beginning.
func eventPath(rest string) string {
	for strings.HasPrefix(rest, "//") {
		rest = rest[1:]
	}
	if rest == "" {
		return "/"
	}
	return rest
}

func (e *eventMaker) appendContext(dst []byte, c *mapping.Context) []byte {
	dst = append(dst, '{')
	first := true
	for i := range e.context {
		f := &e.context[i]
		switch {
		case f.slot != identityMember:
			text, ok := c.Value(f.slot)
			if !ok && f.absent {
				continue
			}
			dst = appendField(separate(dst, &first), f, text, ok)
		case f.absent: // written already
			dst = append(separate(dst, &first), f.name...)
		default:
			fields := identityFields
			if c.APIKey != "" {
				fields = keyedIdentityFields
			}
			dst = append(append(separate(dst, &first), f.name...), '{')
			inner := true
			for j := range fields {
				text, ok := c.Value(fields[j].slot)
				dst = appendField(separate(dst, &inner), &fields[j], text, ok)
			}
			dst = append(dst, '}')
		}
	}
	return append(dst, '}')
}

func separate(dst []byte, first *bool) []byte {
	if !*first {
		dst = append(dst, ',')
	}
	*first = false
	return dst
}

func appendField(dst []byte, f *eventField, text string, ok bool) []byte {
	dst = append(dst, f.name...)
	switch {
	case !ok:
		return append(dst, "null"...)
	case f.plain:
		return append(dst, text...)
	}
	return value.AppendQuoted(dst, text)
}

// appendPair writes one member of a map of texts, opening the map if it is the
// first one.
func appendPair(dst []byte, n int, name, text string) []byte {
	if n == 0 {
		dst = append(dst, '{')
	} else {
		dst = append(dst, ',')
	}
	return value.AppendQuoted(append(value.AppendQuoted(dst, name), ':'), text)
}

// endMap closes a map of n members.
func endMap(dst []byte, n int, empty string) []byte {
	if n == 0 {
		return append(dst, empty...)
	}
	return append(dst, '}')
}

// eventHeader returns the spelling of a header in events. Recorded: it is the
// client's, but two names are always spelled in the same way.
func eventHeader(name string) string {
	switch {
	case len(name) == len("Authorization") && strings.EqualFold(name, "Authorization"):
		return "Authorization"
	case len(name) == len("User-Agent") && strings.EqualFold(name, "User-Agent"):
		return "User-Agent"
	}
	return name
}

// replacedInEvent are the headers that the gateway sets itself.
var replacedInEvent = names("Host", "X-Amzn-Trace-Id", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto")

// appendEventHeaders writes headers and multiValueHeaders. A test invocation has
// what it was given and nothing else.
func appendEventHeaders(dst []byte, r *Request, empty string) []byte {
	h := r.eventHeader[:0]
	for _, field := range r.Header {
		if r.Context.Test || !replacedInEvent.has(field.Name) {
			h = append(h, exchange.Field{Name: eventHeader(field.Name), Value: field.Value})
		}
	}
	if !r.Context.Test {
		f := r.forwarded()
		h = append(h, exchange.Field{Name: "Host", Value: r.Context.Host}, exchange.Field{Name: traceHeader, Value: r.TraceID()}, f[0], f[1], f[2])
	}
	r.eventHeader = h
	g := &r.groups
	g.fill(len(h), func(i int) string { return h[i].Name }, strings.EqualFold, strings.ToLower)
	return g.append(dst, `,"headers":`, `,"multiValueHeaders":`, empty,
		func(i int) (string, string) { return h[i].Name, h[i].Value })
}

// appendList begins a member of a map of lists.
func appendList(dst []byte, n int, name string) []byte {
	if n == 0 {
		dst = append(dst, '{')
	} else {
		dst = append(dst, ',')
	}
	return append(value.AppendQuoted(dst, name), ':', '[')
}

func appendItem(dst []byte, text string) []byte {
	if dst[len(dst)-1] != '[' {
		dst = append(dst, ',')
	}
	return value.AppendQuoted(dst, text)
}

// appendEventQuery writes the parameters of the query, decoded. Recorded: of
// several values the last one is the single one.
func appendEventQuery(dst []byte, r *Request, empty string) []byte {
	query := r.Query()
	g := &r.groups
	g.fill(len(query), func(i int) string { return query[i].Name },
		func(a, b string) bool { return a == b }, func(name string) string { return name })
	return g.append(dst, `,"queryStringParameters":`, `,"multiValueQueryStringParameters":`, empty,
		func(i int) (string, string) { return query[i].Name, query[i].Value })
}

// appendBody writes the body and how it is coded, and ends the event.
func (e *eventMaker) appendBody(dst []byte, r *Request) []byte {
	dst = append(dst, `,"body":`...)
	coded := false
	switch {
	case len(r.Body) == 0:
		dst = append(dst, "null"...)
	case e.binary.Match(r.Header.Get("Content-Type")):
		coded = true
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, r.Body)
		dst = append(dst, '"')
	default:
		dst = value.AppendQuoted(dst, string(r.Body))
	}
	if coded {
		return append(dst, `,"isBase64Encoded":true}`...)
	}
	return append(dst, `,"isBase64Encoded":false}`...)
}
