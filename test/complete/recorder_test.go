package complete

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"

	"github.com/postern-gateway/postern/apigw"
)

// recorder is the HTTP client of the SDK's client. It notes which members of
// the model the answers carry, as they are on the wire.
type recorder struct {
	client *http.Client
	// carried holds paths of members from an output shape on, with the names of
	// the wire: "Stage.canarySettings.useStageCache". Lists and maps are not
	// part of a path.
	carried map[string]bool
	// unknown holds what answers carried and the model does not have.
	unknown map[string]bool
	last    []byte // the body of the last answer
}

func newRecorder() *recorder {
	return &recorder{client: &http.Client{}, carried: map[string]bool{}, unknown: map[string]bool{}}
}

// Do sends a request and records its answer.
func (r *recorder) Do(request *http.Request) (*http.Response, error) {
	answer, err := r.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if r.last, err = io.ReadAll(answer.Body); err != nil {
		return nil, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(r.last))
	if answer.StatusCode < 300 {
		r.record(operationNamed(awsmiddleware.GetOperationName(request.Context())), answer.Header)
	}
	return answer, nil
}

func operationNamed(name string) apigw.Operation {
	i := slices.IndexFunc(apigw.Operations, func(o apigw.Operation) bool { return o.Name == name })
	if i < 0 {
		panic("no operation " + name)
	}
	return apigw.Operations[i]
}

func (r *recorder) record(operation apigw.Operation, header http.Header) {
	if operation.Output == "" {
		if len(r.last) > 0 {
			r.unknown["a body of "+operation.Name] = true
		}
		return
	}
	shape := apigw.Schema[operation.Output]
	for _, member := range shape.Members {
		if member.Location == apigw.InHeader && header.Get(member.Wire) != "" {
			r.carried[shape.Name+"."+member.Wire] = true
		}
	}
	if shape.Payload != "" {
		for _, member := range shape.Members {
			if member.Field == shape.Payload && len(r.last) > 0 {
				r.carried[shape.Name+"."+member.Wire] = true
			}
		}
		return
	}
	if len(r.last) == 0 {
		return
	}
	var body any
	if err := json.Unmarshal(r.last, &body); err != nil {
		panic(err)
	}
	r.walk(shape.Name, shape.Name, body)
}

// walk notes the members of a value that has a shape.
func (r *recorder) walk(path, shapeName string, value any) {
	shape := apigw.Schema[shapeName]
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			r.walk(path, shape.Elem, element)
		}
	case map[string]any:
		for name, element := range v {
			if shape.Kind == apigw.KindMap {
				r.walk(path, shape.Elem, element)
				continue
			}
			i := slices.IndexFunc(shape.Members, func(m apigw.Member) bool { return m.Wire == name })
			if i < 0 {
				r.unknown[path+"."+name] = true
				continue
			}
			r.carried[path+"."+name] = true
			r.walk(path+"."+name, shape.Members[i].Shape, element)
		}
	}
}

// member is a member of an output, by its path and by the structure that has
// it ("CanarySettings.useStageCache").
type member struct{ path, name string }

// outputMembers returns all members of all outputs of the model.
func outputMembers() []member {
	var out []member
	var walk func(path, shapeName string)
	walk = func(path, shapeName string) {
		shape := apigw.Schema[shapeName]
		if shape.Elem != "" {
			walk(path, shape.Elem)
		}
		for _, m := range shape.Members {
			if m.Location == apigw.InStatusCode {
				continue // of every answer
			}
			out = append(out, member{path + "." + m.Wire, shapeName + "." + m.Wire})
			walk(path+"."+m.Wire, m.Shape)
		}
	}
	outputs := map[string]bool{}
	for _, operation := range apigw.Operations {
		outputs[operation.Output] = operation.Output != ""
	}
	for _, name := range slices.Sorted(maps.Keys(outputs)) {
		if outputs[name] {
			walk(name, name)
		}
	}
	return out
}

// checkMembers: every member of every output was carried by an answer or has a
// reason, and never both.
func (r *recorder) checkMembers(t *testing.T) {
	t.Helper()
	for _, path := range slices.Sorted(maps.Keys(r.unknown)) {
		t.Errorf("answers carry %s, which the model does not have", path)
	}
	all := maps.Clone(reasons)
	maps.Copy(all, gapReasons())
	needed := map[string]bool{}
	for _, m := range outputMembers() {
		key := reasonFor(all, m)
		switch {
		case r.carried[m.path] && key != "":
			t.Errorf("an answer carries %s, and %q is a reason why none does: %s", m.path, key, all[key])
		case !r.carried[m.path] && key == "":
			t.Errorf("no answer carries %s (%s), and no reason says why", m.path, m.name)
		}
		needed[key] = true
	}
	for key := range all {
		if !needed[key] {
			t.Errorf("the reason for %q is for no member", key)
		}
	}
}

// reasonFor returns the key of the reason of a member: its path, its name, or
// one of these for something that it is in.
func reasonFor(reasons map[string]string, m member) string {
	if _, ok := reasons[m.name]; ok {
		return m.name
	}
	for path := m.path; ; {
		if _, ok := reasons[path]; ok {
			return path
		}
		i := strings.LastIndexByte(path, '.')
		if i < 0 {
			return ""
		}
		path = path[:i]
	}
}

func operationNames() []string {
	var names []string
	for _, operation := range apigw.Operations {
		names = append(names, operation.Name)
	}
	slices.Sort(names)
	return names
}
