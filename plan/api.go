package plan

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/gateway/steps"
	"github.com/postern-gateway/postern/observe/metrics"
	"github.com/postern-gateway/postern/plan/spec"
)

// API is the runnable form of a deployment. All stages on one deployment share it.
type API struct {
	ID      string
	Name    string
	Account string
	Region  string
	// Disabled says that the default endpoint is switched off.
	Disabled bool
	// EndpointType is EDGE, REGIONAL or PRIVATE.
	EndpointType string
	// Responses are the gateway responses that the API defines itself.
	Responses steps.CustomResponses
	// Finish is run once over the answer of an integration, after the steps of
	// its method; nil if there is nothing to do.
	Finish steps.Step

	binary  spec.MediaTypes
	root    node
	methods []*Method // sorted by path and verb
}

// Method is one method with its steps, in order.
type Method struct {
	Spec spec.Method
	// Steps are those that every stage has.
	Steps []steps.Step
	rows  []uint8 // of Steps, in the table of the order

	number int    // among the methods of its API
	plain  *Bound // for stages that say nothing of their methods
}

// Finding is a mistake in a definition: the plan works, but some request will fail.
type Finding struct {
	Verb, Path string // of the method; empty if it is about a gateway response
	Response   string // type of the gateway response, or empty
	Part       string // "request parameter integration.request.path.id"; may be empty
	Text       string
}

// String returns the finding as one line.
func (f Finding) String() string { return f.Where() + ": " + f.Text }

// Where names the method and the part of it.
func (f Finding) Where() string {
	switch {
	case f.Response != "":
		return f.Part
	case f.Part == "":
		return f.Verb + " " + f.Path
	}
	return f.Verb + " " + f.Path + ": " + f.Part
}

// CompileAPI makes the plan of a deployment. The findings are in the order of
// paths and verbs. The snapshot is only read.
func CompileAPI(s *domain.Snapshot) (*API, []Finding) {
	a := &API{
		ID: apigw.Val(s.API.Id), Name: apigw.Val(s.API.Name), Account: s.Account, Region: s.Region,
		Disabled: apigw.Val(s.API.DisableExecuteApiEndpoint),
		Finish:   steps.Compress(s.API.MinimumCompressionSize),
		binary:   s.API.BinaryMediaTypes,
	}
	if e := s.API.EndpointConfiguration; e != nil && len(e.Types) > 0 {
		a.EndpointType = e.Types[0]
	}
	var findings []Finding
	models := newModels(s.Models)
	resources := slices.SortedStableFunc(slices.Values(s.Resources), func(x, y apigw.Resource) int {
		return cmp.Compare(apigw.Val(x.Path), apigw.Val(y.Path))
	})
	for i := range resources {
		resource := &resources[i]
		place := a.root.add(apigw.Val(resource.Path))
		for _, verb := range slices.Sorted(maps.Keys(resource.ResourceMethods)) {
			finding := Finding{Verb: verb, Path: apigw.Val(resource.Path)}
			number, ok := verbNumber(verb)
			if verb == "ANY" {
				number, ok = verbAny, true
			}
			if !ok {
				finding.Text = "verb is not one that a method can have"
				findings = append(findings, finding)
				continue
			}
			config := resource.ResourceMethods[verb]
			report := func(part, text string) {
				finding.Part, finding.Text = part, text
				findings = append(findings, finding)
			}
			m := &Method{Spec: methodSpec(&s.API, resource, verb, &config)}
			m.Spec.Account, m.Spec.Region = s.Account, s.Region
			m.Spec.Validator = models.validator(s, &config, report)
			m.number = len(a.methods)
			compile(m, report)
			m.plain = &Bound{Method: m, Settings: spec.Settings{API: a.ID}, Steps: m.Steps}
			if in := m.Spec.Integration; in != nil {
				m.plain.Backend = metrics.BackendOf(in.Type)
			}
			place.methods[number] = m
			a.methods = append(a.methods, m)
		}
	}
	var more []Finding
	a.Responses, more = customResponses(s.GatewayResponses)
	return a, append(findings, more...)
}

func customResponses(list []apigw.GatewayResponse) (steps.CustomResponses, []Finding) {
	all, findings := steps.CustomResponses{}, []Finding(nil)
	for _, r := range list {
		own := spec.CustomResponse{
			Type: apigw.Val(r.ResponseType), Status: apigw.Val(r.StatusCode), Parameters: parameters(r.ResponseParameters),
		}
		if own.Status == defaultStatus(own.Type) {
			// The API shows the default of an entry that sets no status. A failure
			// that has one of its own keeps it then, such as 502 of a function.
			own.Status = ""
		}
		for _, contentType := range slices.Sorted(maps.Keys(r.ResponseTemplates)) {
			own.Templates = append(own.Templates, spec.Template{ContentType: contentType, Text: r.ResponseTemplates[contentType]})
		}
		all[own.Type] = steps.CompileResponse(own, func(part, text string) {
			findings = append(findings, Finding{Response: own.Type, Part: part, Text: text})
		})
	}
	return all, findings
}

