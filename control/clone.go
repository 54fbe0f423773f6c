package control

import (
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
)

// inherit fills in what a deployment would freeze of the API that a new one is
// a clone of, where the call does not say otherwise. Deployments, stages and
// tags stay behind. Assumed.
func inherit(api, source *apigw.RestApi, in *apigw.CreateRestApiRequest) {
	if in.BinaryMediaTypes == nil {
		api.BinaryMediaTypes = source.BinaryMediaTypes
	}
	if in.MinimumCompressionSize == nil {
		api.MinimumCompressionSize = source.MinimumCompressionSize
	}
	if in.ApiKeySource == nil {
		api.ApiKeySource = source.ApiKeySource
	}
	if in.EndpointConfiguration == nil {
		api.EndpointConfiguration = source.EndpointConfiguration
	}
	if in.DisableExecuteApiEndpoint == nil {
		api.DisableExecuteApiEndpoint = source.DisableExecuteApiEndpoint
	}
	api.Policy = source.Policy
}

// clone copies the definition of another API: resources with their methods,
// models, authorizers, validators, gateway responses and documentation parts.
// Everything that has an id gets a new one.
func (s *Service) clone(t *tx, source *apigw.RestApi, parts domain.Parts, api, root string) error {
	old, _, err := t.parts(*source.Id)
	if err != nil {
		return err
	}
	t.settled(string(old))
	c := &cloner{service: s, tx: t, old: old, parts: parts, renamed: map[string]string{*source.RootResourceId: root}}
	for _, copyAll := range []func() error{
		func() error { return c.models(*source.Id, api) }, c.authorizers, c.validators, c.gatewayResponses, c.documentation, c.resources,
	} {
		if err := copyAll(); err != nil {
			return err
		}
	}
	return nil
}

type cloner struct {
	service    *Service
	tx         *tx
	old, parts domain.Parts
	renamed    map[string]string // old id -> new id
}

// rename returns the new id for an old one.
func (c *cloner) rename(id string) *string {
	if c.renamed[id] == "" {
		c.renamed[id] = c.service.IDs.Part()
	}
	return new(c.renamed[id])
}

func (c *cloner) models(from, to string) error {
	return eachShape(c.tx, c.old.Models(), func(m *apigw.Model) {
		m.Id = c.rename(*m.Id)
		m.Schema = new(strings.ReplaceAll(apigw.Val(m.Schema), "/restapis/"+from+"/models/", "/restapis/"+to+"/models/"))
		c.tx.put(c.parts.Model(*m.Name), domain.New(*m, domain.None{}))
	})
}

func (c *cloner) authorizers() error {
	return eachShape(c.tx, c.old.Authorizers(), func(a *apigw.Authorizer) {
		a.Id = c.rename(*a.Id)
		c.tx.put(c.parts.AuthorizerName(*a.Name), domain.New(*a.Id, domain.None{}))
		c.tx.put(c.parts.Authorizer(*a.Id), domain.New(*a, domain.None{}))
	})
}

func (c *cloner) validators() error {
	return eachShape(c.tx, c.old.Validators(), func(v *apigw.RequestValidator) {
		v.Id = c.rename(*v.Id)
		c.tx.put(c.parts.Validator(*v.Id), domain.New(*v, domain.None{}))
	})
}

func (c *cloner) gatewayResponses() error {
	return eachShape(c.tx, c.old.GatewayResponses(), func(r *apigw.GatewayResponse) {
		c.tx.put(c.parts.GatewayResponse(*r.ResponseType), domain.New(*r, domain.None{}))
	})
}

func (c *cloner) documentation() error {
	return eachShape(c.tx, c.old.DocumentationParts(), func(p *apigw.DocumentationPart) {
		p.Id = c.rename(*p.Id)
		c.tx.put(c.parts.Location(*p.Location), domain.New(*p.Id, domain.None{}))
		c.tx.put(c.parts.DocumentationPart(*p.Id), domain.New(*p, domain.None{}))
	})
}

func (c *cloner) resources() error {
	all, err := c.tx.resources(c.old)
	if err != nil {
		return err
	}
	for id, r := range all {
		r.Id = c.rename(id)
		if r.ParentId != nil {
			r.ParentId = c.rename(*r.ParentId)
			c.tx.putChild(c.parts, &r)
		}
		c.tx.put(c.parts.Resource(*r.Id), domain.New(r, domain.None{}))
		err := eachShape(c.tx, c.old.MethodsOf(id), func(m *apigw.Method) {
			if m.AuthorizerId != nil {
				m.AuthorizerId = c.rename(*m.AuthorizerId)
			}
			if m.RequestValidatorId != nil {
				m.RequestValidatorId = c.rename(*m.RequestValidatorId)
			}
			if i := m.MethodIntegration; i != nil && apigw.Val(i.CacheNamespace) == id {
				i.CacheNamespace = r.Id
			}
			c.tx.put(c.parts.Method(*r.Id, *m.HttpMethod), domain.New(*m, domain.None{}))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// eachShape calls f with a draft of each record below a prefix.
func eachShape[S any](t *tx, prefix string, f func(*S)) error {
	for r, err := range scan[S, domain.None](t, prefix) {
		if err != nil {
			return err
		}
		f(&r.Shape)
	}
	return nil
}
