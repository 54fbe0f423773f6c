package control

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/patch"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/schema"
)

var (
	modelName   = regexp.MustCompile(`^[a-zA-Z0-9]+$`)
	contentType = regexp.MustCompile(`^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+*-]+(;.*)?$`)
)

// checkModel. The texts are quoted by users or from an emulator that was
// checked by hand.
func checkModel(m *apigw.Model) error {
	name := apigw.Val(m.Name)
	switch {
	case name == "":
		return fault.BadRequestf("Model name must be non-empty")
	case !modelName.MatchString(name):
		return fault.BadRequestf("Model name must be alphanumeric: %s", name)
	case !contentType.MatchString(apigw.Val(m.ContentType)):
		return fault.BadRequestf("Invalid content type specified: %s", apigw.Val(m.ContentType))
	}
	return checkSchema(apigw.Val(m.Schema))
}

func checkSchema(text string) error {
	var document map[string]json.RawMessage
	if strings.TrimSpace(text) == "" || json.Unmarshal([]byte(text), &document) == nil && len(document) == 0 {
		return fault.BadRequestf("Model schema must have at least 1 property or array items defined")
	}
	if len(text) > maxSchema {
		return fault.BadRequestf("Model schema exceeds maximum size of %d bytes", maxSchema)
	}
	if err := schema.Check(text); err != nil {
		return fault.BadRequestf("Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified]")
	}
	return nil
}

// errNoModel. From an emulator that was checked by hand.
func errNoModel(name string) error { return fault.NotFoundf("Invalid model name specified: %s", name) }

// CreateModel makes a model.
func (s *Service) CreateModel(ctx context.Context, in *apigw.CreateModelRequest) (*apigw.Model, error) {
	var out *apigw.Model
	err := s.change(ctx, in.RestApiId, func(t *tx) error {
		parts, err := t.partsOf(in.RestApiId)
		if err != nil {
			return err
		}
		m := apigw.Model{
			Id: new(s.IDs.Part()), Name: in.Name, Description: apigw.Text(apigw.Val(in.Description)),
			Schema: in.Schema, ContentType: in.ContentType,
		}
		if err := checkModel(&m); err != nil {
			return err
		}
		if t.exists(parts.Model(*m.Name)) {
			return fault.Conflictf("Model name already exists for this REST API")
		}
		t.put(parts.Model(*m.Name), domain.New(m, domain.None{}))
		out = &m
		return nil
	})
	return out, err
}

func (t *tx) model(api, name string) (string, *domain.Model, error) {
	if _, err := t.api(api); err != nil {
		return "", nil, err
	}
	return part[apigw.Model](t, api, errNoModel(name), func(p domain.Parts) string { return p.Model(name) })
}

// GetModel answers one model; flattened, with the models that it refers to
// inside its schema.
func (s *Service) GetModel(ctx context.Context, in *apigw.GetModelRequest) (*apigw.Model, error) {
	var out *apigw.Model
	err := s.read(ctx, func(t *tx) error {
		_, m, err := t.model(in.RestApiId, in.ModelName)
		if err != nil {
			return err
		}
		out = &m.Shape
		if apigw.Val(in.Flatten) {
			out.Schema, err = t.flatten(in.RestApiId, &m.Shape)
		}
		return err
	})
	return out, err
}

var modelRef = regexp.MustCompile(`"https://apigateway\.amazonaws\.com/restapis/[^/"]+/models/([a-zA-Z0-9]+)"`)

// flatten puts the models that a schema refers to, directly or not, below
// "definitions" of the schema. Assumed, but for what the flag is for.
func (t *tx) flatten(api string, m *apigw.Model) (*string, error) {
	localize := func(text string) ([]string, string) {
		var names []string
		for _, found := range modelRef.FindAllStringSubmatch(text, -1) {
			names = append(names, found[1])
		}
		return names, modelRef.ReplaceAllString(text, `"#/definitions/$1"`)
	}
	wanted, text := localize(apigw.Val(m.Schema))
	definitions := &object{}
	for len(wanted) > 0 {
		name := wanted[0]
		wanted = wanted[1:]
		if _, ok := definitions.get(name); ok {
			continue
		}
		_, other, err := t.model(api, name)
		if err != nil {
			return nil, err
		}
		more, body := localize(apigw.Val(other.Shape.Schema))
		value, err := decodeOrdered(json.RawMessage(body))
		if err != nil {
			return nil, err
		}
		definitions.set(name, value)
		wanted = append(wanted, more...)
	}
	if len(definitions.names) == 0 {
		return m.Schema, nil
	}
	var root object
	if err := json.Unmarshal([]byte(text), &root); err != nil {
		return nil, err
	}
	root.set("definitions", definitions)
	flat, err := json.Marshal(&root)
	return new(string(flat)), err
}

// GetModels lists the models of an API by name.
func (s *Service) GetModels(ctx context.Context, in *apigw.GetModelsRequest) (*apigw.Models, error) {
	out := &apigw.Models{}
	err := s.read(ctx, func(t *tx) (err error) {
		out.Items, out.Position, err = list(t, in.RestApiId, domain.Parts.Models,
			func(m apigw.Model) string { return *m.Name }, in.Position, in.Limit)
		return err
	})
	return out, err
}

