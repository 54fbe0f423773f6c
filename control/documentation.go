package control

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/patch"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/openapi"
)

// locationMembers are the members of a location that each type of part may
// have. Guide.
var locationMembers = map[string][]string{
	"API":             {},
	"AUTHORIZER":      {"name"},
	"MODEL":           {"name"},
	"RESOURCE":        {"path"},
	"METHOD":          {"path", "method"},
	"PATH_PARAMETER":  {"path", "method", "name"},
	"QUERY_PARAMETER": {"path", "method", "name"},
	"REQUEST_HEADER":  {"path", "method", "name"},
	"REQUEST_BODY":    {"path", "method", "name"},
	"RESPONSE":        {"path", "method", "statusCode"},
	"RESPONSE_HEADER": {"path", "method", "statusCode", "name"},
	"RESPONSE_BODY":   {"path", "method", "statusCode"},
}

// checkLocation. The text for an API is quoted by users; the others follow it.
// A type that is none comes from a document: CreateDocumentationPart refuses it
// before, in the wording that this one follows (assumed).
func checkLocation(l *apigw.DocumentationPartLocation) error {
	kind := apigw.Val(l.Type)
	if kinds := apigw.Schema["DocumentationPartType"].Enum; !slices.Contains(kinds, kind) {
		return fault.BadRequestf("Value '%s' at 'location.type' failed to satisfy constraint: Member must satisfy enum value set: [%s]", kind, strings.Join(kinds, ", "))
	}
	given := []struct {
		name  string
		value *string
	}{{"path", l.Path}, {"method", l.Method}, {"statusCode", l.StatusCode}, {"name", l.Name}}
	var excess []string
	wrong := false
	for _, member := range given {
		if !slices.Contains(locationMembers[kind], member.name) {
			excess = append(excess, member.name)
			wrong = wrong || apigw.Val(member.value) != ""
		}
	}
	if !wrong {
		return nil
	}
	list := excess[len(excess)-1]
	if len(excess) > 1 {
		list = strings.Join(excess[:len(excess)-1], ", ") + " or " + list
	}
	return fault.BadRequestf("[Location type: %s cannot have %s defined.]", kind, list)
}

func checkProperties(properties *string) error {
	if strings.TrimSpace(apigw.Val(properties)) == "" {
		return fault.BadRequestf("Documentation part properties must be non-empty")
	}
	if !json.Valid([]byte(*properties)) {
		return fault.BadRequestf("Documentation part properties must be valid JSON") // assumed
	}
	return nil
}

func errNoDocumentationPart() error {
	return fault.NotFoundf("Invalid Documentation part identifier specified")
}

// completeLocation gives a location below a path the root path if it names
// none. Recorded: answers show it.
func completeLocation(l apigw.DocumentationPartLocation) apigw.DocumentationPartLocation {
	if l.Path == nil && slices.Contains(locationMembers[apigw.Val(l.Type)], "path") {
		l.Path = new("/")
	}
	return l
}

// CreateDocumentationPart documents one place of an API.
func (s *Service) CreateDocumentationPart(ctx context.Context, in *apigw.CreateDocumentationPartRequest) (*apigw.DocumentationPart, error) {
	var out *apigw.DocumentationPart
	err := s.change(ctx, in.RestApiId, func(t *tx) error {
		parts, err := t.partsOf(in.RestApiId)
		if err != nil {
			return err
		}
		if err := checkLocation(in.Location); err != nil {
			return err
		}
		if err := checkProperties(in.Properties); err != nil {
			return err
		}
		if err := s.Quotas.check(DocumentationPartsPerAPI, t.view.Count(parts.DocumentationParts())+1); err != nil {
			return err
		}
		p := apigw.DocumentationPart{Id: new(s.IDs.Part()), Location: new(completeLocation(*in.Location)), Properties: in.Properties}
		place := parts.Location(*p.Location)
		if t.exists(place) {
			return fault.Conflictf("Documentation part already exists for the specified location") // assumed
		}
		t.put(place, domain.New(*p.Id, domain.None{}))
		t.put(parts.DocumentationPart(*p.Id), domain.New(p, domain.None{}))
		out = &p
		return nil
	})
	return out, err
}

// documentationPart reads a part; an unknown API is an unknown part. Recorded.
func (t *tx) documentationPart(api, id string) (string, *domain.DocumentationPart, error) {
	return part[apigw.DocumentationPart](t, api, errNoDocumentationPart(), func(p domain.Parts) string { return p.DocumentationPart(id) })
}

