package steps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/gateway/live"
	"github.com/postern-gateway/postern/mapping"
	"github.com/postern-gateway/postern/plan/spec"
)

// MapRequest builds the step that makes the integration's request.
func MapRequest(m *spec.Method, report Report) Step {
	in := m.Integration
	broken := func(reason string) Step {
		report("integration", reason)
		return Broken{reason}
	}
	switch {
	case in == nil:
		return broken("no integration is defined")
	case in.Stream && in.Type != spec.HTTPProxy:
		return broken("response transfer mode STREAM is not supported for integrations of type " + in.Type)
	}
	if in.Type == spec.Mock {
		return &mapMock{contentHandling{m.BinaryTypes, in.Content}, compileRequestBody(in, report)}
	}
	if in.Method == "" {
		return broken("no HTTP method is defined")
	}
	var step Step
	var err error
	switch in.Type {
	case spec.HTTP, spec.HTTPProxy:
		step, err = newMapHTTP(m, report)
	case spec.AWS, spec.AWSProxy:
		step, err = newMapAWS(m, report)
	default:
		err = fmt.Errorf("integration type %q is not supported", in.Type)
	}
	if err != nil {
		return broken(err.Error())
	}
	return step
}

// newMapHTTP builds the step for HTTP and HTTP_PROXY. An error spoils every
// request.
func newMapHTTP(m *spec.Method, report Report) (*mapHTTP, error) {
	in := m.Integration
	s := &mapHTTP{
		proxy: in.Type == spec.HTTPProxy, api: m.API, userAgent: "AmazonAPIGateway_" + m.API,
		content: contentHandling{m.BinaryTypes, in.Content}, verb: in.Method, uri: parseURI(in.URI), params: compileParameters(m, httpRules, report),
		frame: integration.Request{Timeout: in.Timeout, AnyIssuer: in.AnyIssuer, Stream: in.Stream},
	}
	if in.VPC {
		s.link = &vpcLink{live.Scope{Account: m.Account, Region: m.Region}, in.Connection, in.Target}
	}
	for i := range s.params {
		s.mapsQuery = s.mapsQuery || s.params[i].location == mapping.ToQuery
	}
	if !s.proxy {
		s.body = compileRequestBody(in, report)
	}
	if s.uri.fixed() {
		s.frame.URL, _, _ = strings.Cut(in.URI, "#") // no server is ever sent a fragment
		if !callable(s.frame.URL) {
			return nil, errAddress
		}
	}
	return s, nil
}

// errAddress is a text of the service.
//
//lint:ignore ST1005 the text is the service's, to the letter
var errAddress = errors.New("Invalid endpoint address")

// vpcLink is the way to a backend that a VPC link stands for.
type vpcLink struct {
	scope  live.Scope
	id     string // may hold stage variables
	target string // ARN, of links of version 2
}

// find sets what is dialled for a request. Links change without a deployment,
// so they are looked up each time.
func (l *vpcLink) find(r *Request) Outcome {
	addresses, err := r.Links.Dial(l.scope, expandVariables(l.id, r), l.target, r.Clock.Now())
	if err != nil {
		return r.misconfigured(err.Error())
	}
	r.Out.Dial = addresses
	return Next
}

// mapMock makes the request of a MOCK integration: its body and nothing else.
type mapMock struct {
	content contentHandling
	body    requestBody
}

func (*mapMock) Name() string     { return "map-request" }
func (s *mapMock) String() string { return spec.Mock + s.content.String() + s.body.String() }

func (s *mapMock) Run(_ context.Context, r *Request) (outcome Outcome) {
	if outcome = s.content.request(r); outcome == Next {
		r.Out.Body, outcome = s.body.render(r)
	}
	return outcome
}

// mapHTTP makes the request of HTTP and HTTP_PROXY.
type mapHTTP struct {
	proxy          bool
	api, userAgent string
	content        contentHandling
	verb           string
	uri            uri
	params         []parameter
	mapsQuery      bool                // some of params are query parameters
	body           requestBody         // not for proxies: theirs passes
	link           *vpcLink            // nil: the URL's host is called itself
	frame          integration.Request // what is the same in every request; URL only if it is fixed
}

func (*mapHTTP) Name() string { return "map-request" }

func (s *mapHTTP) String() string {
	var b strings.Builder
	kind := spec.HTTP
	if s.proxy {
		kind = spec.HTTPProxy
	}
	fmt.Fprintf(&b, "%s %s %s timeout %v", kind, s.verb, s.uri.text, s.frame.Timeout)
	if s.frame.AnyIssuer {
		b.WriteString(" any issuer")
	}
	if s.link != nil {
		fmt.Fprintf(&b, " by VPC link %s %s", s.link.id, s.link.target)
	}
	if s.frame.Stream {
		b.WriteString(" stream")
	}
	b.WriteString(s.content.String())
	for i := range s.params {
		fmt.Fprintf(&b, "\n%v", &s.params[i])
	}
	if !s.proxy {
		b.WriteString(s.body.String())
	}
	return b.String()
}

// String continues a step's description.
func (b *requestBody) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "\npassthrough %s", b.passthrough)
	describeTemplates(&out, b.templates)
	return out.String()
}

func describeTemplates(out *strings.Builder, list []template) {
	for _, t := range list {
		if t.err != nil {
			fmt.Fprintf(out, "\ntemplate %s error: %v", t.contentType, t.err)
		} else {
			fmt.Fprintf(out, "\ntemplate %s %q", t.contentType, t.code)
		}
	}
}