// GetModelTemplate answers a mapping template that makes a value of the model.
func (s *Service) GetModelTemplate(ctx context.Context, in *apigw.GetModelTemplateRequest) (*apigw.Template, error) {
	out := &apigw.Template{}
	err := s.read(ctx, func(t *tx) error {
		_, m, err := t.model(in.RestApiId, in.ModelName)
		if err == nil {
			out.Value = new(skeleton(apigw.Val(m.Shape.Schema)))
		}
		return err
	})
	return out, err
}

// skeleton returns a template with a placeholder for each member of a schema.
// The guide shows the form; the placeholders are assumed.
func skeleton(text string) string {
	var root object
	if err := json.Unmarshal([]byte(text), &root); err != nil {
		return ""
	}
	var out bytes.Buffer
	out.WriteString("#set($inputRoot = $input.path('$'))\n")
	writeSkeleton(&out, &root, "$inputRoot", "", 0)
	return out.String()
}

// maxSkeleton bounds the depth of a template: a schema may refer to itself.
const maxSkeleton = 20

func writeSkeleton(out *bytes.Buffer, s *object, at, indent string, depth int) {
	kind := "object"
	if v, ok := s.get("type"); ok {
		kind, _ = (*v).(string)
	}
	properties, _ := s.object("properties")
	switch {
	case depth > maxSkeleton:
		out.WriteString("{}")
	case kind == "array":
		items, ok := s.object("items")
		if !ok {
			out.WriteString("[]")
			return
		}
		elem := fmt.Sprintf("$elem%s", strings.Repeat("2", min(depth, 1)))
		fmt.Fprintf(out, "[\n%s#foreach(%s in %s)\n%s  ", indent, elem, at, indent)
		writeSkeleton(out, items, elem, indent+"  ", depth+1)
		fmt.Fprintf(out, "#if($foreach.hasNext),#end\n%s#end\n%s]", indent, indent)
	case kind == "string":
		out.WriteString(`"foo"`)
	case kind == "integer" || kind == "number":
		out.WriteString("42")
	case kind == "boolean":
		out.WriteString("true")
	case properties == nil:
		out.WriteString("{ }")
	default:
		out.WriteString("{\n")
		for i, name := range properties.names {
			child, _ := properties.object(name)
			if child == nil {
				child = &object{}
			}
			fmt.Fprintf(out, "%s  %q : ", indent, name)
			writeSkeleton(out, child, at+"."+name, indent+"  ", depth+1)
			if i < len(properties.names)-1 {
				out.WriteByte(',')
			}
			out.WriteByte('\n')
		}
		out.WriteString(indent + "}")
	}
}

var modelPatch = patch.Table[apigw.Model]{
	Refuse: patch.ListsPaths,
	Rows: []patch.Row[apigw.Model]{
		{Path: "/description", Ops: patch.Replace, Apply: func(m *apigw.Model, op patch.Op) error {
			m.Description = op.Text()
			return nil
		}},
		{Path: "/schema", Ops: patch.Replace, Apply: func(m *apigw.Model, op patch.Op) error {
			m.Schema = new(op.Value())
			return checkSchema(op.Value())
		}},
	},
}

// UpdateModel patches a model.
func (s *Service) UpdateModel(ctx context.Context, in *apigw.UpdateModelRequest) (*apigw.Model, error) {
	var out *apigw.Model
	err := s.update(ctx, in.RestApiId, in.PatchOperations, func(t *tx) error {
		key, m, err := t.model(in.RestApiId, in.ModelName)
		if err != nil {
			return err
		}
		if err := modelPatch.Apply(&m.Shape, in.PatchOperations); err != nil {
			return err
		}
		t.put(key, m)
		out = &m.Shape
		return nil
	})
	return out, err
}

// DeleteModel removes a model that nothing uses. The texts for methods are
// quoted by users, the one for models is by analogy.
func (s *Service) DeleteModel(ctx context.Context, in *apigw.DeleteModelRequest) error {
	return s.change(ctx, in.RestApiId, func(t *tx) error {
		key, _, err := t.model(in.RestApiId, in.ModelName)
		if err != nil {
			return err
		}
		uses := func(models map[string]string) bool {
			for _, name := range models {
				if name == in.ModelName {
					return true
				}
			}
			return false
		}
		for _, place := range []struct {
			what string
			uses func(*apigw.Method) bool
		}{
			{"request", func(m *apigw.Method) bool { return uses(m.RequestModels) }},
			{"response", func(m *apigw.Method) bool {
				return slices.ContainsFunc(sortedKeys(m.MethodResponses), func(status string) bool {
					return uses(m.MethodResponses[status].ResponseModels)
				})
			}},
		} {
			user, err := t.methodWith(in.RestApiId, place.uses)
			if err != nil {
				return err
			}
			if user != nil {
				return fault.Conflictf("Cannot delete model '%s', is referenced in method %s: %s", in.ModelName, place.what, user)
			}
		}
		if err := t.modelUnused(in.RestApiId, in.ModelName); err != nil {
			return err
		}
		t.delete(key)
		return nil
	})
}

func (t *tx) modelUnused(api, name string) error {
	parts, _, err := t.parts(api)
	if err != nil {
		return err
	}
	t.settled(parts.Models())
	for m, err := range scan[apigw.Model, domain.None](t, parts.Models()) {
		if err != nil {
			return err
		}
		if *m.Shape.Name == name {
			continue
		}
		for _, found := range modelRef.FindAllStringSubmatch(apigw.Val(m.Shape.Schema), -1) {
			if found[1] == name {
				return fault.Conflictf("Cannot delete model '%s', is referenced in model: %s", name, *m.Shape.Name)
			}
		}
	}
	return nil
}