// GetDocumentationPart answers one part.
func (s *Service) GetDocumentationPart(ctx context.Context, in *apigw.GetDocumentationPartRequest) (*apigw.DocumentationPart, error) {
	var out *apigw.DocumentationPart
	err := s.read(ctx, func(t *tx) error {
		_, p, err := t.documentationPart(in.RestApiId, in.DocumentationPartId)
		if err == nil {
			out = &p.Shape
		}
		return err
	})
	return out, err
}

// GetDocumentationParts lists the parts of an API by location, or the places
// that have none.
func (s *Service) GetDocumentationParts(ctx context.Context, in *apigw.GetDocumentationPartsRequest) (*apigw.DocumentationParts, error) {
	out := &apigw.DocumentationParts{}
	err := s.read(ctx, func(t *tx) error {
		parts, err := t.partsOf(in.RestApiId)
		if err != nil {
			return err
		}
		items, err := shapes[apigw.DocumentationPart](t, parts.DocumentationParts())
		if err != nil {
			return err
		}
		if apigw.Val(in.LocationStatus) == apigw.LocationStatusType_UNDOCUMENTED {
			if items, err = t.undocumented(parts, items); err != nil {
				return err
			}
		}
		items = slices.DeleteFunc(items, func(p apigw.DocumentationPart) bool {
			l := p.Location
			return in.Type != nil && apigw.Val(l.Type) != *in.Type ||
				in.Path != nil && apigw.Val(l.Path) != *in.Path ||
				in.NameQuery != nil && apigw.Val(l.Name) != *in.NameQuery
		})
		if items == nil {
			items = []apigw.DocumentationPart{}
		}
		key := func(p apigw.DocumentationPart) string { return parts.Location(*p.Location) }
		sortBy(items, key)
		out.Items, out.Position, err = page(items, key, in.Position, in.Limit)
		return err
	})
	return out, err
}

// undocumented returns the places of an API that no part describes, as parts
// with a location alone.
func (t *tx) undocumented(parts domain.Parts, documented []apigw.DocumentationPart) ([]apigw.DocumentationPart, error) {
	known := map[string]bool{}
	for _, p := range documented {
		known[parts.Location(*p.Location)] = true
	}
	var open []apigw.DocumentationPart
	add := func(l apigw.DocumentationPartLocation) {
		if !known[parts.Location(l)] {
			open = append(open, apigw.DocumentationPart{Location: &l})
		}
	}
	add(apigw.DocumentationPartLocation{Type: new("API")})
	models, err := shapes[apigw.Model](t, parts.Models())
	if err != nil {
		return nil, err
	}
	for _, m := range models {
		add(apigw.DocumentationPartLocation{Type: new("MODEL"), Name: m.Name})
	}
	authorizers, err := shapes[apigw.Authorizer](t, parts.Authorizers())
	if err != nil {
		return nil, err
	}
	for _, a := range authorizers {
		add(apigw.DocumentationPartLocation{Type: new("AUTHORIZER"), Name: a.Name})
	}
	all, err := t.resources(parts)
	if err != nil {
		return nil, err
	}
	for id, r := range all {
		path := pathOf(all, id)
		add(apigw.DocumentationPartLocation{Type: new("RESOURCE"), Path: &path})
		if err := t.addMethods(parts, &r, true); err != nil {
			return nil, err
		}
		for verb, m := range r.ResourceMethods {
			methodPlaces(path, verb, &m, add)
		}
	}
	return open, nil
}

var parameterTypes = map[string]string{"path": "PATH_PARAMETER", "querystring": "QUERY_PARAMETER", "header": "REQUEST_HEADER"}

// methodPlaces calls add for every place of a method that can be documented.
func methodPlaces(path, verb string, m *apigw.Method, add func(apigw.DocumentationPartLocation)) {
	add(apigw.DocumentationPartLocation{Type: new("METHOD"), Path: &path, Method: &verb})
	for key := range m.RequestParameters {
		if place := requestParameter.FindStringSubmatch(key); place != nil && parameterTypes[place[1]] != "" {
			add(apigw.DocumentationPartLocation{Type: new(parameterTypes[place[1]]), Path: &path, Method: &verb, Name: &place[2]})
		}
	}
	for status, response := range m.MethodResponses {
		add(apigw.DocumentationPartLocation{Type: new("RESPONSE"), Path: &path, Method: &verb, StatusCode: &status})
		for key := range response.ResponseParameters {
			name := strings.TrimPrefix(key, "method.response.header.")
			add(apigw.DocumentationPartLocation{Type: new("RESPONSE_HEADER"), Path: &path, Method: &verb, StatusCode: &status, Name: &name})
		}
	}
}

