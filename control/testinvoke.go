package control

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/exchange"
)

// Invocation is a call of TestInvokeMethod, ready to run.
type Invocation struct {
	Snapshot *domain.Snapshot // with the one resource and its one method
	Verb     string           // of the request; the method may be ANY
	// Path is the path of the request, or the resource's own template, in which
	// each parameter stands for itself (recorded).
	Path, RawQuery string
	Header         exchange.Header
	Body           []byte
	Variables      map[string]string
	// Certificate is the id of the client certificate for the backend, or "".
	Certificate string
}

// Invoked is the answer of a test invocation.
type Invoked struct {
	Status  int
	Header  exchange.Header
	Body    []byte
	Latency time.Duration
	Log     string
}

// TestInvokeMethod runs a method as it is now, deployed or not, through the
// pipeline of the gateway.
func (s *Service) TestInvokeMethod(ctx context.Context, in *apigw.TestInvokeMethodRequest) (*apigw.TestInvokeMethodResponse, error) {
	call, err := s.invocation(ctx, in)
	if err != nil {
		return nil, err
	}
	answer, err := s.Invoke(ctx, call)
	if err != nil {
		return nil, err
	}
	out := &apigw.TestInvokeMethodResponse{
		Status: new(int32(answer.Status)), Body: new(string(answer.Body)), Log: &answer.Log,
		Latency: new(answer.Latency.Milliseconds()),
		Headers: map[string]string{}, MultiValueHeaders: map[string][]string{},
	}
	for _, field := range answer.Header {
		out.Headers[field.Name] = field.Value
		out.MultiValueHeaders[field.Name] = append(out.MultiValueHeaders[field.Name], field.Value)
	}
	return out, nil
}

func (s *Service) invocation(ctx context.Context, in *apigw.TestInvokeMethodRequest) (*Invocation, error) {
	out := &Invocation{
		Verb: in.HttpMethod, Header: headerOf(in.Headers, in.MultiValueHeaders), Body: []byte(apigw.Val(in.Body)),
		Variables: in.StageVariables, Certificate: apigw.Val(in.ClientCertificateId),
	}
	err := s.read(ctx, func(t *tx) error {
		_, resource, err := t.resource(in.RestApiId, in.ResourceId)
		if err != nil {
			return err
		}
		api, err := t.api(in.RestApiId)
		if err != nil {
			return err
		}
		if out.Certificate != "" {
			if _, err := t.certificate(out.Certificate); err != nil {
				return err
			}
		}
		if out.Snapshot, err = t.snapshot(&api.Shape); err != nil {
			return err
		}
		return out.narrow(*resource.Shape.Id)
	})
	if err != nil {
		return nil, err
	}
	out.Path, out.RawQuery, _ = strings.Cut(apigw.Val(in.PathWithQueryString), "?")
	switch {
	case out.Path == "":
		out.Path = *out.Snapshot.Resources[0].Path
	case !strings.HasPrefix(out.Path, "/"):
		out.Path = "/" + out.Path
	}
	return out, nil
}

// narrow leaves the one method that the call is for in the snapshot.
func (v *Invocation) narrow(resource string) error {
	i := slices.IndexFunc(v.Snapshot.Resources, func(r apigw.Resource) bool { return *r.Id == resource })
	r := v.Snapshot.Resources[i]
	verb := v.Verb
	method, ok := r.ResourceMethods[verb]
	if !ok {
		verb = "ANY"
		method, ok = r.ResourceMethods[verb]
	}
	if !ok {
		return errNoMethod()
	}
	r.ResourceMethods = map[string]apigw.Method{verb: method}
	v.Snapshot.Resources = []apigw.Resource{r}
	return nil
}

// headerOf puts the two forms of headers together. Where both name one, the
// one with several values counts.
func headerOf(single map[string]string, multi map[string][]string) exchange.Header {
	var h exchange.Header
	for _, name := range sortedKeys(single) {
		if _, both := multi[name]; !both {
			h.Add(name, single[name])
		}
	}
	for _, name := range sortedKeys(multi) {
		for _, value := range multi[name] {
			h.Add(name, value)
		}
	}
	return h
}
