package openapi

import (
	"strings"

	"github.com/postern-gateway/postern/apigw"
)

const (
	integrationMember = "x-amazon-apigateway-integration"
	defaultTimeout    = 29000 // milliseconds; not shown
	defaultPattern    = "default"
)

// integration writes an integration without what is its default. Recorded.
func (e *exporter) integration(resource string, i *apigw.Integration) *node {
	kind := apigw.Val(i.Type)
	n := newObject().add("type", newText(strings.ToLower(kind)))
	if kind != apigw.IntegrationType_MOCK {
		n.add("httpMethod", optional(i.HttpMethod)).add("uri", optional(i.Uri))
	}
	if apigw.Val(i.ConnectionType) == apigw.ConnectionType_VPC_LINK {
		n.add("connectionType", optional(i.ConnectionType))
	}
	n.add("connectionId", optional(i.ConnectionId)).
		add("integrationTarget", optional(i.IntegrationTarget)).
		add("credentials", optional(i.Credentials)).
		add("responses", e.integrationResponses(i).filled()).
		add("requestParameters", textMap(i.RequestParameters)).
		add("requestTemplates", templateMap(i.RequestTemplates)).
		add("passthroughBehavior", newText(strings.ToLower(apigw.Val(i.PassthroughBehavior)))).
		add("contentHandling", optional(i.ContentHandling))
	if timeout := i.TimeoutInMillis; timeout != nil && *timeout != defaultTimeout {
		n.add("timeoutInMillis", newInt(*timeout))
	}
	if apigw.Val(i.CacheNamespace) != resource {
		n.add("cacheNamespace", optional(i.CacheNamespace))
	}
	if len(i.CacheKeyParameters) > 0 {
		n.add("cacheKeyParameters", newTexts(i.CacheKeyParameters))
	}
	if i.TlsConfig != nil && i.TlsConfig.InsecureSkipVerification != nil {
		n.add("tlsConfig", newObject().add("insecureSkipVerification", newBool(*i.TlsConfig.InsecureSkipVerification)))
	}
	return n.add("responseTransferMode", optional(i.ResponseTransferMode))
}

// integrationResponses writes responses by their pattern. Of two with one
// pattern the gateway takes the first, so the other is left out.
func (e *exporter) integrationResponses(i *apigw.Integration) *node {
	all := newObject()
	for _, status := range byStatus(i.IntegrationResponses) {
		r := i.IntegrationResponses[status]
		key := apigw.Val(r.SelectionPattern)
		switch key {
		case "":
			key = defaultPattern
		case defaultPattern:
			key = "(?:default)" // a pattern with this text, which as a key means none
		}
		if all.get(key) == nil {
			all.add(key, newObject().
				add("statusCode", newText(status)).
				add("responseParameters", textMap(r.ResponseParameters)).
				add("responseTemplates", templateMap(r.ResponseTemplates)).
				add("contentHandling", optional(r.ContentHandling)))
		}
	}
	return all
}

// templateMap is a map of templates, or nil for an empty one. A template that
// is null is an empty one in documents.
func templateMap(m map[string]*string) *node {
	n := newObject()
	for _, key := range sortedKeys(m) {
		n.add(key, newText(apigw.Val(m[key])))
	}
	return n.filled()
}
