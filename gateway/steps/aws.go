package steps

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/mapping"
	"github.com/postern-gateway/postern/plan/spec"
)

// mapAWS makes the request of an integration of type AWS or AWS_PROXY.
type mapAWS struct {
	method    *spec.Method
	userAgent string
	params    []parameter
	// target is nil if stage variables choose the service: then it is made for
	// each request.
	target  *awsTarget
	content contentHandling
	body    requestBody // not for AWS_PROXY
	event   *eventMaker // only for AWS_PROXY with a function
}

// newMapAWS builds the step for AWS and AWS_PROXY. An error spoils every request.
func newMapAWS(m *spec.Method, report Report) (*mapAWS, error) {
	in := m.Integration
	s := &mapAWS{method: m, userAgent: "AmazonAPIGateway_" + m.API, params: compileParameters(m, awsRules, report), content: contentHandling{m.BinaryTypes, in.Content}}
	invokes := true // what stage variables choose for AWS_PROXY can be a function only
	if !chosenByVariable(in.URI) {
		target, err := parseAWSURI(in.URI)
		if err != nil {
			return nil, err
		}
		s.target, invokes = target, target.invoke
	}
	switch {
	case in.Type == spec.AWS:
		s.body = compileRequestBody(in, report)
	case invokes && in.Method != "POST":
		return nil, fmt.Errorf("functions are called by POST, not %s", in.Method) // seen in an emulator
	case invokes:
		s.event = newEventMaker(m)
	}
	return s, nil
}

// awsTarget is a service of AWS and what to ask of it.
type awsTarget struct {
	uri    uri // of the service in AWS, as a URL
	call   integration.AWS
	invoke bool // calls a function
}

// variablePrefix begins a stage variable in a URI.
const variablePrefix = "${stageVariables."

// chosenByVariable reports whether stage variables stand in a URI before its
// path or action, or in the place of one.
func chosenByVariable(text string) bool {
	parts := strings.SplitN(text, ":", 6)
	return len(parts) == 6 && (strings.Contains(strings.Join(parts[:5], ":"), variablePrefix) ||
		strings.HasPrefix(parts[5], variablePrefix))
}

var errNoAction = errors.New("AWS ARN for integration must contain path or action")