func (s *mapHTTP) Run(_ context.Context, r *Request) Outcome {
	if outcome := checkParameters(s.params, r); outcome != Next {
		return outcome
	}
	if outcome := s.content.request(r); outcome != Next {
		return outcome
	}
	header := r.Out.Header[:0]
	r.Out = s.frame
	r.Out.Header, r.Out.Identity = header, r.Identity
	if s.frame.Stream {
		r.Out.Stream = !r.Context.Test // a test invocation shows the whole body
		r.Out.IdleTimeout = idleTime(r.Context.EndpointType)
	}
	if r.Out.Method = s.verb; s.verb == "ANY" {
		r.Out.Method = r.Context.HTTPMethod
	}
	if s.proxy {
		r.Out.Body = r.Body
	} else if outcome := s.ownBody(r); outcome != Next { // may set what the address takes
		return outcome
	}
	if !s.address(r) {
		return r.misconfigured(errAddress.Error())
	}
	if s.link != nil {
		if outcome := s.link.find(r); outcome != Next {
			return outcome
		}
	}
	if s.proxy {
		s.proxyHeader(r)
	} else {
		s.ownHeader(r)
	}
	if parent := r.Tracing.parent; parent != "" {
		r.Out.Header.Set(parentHeader, parent) // in the place of a client's that passed
	}
	if r.Explain.Wanted() {
		r.Explain.Add(r.Clock.Now(), s.Name(), r.Out.Method+" "+r.Out.URL)
	}
	return mapHeaders(s.params, httpRules, r)
}

// address makes the URL: the configured one, then the client's query (proxy
// only, as it came), then the mapped parameters.
func (s *mapHTTP) address(r *Request) bool {
	fixed := s.frame.URL != ""
	if fixed && (!s.proxy || r.RawQuery == "") && !s.mapsQuery && r.Override(mapping.ToQuery) == nil {
		return true
	}
	url := r.buf[:0]
	if fixed {
		url = append(url, s.frame.URL...)
	} else {
		url = s.uri.append(url, r, s.params)
		if i := bytes.IndexByte(url, '#'); i >= 0 {
			url = url[:i]
		}
	}
	if s.proxy && r.RawQuery != "" {
		url = append(appendSeparator(url), r.RawQuery...)
	}
	url = appendQuery(url, s.params, r)
	r.buf = url
	r.Out.URL = string(url)
	return fixed || callable(r.Out.URL)
}

// ownBody makes the body of a non-proxy request.
func (s *mapHTTP) ownBody(r *Request) (outcome Outcome) {
	if r.Out.Body, outcome = s.body.render(r); outcome != Next {
		return outcome
	}
	if bodiless(r.Context.HTTPMethod) && bodiless(r.Out.Method) {
		r.Out.Body = nil // seen in an emulator
	}
	return Next
}

// ownHeader makes the headers of a non-proxy request. Recorded: without
// mappings the backend sees these and nothing of the client.
func (s *mapHTTP) ownHeader(r *Request) {
	h := append(r.Out.Header,
		exchange.Field{Name: "Accept", Value: jsonType},
		exchange.Field{Name: "User-Agent", Value: s.userAgent},
		exchange.Field{Name: "X-Amzn-Apigateway-Api-Id", Value: s.api},
		exchange.Field{Name: traceHeader, Value: r.TraceID()})
	// Recorded: no Content-Type without a body. Seen in an emulator: none for
	// clients whose verb has no body.
	if len(r.Out.Body) > 0 && !bodiless(r.Context.HTTPMethod) {
		contentType := r.Header.Get("Content-Type")
		if contentType == "" {
			contentType = jsonType
		}
		h.Add("Content-Type", contentType)
	}
	r.Out.Header = h
}

func bodiless(verb string) bool { return verb == "GET" || verb == "HEAD" || verb == "OPTIONS" }

// proxyHeader passes the client's headers on.
func (s *mapHTTP) proxyHeader(r *Request) {
	h := r.Out.Header
	for _, field := range r.Header {
		if notProxied.has(field.Name) {
			continue
		}
		// The guide: a signature for the gateway is not the backend's business.
		if !strings.EqualFold(field.Name, "Authorization") || !strings.HasPrefix(field.Value, "AWS4-HMAC-SHA256") {
			h = append(h, field)
		}
	}
	f := r.forwarded()
	if f[0].Value != "" { // a test invocation comes from nowhere
		h = append(h, f[0])
	}
	r.Out.Header = append(h, f[1], f[2],
		exchange.Field{Name: "X-Amzn-Apigateway-Api-Id", Value: s.api},
		exchange.Field{Name: traceHeader, Value: r.TraceID()})
}

// forwarded returns the headers that tell a backend where a request comes from.
func (r *Request) forwarded() [3]exchange.Field {
	from := ""
	for value := range r.Header.Values("X-Forwarded-For", false) {
		from += value + ", "
	}
	if addr := r.Context.Remote; addr.IsValid() {
		from += addr.Unmap().WithZone("").String()
	}
	proto, port := "http", "80"
	if r.X.Request.TLS != nil {
		proto, port = "https", "443"
	}
	if p := portOf(r.Context.Host); p != "" {
		port = p
	}
	return [3]exchange.Field{
		{Name: "X-Forwarded-For", Value: strings.TrimSuffix(from, ", ")},
		{Name: "X-Forwarded-Port", Value: port},
		{Name: "X-Forwarded-Proto", Value: proto},
	}
}

func portOf(host string) string {
	if i := strings.LastIndexByte(host, ':'); i >= 0 && strings.IndexByte(host[i:], ']') < 0 {
		return host[i+1:]
	}
	return ""
}
