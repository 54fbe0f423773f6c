package openapi

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/apigw"
)

// errInput is what the service says to everything that it cannot read at all.
const errInput = "Invalid OpenAPI input."

// Read reads a document. The problems are in document order; if one of them is
// not a warning, the definition must not be used.
func Read(data []byte, o Options) (*Definition, []Problem) {
	if bytes.Contains(data, []byte("${AWS::")) && len(data) <= maxBytes {
		data = []byte(strings.NewReplacer(
			"${AWS::AccountId}", o.Account, "${AWS::Region}", o.Region, "${AWS::Partition}", "aws",
		).Replace(string(data)))
	}
	root, err := parse(data)
	if err != nil {
		problem := Problem{Text: errInput, Whole: true, Detail: err.Error()}
		if at, ok := errors.AsType[*placedError](err); ok {
			problem.Place, problem.Detail = at.place, at.err.Error()
		}
		return nil, []Problem{problem}
	}
	r := &reader{
		root: root, options: o,
		authorizers: map[string]*apigw.Authorizer{}, schemes: map[string]scheme{}, models: map[string]*apigw.Model{},
		paths: map[string]int{},
	}
	r.out.places = map[part]Place{}
	r.document()
	r.finish()
	return &r.out, r.problems
}

// Failed reports whether there is a problem that is not a warning.
func Failed(problems []Problem) bool {
	return slices.ContainsFunc(problems, func(p Problem) bool { return !p.Warning })
}

// reader collects what a document defines.
type reader struct {
	root    *node
	options Options
	swagger bool // 2.0; else 3.0

	out         Definition
	problems    []Problem
	authorizers map[string]*apigw.Authorizer
	schemes     map[string]scheme
	models      map[string]*apigw.Model
	paths       map[string]int // path -> position in out.Resources
	validator   string         // name of the default validator
}

func (r *reader) fail(at Place, format string, args ...any) {
	r.problems = append(r.problems, Problem{Place: at, Text: fmt.Sprintf(format, args...)})
}

func (r *reader) warn(at Place, format string, args ...any) {
	r.problems = append(r.problems, Problem{Place: at, Text: fmt.Sprintf(format, args...), Warning: true})
}

func (r *reader) document() {
	if r.root.kind != object || !r.version() {
		r.problems = append(r.problems, Problem{Place: r.root.place(), Text: errInput, Whole: true, Detail: r.versionDetail()})
		return
	}
	info := r.root.get("info")
	r.out.places[part{kind: Info}] = cmp.Or(info, r.root).place()
	r.out.API.Name = apigw.Text(r.str(info.get("title")))
	r.out.API.Description = apigw.Text(r.str(info.get("description")))
	r.out.API.Version = apigw.Text(r.str(info.get("version")))
	if r.out.API.Name == nil {
		r.fail(r.out.PlaceOf(Info, ""), "info.title is missing: it is the name of the API")
	}
	for _, m := range r.root.members {
		r.rootMember(m)
	}
	r.checkDefaultValidator()
	r.readServers()
	r.readModels()
	r.readSchemes()
	base := r.basePath()
	for _, m := range r.objectOf(r.root.get("paths"), "paths") {
		if !strings.HasPrefix(m.key, "x-") {
			r.path(m, base)
		}
	}
	if base != "" && len(r.out.Resources) == 0 {
		r.out.Resources = append(r.out.Resources, Resource{Path: base})
	}
}

// version finds out which kind of document this is; false if it is none that
// the service reads.
func (r *reader) version() bool {
	if v := r.root.get("swagger"); v != nil {
		r.swagger = true
		return v.text == "2.0"
	}
	v := r.root.get("openapi")
	return v != nil && v.kind == scalar && openapi3.MatchString(v.text)
}

var openapi3 = regexp.MustCompile(`^3\.0(\.|$)`)

// versionDetail tells people what is wrong with the version of a document.
func (r *reader) versionDetail() string {
	const want = `want swagger: "2.0" or openapi: "3.0.x"`
	v := r.root.get("openapi")
	if v == nil || v.kind != scalar {
		return want
	}
	if strings.HasPrefix(v.text, "3.1") {
		return "OpenAPI " + v.text + " is not read, as by the service: " + want
	}
	return "openapi: " + v.text + ": " + want
}

// finish sorts what was collected in maps.
func (r *reader) finish() {
	slices.SortFunc(r.out.Resources, func(a, b Resource) int { return cmp.Compare(a.Path, b.Path) })
	for _, name := range sortedKeys(r.models) {
		r.out.Models = append(r.out.Models, *r.models[name])
	}
	for _, name := range sortedKeys(r.authorizers) {
		r.out.Authorizers = append(r.out.Authorizers, *r.authorizers[name])
	}
	slices.SortFunc(r.out.Validators, func(a, b apigw.RequestValidator) int { return cmp.Compare(*a.Name, *b.Name) })
	slices.SortFunc(r.out.GatewayResponses, func(a, b apigw.GatewayResponse) int {
		return cmp.Compare(*a.ResponseType, *b.ResponseType)
	})
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// objectOf returns the members of an object; anything else is a problem.
func (r *reader) objectOf(n *node, what string) []member {
	if n.absent() {
		return nil
	}
	if n.kind != object {
		r.fail(n.place(), "%s must be an object", what)
		return nil
	}
	return n.members
}

// listOf returns the items of a list; anything else is a problem.
func (r *reader) listOf(n *node, what string) []*node {
	if n.absent() {
		return nil
	}
	if n.kind != list {
		r.fail(n.place(), "%s must be a list", what)
		return nil
	}
	return n.items
}

// str returns the text of a scalar; numbers and booleans are taken as they
// are written.
func (r *reader) str(n *node) string {
	if n.absent() {
		return ""
	}
	if n.kind != scalar {
		r.fail(n.place(), "want a text here")
		return ""
	}
	return n.text
}

func (r *reader) boolean(n *node) bool { return strings.EqualFold(r.str(n), "true") }

func (r *reader) integer(n *node) *int32 {
	if n.absent() || n.kind == scalar && n.text == "" {
		return nil
	}
	text := r.str(n)
	if literal, ok := n.literal(); ok {
		text = literal // YAML has other ways to write a number
	}
	value, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		r.fail(n.place(), "want an integer here")
		return nil
	}
	return new(int32(value))
}

// texts returns a map of texts.
func (r *reader) texts(n *node, what string) map[string]string {
	members := r.objectOf(n, what)
	if members == nil {
		return nil
	}
	out := make(map[string]string, len(members))
	for _, m := range members {
		out[m.key] = r.str(m.value)
	}
	return out
}

// maxSteps bounds a chain of references.
const maxSteps = 20

// resolve follows references within the document.
func (r *reader) resolve(n *node) *node {
	start := n
	for range maxSteps {
		ref := n.get("$ref")
		if ref == nil {
			return n
		}
		path, ok := strings.CutPrefix(r.str(ref), "#/")
		if !ok {
			r.fail(ref.place(), "Only references within the document are supported: %s", ref.text)
			return nil
		}
		target := r.root
		for segment := range strings.SplitSeq(path, "/") {
			if decoded, err := url.PathUnescape(segment); err == nil {
				segment = decoded
			}
			target = target.get(unescape.Replace(segment))
		}
		if target == nil {
			r.fail(ref.place(), "Nothing is defined at %s", ref.text)
			return nil
		}
		n = target
	}
	r.fail(start.place(), "The reference leads in a circle")
	return nil
}

var unescape = strings.NewReplacer("~1", "/", "~0", "~")