// parseAWSURI reads "arn:PARTITION:apigateway:REGION:SERVICE:path/PATH" and
// "...:action/ACTION&NAME=VALUE". Before the service there may be a name for
// the host, "bucket.s3".
func parseAWSURI(text string) (*awsTarget, error) {
	parts := strings.SplitN(text, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "apigateway" {
		return nil, errAddress
	}
	partition, region, name, rest := parts[1], parts[3], parts[4], parts[5]
	if strings.ContainsAny(region+name, "/?#") {
		return nil, errAddress // the host would end before the domain of AWS
	}
	t := &awsTarget{call: integration.AWS{Service: name[strings.LastIndexByte(name, '.')+1:], Region: region}}
	url := "https://" + name + "." + region + ".amazonaws.com"
	if partition == "aws-cn" {
		url += ".cn"
	}
	path, isPath := strings.CutPrefix(rest, "path/")
	action, isAction := strings.CutPrefix(rest, "action/")
	switch {
	case isPath:
		url += "/" + strings.TrimPrefix(path, "/")
		t.invoke = t.call.Service == "lambda" && strings.Contains(url, "/2015-03-31/functions/") && strings.HasSuffix(url, "/invocations")
	case isAction:
		url += "/"
		var query string
		if t.call.Action, query, _ = strings.Cut(action, "&"); query != "" {
			url += "?" + query
		}
	default:
		return nil, errNoAction
	}
	t.uri = parseURI(url)
	if t.uri.fixed() && !callable(url) {
		return nil, errAddress
	}
	return t, nil
}

func (*mapAWS) Name() string { return "map-request" }

func (s *mapAWS) String() string {
	var b strings.Builder
	in := s.method.Integration
	fmt.Fprintf(&b, "%s %s %s timeout %v", in.Type, in.Method, in.URI, in.Timeout)
	for i := range s.params {
		fmt.Fprintf(&b, "\n%v", &s.params[i])
	}
	if s.event == nil {
		b.WriteString(s.content.String())
	}
	if in.Type == spec.AWS {
		b.WriteString(s.body.String())
	}
	return b.String()
}

func (s *mapAWS) Run(_ context.Context, r *Request) Outcome {
	if outcome := checkParameters(s.params, r); outcome != Next {
		return outcome
	}
	target := s.target
	if target == nil {
		var err error
		if target, err = parseAWSURI(expandVariables(s.method.Integration.URI, r)); err != nil {
			return r.misconfigured(err.Error())
		}
	}
	header := r.Out.Header[:0]
	r.Out = integration.Request{Method: s.verb(r), Timeout: s.method.Integration.Timeout, AWS: target.call, Header: header}
	r.Out.AWS.Account = s.method.Account
	r.invokes = target.invoke
	if outcome := s.makeBody(r, target); outcome != Next {
		return outcome
	}
	if r.Out.URL = s.url(r, target); !callable(r.Out.URL) {
		return r.misconfigured(errAddress.Error())
	}
	s.ownHeader(r, target)
	if outcome := s.mapHeaders(r); outcome != Next {
		return outcome
	}
	if err := r.Backends.AWS.Prepare(&r.Out); err != nil {
		return r.failCall(err)
	}
	if r.Explain.Wanted() {
		r.Explain.Add(r.Clock.Now(), s.Name(), r.Out.Method+" "+r.Out.URL)
	}
	return Next
}

func (s *mapAWS) verb(r *Request) string {
	if s.method.Integration.Method == "ANY" {
		return r.Context.HTTPMethod
	}
	return s.method.Integration.Method
}

// expandVariables replaces the stage variables of a text; one that is not set
// is empty.
func expandVariables(text string, r *Request) string {
	var out strings.Builder
	for text != "" {
		at := strings.Index(text, variablePrefix)
		if at < 0 {
			break
		}
		out.WriteString(text[:at])
		text = text[at:]
		name, n := placeholder(text, variablePrefix)
		if n == 0 {
			out.WriteString(variablePrefix)
			text = text[len(variablePrefix):]
			continue
		}
		out.WriteString(r.Variables[name])
		text = text[n:]
	}
	out.WriteString(text)
	return out.String()
}

func (s *mapAWS) makeBody(r *Request, target *awsTarget) (outcome Outcome) {
	switch {
	case s.event != nil:
		if !target.invoke {
			return r.misconfigured("AWS_PROXY calls functions only")
		}
		r.event = s.event.append(r.event[:0], r)
		r.Out.Body = r.event
		return Next
	}
	// An event says itself whether its body is base64; anything else is converted.
	if outcome := s.content.request(r); outcome != Next {
		return outcome
	}
	if s.method.Integration.Type == spec.AWSProxy {
		r.Out.Body = r.Body
		return Next
	}
	r.Out.Body, outcome = s.body.render(r)
	if outcome == Next && bodiless(r.Context.HTTPMethod) && bodiless(r.Out.Method) {
		r.Out.Body = nil // seen in an emulator, for HTTP
	}
	return outcome
}

func (s *mapAWS) url(r *Request, target *awsTarget) string {
	url := target.uri.append(r.buf[:0], r, s.params)
	if s.event == nil {
		url = appendQuery(url, s.params, r)
	}
	r.buf = url
	return string(url)
}

// ownHeader makes the headers that every such request has. Names and order are
// recorded for functions; the empty ones are for the signature. That the source
// is named only to functions without credentials is read off the record.
func (s *mapAWS) ownHeader(r *Request, target *awsTarget) {
	h := r.Out.Header
	if target.invoke {
		h.Add("x-amzn-lambda-integration-tag", r.Context.RequestID)
	}
	h = append(h, exchange.Field{Name: "Authorization"}, exchange.Field{Name: "X-Amz-Date"},
		exchange.Field{Name: "x-amzn-apigateway-api-id", Value: s.method.API})
	if target.invoke && s.method.Integration.Credentials == "" {
		m := s.method
		h.Add("X-Amz-Source-Arn", "arn:aws:execute-api:"+m.Region+":"+m.Account+":"+m.API+"/"+r.Context.Stage+"/"+r.Context.HTTPMethod+m.ResourcePath)
	}
	h = append(h,
		exchange.Field{Name: "Accept", Value: jsonType},
		exchange.Field{Name: "User-Agent", Value: s.userAgent},
		exchange.Field{Name: "X-Amz-Security-Token"},
		exchange.Field{Name: traceHeader, Value: r.TraceID()})
	switch {
	case len(r.Out.Body) == 0 || target.call.Action != "": // the protocol of an action decides
	case s.event != nil:
		h.Add("Content-Type", jsonType)
	default:
		contentType := r.Header.Get("Content-Type")
		if contentType == "" {
			contentType = jsonType
		}
		h.Add("Content-Type", contentType)
	}
	r.Out.Header = h
}

// mapHeaders sets the mapped headers. Those of an event are looked at and not
// sent (seen in an emulator).
func (s *mapAWS) mapHeaders(r *Request) Outcome {
	if s.event == nil {
		return mapHeaders(s.params, awsRules, r)
	}
	for i := range s.params {
		p := &s.params[i]
		if !p.forbidden || p.location != mapping.ToHeader {
			continue
		}
		if _, ok := p.expr.Value(&r.Source); ok {
			return r.misconfigured("header already present: " + p.name)
		}
	}
	return Next
}
