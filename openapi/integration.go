package openapi

import (
	"cmp"
	"strings"

	"github.com/postern-gateway/postern/apigw"
)

// malformed is the whole message of an import whose integration is not of the
// expected form: an unresolved template function, for instance.
func (r *reader) malformed(at Place, path string) {
	r.problems = append(r.problems, Problem{
		Place: at, Whole: true, Text: "Unable to parse API definition because of a malformed integration at path " + path + ".",
	})
}

func (r *reader) integration(verb, path string, n *node) *apigw.Integration {
	if n.kind != object || n.get("uri") != nil && n.get("uri").kind > null || n.get("type") != nil && n.get("type").kind > null {
		r.malformed(n.place(), path)
		return nil
	}
	i := &apigw.Integration{
		Type:                 apigw.Text(strings.ToUpper(r.str(n.get("type")))),
		Uri:                  apigw.Text(r.str(n.get("uri"))),
		Credentials:          apigw.Text(r.str(n.get("credentials"))),
		ConnectionType:       apigw.Text(strings.ToUpper(r.str(n.get("connectionType")))),
		ConnectionId:         apigw.Text(r.str(n.get("connectionId"))),
		IntegrationTarget:    apigw.Text(r.str(n.get("integrationTarget"))),
		ContentHandling:      apigw.Text(strings.ToUpper(r.str(n.get("contentHandling")))),
		CacheNamespace:       apigw.Text(r.str(n.get("cacheNamespace"))),
		ResponseTransferMode: apigw.Text(strings.ToUpper(r.str(n.get("responseTransferMode")))),
		PassthroughBehavior:  apigw.Text(strings.ToUpper(r.str(n.get("passthroughBehavior")))),
		TimeoutInMillis:      r.integer(n.get("timeoutInMillis")),
		RequestParameters:    r.requestParameters(verb, path, n.get("requestParameters")),
		RequestTemplates:     r.templates(path, n.get("requestTemplates")),
	}
	switch apigw.Val(i.Type) {
	case apigw.IntegrationType_MOCK:
	case apigw.IntegrationType_AWS_PROXY:
		i.HttpMethod = new("POST")
	case apigw.IntegrationType_HTTP, apigw.IntegrationType_HTTP_PROXY, apigw.IntegrationType_AWS:
		i.HttpMethod = new(strings.ToUpper(cmp.Or(r.str(n.get("httpMethod")), verb)))
	default:
		r.malformed(n.place(), path)
		return nil
	}
	for _, key := range r.listOf(n.get("cacheKeyParameters"), "cacheKeyParameters") {
		i.CacheKeyParameters = append(i.CacheKeyParameters, r.str(key))
	}
	if skip := n.get("tlsConfig").get("insecureSkipVerification"); skip != nil {
		i.TlsConfig = &apigw.TlsConfig{InsecureSkipVerification: new(r.boolean(skip))}
	}
	for _, response := range r.objectOf(n.get("responses"), "responses") {
		r.integrationResponse(i, path, response)
	}
	return i
}

// requestParameters drops values that are no texts, with a warning.
func (r *reader) requestParameters(verb, path string, n *node) map[string]string {
	members := r.objectOf(n, "requestParameters")
	if members == nil {
		return nil
	}
	out := map[string]string{}
	for _, m := range members {
		if m.value.kind != scalar || !m.value.isText {
			r.warn(m.at, "Invalid format for 'requestParameters'. Expected type string for property '%s' of resource '%s' and method '%s' but got '%s'",
				m.key, path, verb, m.value.json())
			continue
		}
		out[m.key] = m.value.text
	}
	return out
}

// integrationResponse reads one response; its key is the selection pattern.
func (r *reader) integrationResponse(i *apigw.Integration, path string, response member) {
	v := response.value
	status := cmp.Or(r.str(v.get("statusCode")), "200")
	out := apigw.IntegrationResponse{
		StatusCode:         &status,
		ContentHandling:    apigw.Text(strings.ToUpper(r.str(v.get("contentHandling")))),
		ResponseParameters: r.responseParameters(v.get("responseParameters")),
		ResponseTemplates:  r.templates(path, v.get("responseTemplates")),
	}
	if response.key != defaultPattern {
		out.SelectionPattern = &response.key
	}
	if i.IntegrationResponses == nil {
		i.IntegrationResponses = map[string]apigw.IntegrationResponse{}
	}
	i.IntegrationResponses[status] = out
}

// responseParameters reads mappings of a response. A number or a boolean, as
// SAM writes for Access-Control-Max-Age, can only mean itself.
func (r *reader) responseParameters(n *node) map[string]string {
	out := r.texts(n, "responseParameters")
	for _, m := range n.objectMembers() {
		if m.value.kind == scalar && !m.value.isText {
			out[m.key] = "'" + m.value.text + "'"
		}
	}
	return out
}

// templates reads a map of templates; an empty one is kept as null, anything
// but a text is refused.
func (r *reader) templates(path string, n *node) map[string]*string {
	members := r.objectOf(n, "templates")
	if members == nil {
		return nil
	}
	out := map[string]*string{}
	for _, m := range members {
		if m.value.kind > null {
			r.malformed(m.value.place(), path)
			continue
		}
		out[m.key] = apigw.Text(r.str(m.value))
	}
	return out
}
