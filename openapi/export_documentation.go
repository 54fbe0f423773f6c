package openapi

import (
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
)

// docs are documentation parts by what they describe, for the texts that stand
// in the members of the standard. It is empty if the document has the parts as
// such: an import would otherwise take their texts for those of the entities.
type docs map[string]*node

func newDocs(o ExportOptions) docs {
	if o.Extensions.Documentation {
		return nil
	}
	d := docs{}
	for _, p := range o.Documentation {
		l := apigw.Val(p.Location)
		d[docKey(apigw.Val(l.Type), orDefault(l.Path, "/"), orDefault(l.Method, "*"), orDefault(l.StatusCode, "*"), apigw.Val(l.Name))] =
			ofJSON(apigw.Val(p.Properties))
	}
	return d
}

func orDefault(s *string, other string) string {
	if apigw.Val(s) == "" {
		return other
	}
	return *s
}

func docKey(kind, path, method, status, name string) string {
	return strings.Join([]string{kind, path, method, status, name}, "\x00")
}

// find returns what describes a place, or nil. Parts at a path hold for the
// paths below it, and "*" for all methods or status codes; the nearest counts.
// The guide.
func (d docs) find(kind, path, method, status, name string) *node {
	if len(d) == 0 {
		return nil
	}
	if path == "" {
		path = "/"
	}
	for {
		for _, m := range []string{method, "*"} {
			for _, s := range []string{status, "*"} {
				if n := d[docKey(kind, path, m, s, name)]; n != nil {
					return n
				}
			}
		}
		if path == "/" {
			return nil
		}
		path = path[:max(strings.LastIndexByte(path, '/'), 1)]
	}
}

// addTexts copies members of documentation.
func addTexts(n, from *node, names ...string) {
	for _, name := range names {
		n.add(name, from.get(name))
	}
}

// documentation writes the parts as such, by location.
func (e *exporter) documentation() *node {
	type part struct {
		key  string
		node *node
	}
	var parts []part
	for _, p := range e.o.Documentation {
		l := apigw.Val(p.Location)
		location := newObject().add("type", optional(l.Type)).add("path", optional(l.Path)).
			add("method", optional(l.Method)).add("statusCode", optional(l.StatusCode)).add("name", optional(l.Name))
		parts = append(parts, part{
			docKey(apigw.Val(l.Type), apigw.Val(l.Path), apigw.Val(l.Method), apigw.Val(l.StatusCode), apigw.Val(l.Name)),
			newObject().add("location", location).add("properties", ofJSON(apigw.Val(p.Properties))),
		})
	}
	slices.SortFunc(parts, func(a, b part) int { return strings.Compare(a.key, b.key) })
	all := newList()
	for _, p := range parts {
		all.items = append(all.items, p.node)
	}
	return newObject().add("version", newText(e.o.DocumentationVersion)).
		add("createdDate", newText(e.o.Documented.UTC().Format("2006-01-02T15:04:05Z"))).
		add("documentationParts", all)
}