// defaultStatus is the status of a type as the API shows it.
func defaultStatus(responseType string) string {
	for _, r := range spec.GatewayResponses {
		if r.Type == responseType {
			return strconv.Itoa(r.Status)
		}
	}
	return ""
}

func methodSpec(api *apigw.RestApi, resource *apigw.Resource, verb string, m *apigw.Method) spec.Method {
	out := spec.Method{
		API: apigw.Val(api.Id), Resource: apigw.Val(resource.Id), ResourcePath: apigw.Val(resource.Path), Verb: verb,
		Closed:        closed(api),
		Authorization: apigw.Val(m.AuthorizationType),
		APIKey:        apigw.Val(m.ApiKeyRequired),

		KeyFromAuthorizer: apigw.Val(api.ApiKeySource) == apigw.ApiKeySourceType_AUTHORIZER,
		BinaryTypes:       slices.Clone(api.BinaryMediaTypes),
		Operation:         apigw.Val(m.OperationName),
		Responses:         map[string]bool{},
	}
	for status := range m.MethodResponses {
		out.Responses[status] = true
	}
	if m.MethodIntegration != nil {
		out.Integration = integrationSpec(m.MethodIntegration)
	}
	return out
}

// closed says why the API lets nobody in: because of a feature that restricts
// callers and that is not there yet.
func closed(api *apigw.RestApi) string {
	switch {
	case apigw.Val(api.Policy) != "":
		return "a resource policy"
	case api.EndpointConfiguration != nil && slices.Contains(api.EndpointConfiguration.Types, apigw.EndpointType_PRIVATE):
		return "endpoint type PRIVATE"
	}
	return ""
}

// defaultTimeout is that of the service's model.
const defaultTimeout = 29 * time.Second

func integrationSpec(in *apigw.Integration) *spec.Integration {
	out := &spec.Integration{
		Type: apigw.Val(in.Type), Method: apigw.Val(in.HttpMethod), URI: apigw.Val(in.Uri),
		VPC:        apigw.Val(in.ConnectionType) == apigw.ConnectionType_VPC_LINK,
		Connection: apigw.Val(in.ConnectionId), Target: apigw.Val(in.IntegrationTarget),
		Credentials: apigw.Val(in.Credentials),
		Stream:      apigw.Val(in.ResponseTransferMode) == apigw.ResponseTransferMode_STREAM,
		Parameters:  parameters(in.RequestParameters),

		CacheNamespace: apigw.Val(in.CacheNamespace), CacheKeys: in.CacheKeyParameters,
		Templates:   templates(in.RequestTemplates),
		Passthrough: cmp.Or(apigw.Val(in.PassthroughBehavior), spec.WhenNoMatch),
		Content:     apigw.Val(in.ContentHandling),
		Timeout:     cmp.Or(time.Duration(apigw.Val(in.TimeoutInMillis))*time.Millisecond, defaultTimeout),
		AnyIssuer:   in.TlsConfig != nil && apigw.Val(in.TlsConfig.InsecureSkipVerification),
	}
	for _, status := range slices.SortedFunc(maps.Keys(in.IntegrationResponses), byNumber) {
		res := in.IntegrationResponses[status]
		out.Responses = append(out.Responses, spec.IntegrationResponse{
			Status: status, Pattern: apigw.Val(res.SelectionPattern),
			Parameters: parameters(res.ResponseParameters), Templates: templates(res.ResponseTemplates),
			Content: apigw.Val(res.ContentHandling),
		})
	}
	return out
}

func byNumber(x, y string) int {
	i, _ := strconv.Atoi(x)
	j, _ := strconv.Atoi(y)
	return cmp.Or(cmp.Compare(i, j), cmp.Compare(x, y))
}

func parameters(m map[string]string) []spec.Parameter {
	var out []spec.Parameter
	for _, target := range slices.Sorted(maps.Keys(m)) {
		out = append(out, spec.Parameter{Target: target, Value: m[target]})
	}
	return out
}

func templates(m map[string]*string) []spec.Template {
	var out []spec.Template
	for _, contentType := range slices.Sorted(maps.Keys(m)) {
		out = append(out, spec.Template{ContentType: contentType, Text: apigw.Val(m[contentType])})
	}
	return out
}
