package members

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
)

// Set is what answers carried.
type Set struct {
	// Carried holds paths of members from an output shape on, with the names of
	// the wire: "Stage.canarySettings.useStageCache". Lists and maps are no part
	// of a path.
	Carried map[string]bool
	// Unknown holds what answers carried and the model does not have.
	Unknown map[string]bool
}

// NewSet returns an empty set.
func NewSet() *Set { return &Set{Carried: map[string]bool{}, Unknown: map[string]bool{}} }

// Add adds an answer, as it is on the wire, of an operation with this output
// ("" if it has none).
func (s *Set) Add(output string, header http.Header, body []byte) {
	shape := apigw.Schema[output]
	if shape == nil {
		if len(body) > 0 {
			s.Unknown[output+": a body"] = true
		}
		return
	}
	for _, member := range shape.Members {
		switch {
		case member.Location == apigw.InHeader && len(header[member.Wire]) > 0:
			s.Carried[output+"."+member.Wire] = true
		case member.Field == shape.Payload && len(body) > 0:
			s.Carried[output+"."+member.Wire] = true
		}
	}
	if shape.Payload != "" || len(body) == 0 {
		return
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		s.Unknown[output+": a body that is not JSON"] = true
		return
	}
	s.walk(output, output, value)
}

// walk notes the members of a value that has a shape.
func (s *Set) walk(path, shapeName string, value any) {
	shape := apigw.Schema[shapeName]
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			s.walk(path, shape.Elem, element)
		}
	case map[string]any:
		for name, element := range v {
			if shape.Kind == apigw.KindMap {
				s.walk(path, shape.Elem, element)
				continue
			}
			i := slices.IndexFunc(shape.Members, func(m apigw.Member) bool { return m.Wire == name })
			if i < 0 {
				s.Unknown[path+"."+name] = true
				continue
			}
			s.Carried[path+"."+name] = true
			s.walk(path+"."+name, shape.Members[i].Shape, element)
		}
	}
}

// Member is a member of an output, by its path from the output on and by the
// structure that has it ("CanarySettings.useStageCache").
type Member struct{ Path, Name string }

// Outputs returns all members of all outputs of the model.
func Outputs() []Member {
	var out []Member
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
			out = append(out, Member{path + "." + m.Wire, shapeName + "." + m.Wire})
			walk(path+"."+m.Wire, m.Shape)
		}
	}
	outputs := map[string]bool{}
	for _, operation := range apigw.Operations {
		if operation.Output != "" {
			outputs[operation.Output] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(outputs)) {
		walk(name, name)
	}
	return out
}

// The first word of a line of a file.
const (
	carried = "carried "
	unknown = "unknown "
)

// Read returns what the files of a folder say together.
func Read(dir string) (*Set, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if err != nil {
		return nil, err
	}
	all := NewSet()
	for _, name := range files {
		if err := all.read(name); err != nil {
			return nil, err
		}
	}
	return all, nil
}

const suffix = ".txt"

func (s *Set) read(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if path, ok := strings.CutPrefix(lines.Text(), carried); ok {
			s.Carried[path] = true
		} else if path, ok := strings.CutPrefix(lines.Text(), unknown); ok {
			s.Unknown[path] = true
		} else {
			return fmt.Errorf("%s: %q is no line of a record", name, lines.Text())
		}
	}
	return lines.Err()
}
