package openapi

import (
	"cmp"
	"strings"

	"github.com/postern-gateway/postern/apigw"
)

func (r *reader) integration(verb string, n *node) *apigw.Integration {
	if n.kind != object {
		r.problem(n, "Unable to parse API definition because of a malformed integration")
		return nil
	}
	i := &apigw.Integration{
		Type:                 apigw.Text(strings.ToUpper(r.str(n.get("type")))),
		Uri:                  apigw.Text(r.str(n.get("uri"))),
		Credentials:          apigw.Text(r.str(n.get("credentials"))),
		ConnectionType:       apigw.Text(r.str(n.get("connectionType"))),
		ConnectionId:         apigw.Text(r.str(n.get("connectionId"))),
		IntegrationTarget:    apigw.Text(r.str(n.get("integrationTarget"))),
		ContentHandling:      apigw.Text(r.str(n.get("contentHandling"))),
		CacheNamespace:       apigw.Text(r.str(n.get("cacheNamespace"))),
		ResponseTransferMode: apigw.Text(r.str(n.get("responseTransferMode"))),
		PassthroughBehavior:  apigw.Text(strings.ToUpper(r.str(n.get("passthroughBehavior")))),
		TimeoutInMillis:      r.integer(n.get("timeoutInMillis")),
		RequestParameters:    r.texts(n.get("requestParameters")),
		RequestTemplates:     r.templates(n.get("requestTemplates")),
	}
	if i.Type == nil {
		r.problem(n, "the integration has no type")
		return nil
	}
	if *i.Type != apigw.IntegrationType_MOCK {
		i.HttpMethod = new(strings.ToUpper(cmp.Or(r.str(n.get("httpMethod")), verb)))
	}
	if keys := n.get("cacheKeyParameters"); keys != nil {
		for _, key := range keys.items {
			i.CacheKeyParameters = append(i.CacheKeyParameters, r.str(key))
		}
	}
	if skip := n.get("tlsConfig").get("insecureSkipVerification"); skip != nil {
		i.TlsConfig = &apigw.TlsConfig{InsecureSkipVerification: new(r.str(skip) == "true")}
	}
	for _, response := range r.objectOf(n.get("responses"), "responses") {
		r.integrationResponse(i, response)
	}
	return i
}

// integrationResponse reads one response; its key is the selection pattern.
func (r *reader) integrationResponse(i *apigw.Integration, response member) {
	v := response.value
	status := cmp.Or(r.str(v.get("statusCode")), "200")
	out := apigw.IntegrationResponse{
		StatusCode:         &status,
		ContentHandling:    apigw.Text(r.str(v.get("contentHandling"))),
		ResponseParameters: r.texts(v.get("responseParameters")),
		ResponseTemplates:  r.templates(v.get("responseTemplates")),
	}
	if response.key != "default" {
		out.SelectionPattern = &response.key
	}
	if i.IntegrationResponses == nil {
		i.IntegrationResponses = map[string]apigw.IntegrationResponse{}
	}
	i.IntegrationResponses[status] = out
}

func (r *reader) texts(n *node) map[string]string {
	var out map[string]string
	for _, m := range r.objectOf(n, "a mapping") {
		if out == nil {
			out = map[string]string{}
		}
		out[m.key] = r.str(m.value)
	}
	return out
}

// templates reads a map of templates; an empty one is kept as null.
func (r *reader) templates(n *node) map[string]*string {
	var out map[string]*string
	for key, text := range r.texts(n) {
		if out == nil {
			out = map[string]*string{}
		}
		out[key] = apigw.Text(text)
	}
	return out
}
