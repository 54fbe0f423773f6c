package changes

import (
	"cmp"
	"slices"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
)

// Kind is what happened to a part.
type Kind string

// The kinds.
const (
	Added   Kind = "added"
	Removed Kind = "removed"
	Changed Kind = "changed"
)

// Part is a kind of part of a definition.
type Part string

// The parts, in the order of a list of changes.
const (
	API             Part = "api"
	Method          Part = "method"
	Resource        Part = "resource" // one without methods: it hides greedy ones
	Model           Part = "model"
	Authorizer      Part = "authorizer"
	Validator       Part = "request validator"
	GatewayResponse Part = "gateway response"
)

var partOrder = []Part{API, Method, Resource, Model, Authorizer, Validator, GatewayResponse}

// Change is one part that differs.
type Change struct {
	Part Part   `json:"part"`
	Path string `json:"path,omitempty"` // of a method or resource
	Verb string `json:"verb,omitempty"` // of a method
	Name string `json:"name,omitempty"` // of the others; a gateway response has its type
	Kind Kind   `json:"kind"`
	// Details are the members that differ, of what was changed; sorted.
	Details []Detail `json:"details,omitempty"`
}

// Subject names the part for people: "GET /pets", "model Pet".
func (c Change) Subject() string {
	switch c.Part {
	case API:
		return "the API"
	case Method:
		return c.Verb + " " + c.Path
	case Resource:
		return "resource " + c.Path
	}
	return string(c.Part) + " " + c.Name
}

// Detail is one member that differs. A member that one side does not have is
// nil there.
type Detail struct {
	// Member is a JSON pointer into the shape of the AWS API, such as
	// "/methodIntegration/requestTemplates/application~1json". A method's
	// authorizerId and requestValidatorId hold names.
	Member string  `json:"member"`
	Before *string `json:"before,omitempty"` // a text, or JSON of anything else
	After  *string `json:"after,omitempty"`
}

// Compare returns what makes after of before, both definitions of one API,
// sorted by part, path and verb or name.
func Compare(before, after *domain.Snapshot) []Change {
	then, now := index(before), index(after)
	var out []Change
	for id, members := range then {
		if next, ok := now[id]; !ok {
			out = append(out, id.change(Removed))
		} else if details := compareFields(members, next); len(details) > 0 {
			c := id.change(Changed)
			c.Details = details
			out = append(out, c)
		}
	}
	for id := range now {
		if _, ok := then[id]; !ok {
			out = append(out, id.change(Added))
		}
	}
	slices.SortFunc(out, func(a, b Change) int {
		return cmp.Or(
			cmp.Compare(slices.Index(partOrder, a.Part), slices.Index(partOrder, b.Part)),
			cmp.Compare(a.Path, b.Path), cmp.Compare(a.Verb, b.Verb), cmp.Compare(a.Name, b.Name),
		)
	})
	return out
}

// identity is what makes a part the same one in two definitions.
type identity struct {
	part             Part
	path, verb, name string
}

func (id identity) change(kind Kind) Change {
	return Change{Part: id.part, Path: id.path, Verb: id.verb, Name: id.name, Kind: kind}
}

// index returns the members of all parts of a definition.
func index(s *domain.Snapshot) map[identity]fields {
	all := map[identity]fields{}
	api := s.API
	api.Id, api.RootResourceId, api.CreatedDate, api.Tags, api.Warnings = nil, nil, nil, nil, nil
	api.ApiStatus, api.ApiStatusMessage = nil, nil
	all[identity{part: API}] = fieldsOf(api)
	names := map[string]string{} // of authorizers and validators, by id
	for _, a := range s.Authorizers {
		names[apigw.Val(a.Id)] = apigw.Val(a.Name)
		a.Id = nil
		all[identity{part: Authorizer, name: apigw.Val(a.Name)}] = fieldsOf(a)
	}
	for _, v := range s.Validators {
		names[apigw.Val(v.Id)] = apigw.Val(v.Name)
		v.Id = nil
		all[identity{part: Validator, name: apigw.Val(v.Name)}] = fieldsOf(v)
	}
	for _, m := range s.Models {
		m.Id = nil
		all[identity{part: Model, name: apigw.Val(m.Name)}] = fieldsOf(m)
	}
	for _, r := range s.GatewayResponses {
		all[identity{part: GatewayResponse, name: apigw.Val(r.ResponseType)}] = fieldsOf(r)
	}
	for _, r := range s.Resources {
		if len(r.ResourceMethods) == 0 && apigw.Val(r.Path) != "/" {
			all[identity{part: Resource, path: apigw.Val(r.Path)}] = nil
		}
		for verb, m := range r.ResourceMethods {
			all[identity{part: Method, path: apigw.Val(r.Path), verb: verb}] = fieldsOf(withNames(m, apigw.Val(r.Id), names))
		}
	}
	return all
}

// withNames replaces the ids in a method: the authorizer and the validator by
// their names, a cache namespace that is the resource by nothing.
func withNames(m apigw.Method, resource string, names map[string]string) apigw.Method {
	for _, id := range []**string{&m.AuthorizerId, &m.RequestValidatorId} {
		if *id == nil {
			continue
		}
		if name, ok := names[**id]; ok {
			*id = &name
		}
	}
	if m.MethodIntegration != nil && apigw.Val(m.MethodIntegration.CacheNamespace) == resource {
		integration := *m.MethodIntegration
		integration.CacheNamespace = nil
		m.MethodIntegration = &integration
	}
	return m
}