var documentationPartPatch = patch.Table[apigw.DocumentationPart]{
	Refuse: patch.ListsPaths,
	Rows: []patch.Row[apigw.DocumentationPart]{
		{Path: "/properties", Ops: patch.Replace, Apply: func(p *apigw.DocumentationPart, op patch.Op) error {
			p.Properties = new(op.Value())
			return checkProperties(p.Properties)
		}},
	},
}

// UpdateDocumentationPart patches a part.
func (s *Service) UpdateDocumentationPart(ctx context.Context, in *apigw.UpdateDocumentationPartRequest) (*apigw.DocumentationPart, error) {
	var out *apigw.DocumentationPart
	err := s.update(ctx, in.RestApiId, in.PatchOperations, func(t *tx) error {
		key, p, err := t.documentationPart(in.RestApiId, in.DocumentationPartId)
		if err != nil {
			return err
		}
		if err := documentationPartPatch.Apply(&p.Shape, in.PatchOperations); err != nil {
			return err
		}
		t.put(key, p)
		out = &p.Shape
		return nil
	})
	return out, err
}

// DeleteDocumentationPart removes a part. Recorded: an unknown API is named.
func (s *Service) DeleteDocumentationPart(ctx context.Context, in *apigw.DeleteDocumentationPartRequest) error {
	return s.change(ctx, in.RestApiId, func(t *tx) error {
		parts, err := t.partsOf(in.RestApiId)
		if err != nil {
			return err
		}
		key, p, err := t.documentationPart(in.RestApiId, in.DocumentationPartId)
		if err != nil {
			return err
		}
		t.delete(key)
		t.delete(parts.Location(*p.Shape.Location))
		return nil
	})
}

// ImportDocumentationParts reads the documentation parts of a document. With
// overwrite, those of the API go first; else they are merged by location.
func (s *Service) ImportDocumentationParts(ctx context.Context, in *apigw.ImportDocumentationPartsRequest) (*apigw.DocumentationPartIds, error) {
	read, ok := openapi.ReadDocumentation(in.Body)
	if !ok {
		// Recorded, also for an unknown API's sake: the document is looked at first.
		return nil, fault.BadRequestf("Unable to build importer with provided input.")
	}
	out := &apigw.DocumentationPartIds{Ids: []string{}}
	err := s.change(ctx, in.RestApiId, func(t *tx) error {
		parts, err := t.partsOf(in.RestApiId)
		if err != nil {
			return err
		}
		out.Ids = []string{}
		have, err := shapes[apigw.DocumentationPart](t, parts.DocumentationParts())
		if err != nil {
			return err
		}
		kept := map[string]apigw.DocumentationPart{} // by location
		for _, p := range have {
			if apigw.Val(in.Mode) == apigw.PutMode_overwrite {
				t.delete(parts.DocumentationPart(*p.Id))
				t.delete(parts.Location(*p.Location))
			} else {
				kept[parts.Location(*p.Location)] = p
			}
		}
		for _, p := range read {
			p, err := s.mergePart(p, kept[parts.Location(*p.Location)])
			if err != nil {
				return err
			}
			t.put(parts.Location(*p.Location), domain.New(*p.Id, domain.None{}))
			t.put(parts.DocumentationPart(*p.Id), domain.New(p, domain.None{}))
			out.Ids = append(out.Ids, *p.Id)
		}
		return nil
	})
	return out, err
}

// mergePart puts a part of a document over the one that is at its place, if
// there is one: attributes of its properties that differ are replaced. Guide.
func (s *Service) mergePart(p, old apigw.DocumentationPart) (apigw.DocumentationPart, error) {
	if err := checkLocation(p.Location); err != nil {
		return p, err
	}
	if err := checkProperties(p.Properties); err != nil {
		return p, err
	}
	if old.Id == nil {
		p.Id = new(s.IDs.Part())
		return p, nil
	}
	p.Id = old.Id
	var merged, over object
	if json.Unmarshal([]byte(*old.Properties), &merged) != nil || json.Unmarshal([]byte(*p.Properties), &over) != nil {
		return p, nil // not objects: the new text stands
	}
	for _, name := range over.names {
		merged.set(name, *over.values[name])
	}
	text, err := json.Marshal(&merged)
	p.Properties = new(string(text))
	return p, err
}
