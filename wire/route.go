package wire

import (
	"net/url"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
)

// routes finds the operation of a request by method and path. Hosts play no
// part: clients are pointed here by an endpoint of their choice.
type routes struct {
	byShape map[routeShape][]*route
}

// routeShape is what can be compared at once.
type routeShape struct {
	method   string
	segments int
}

type route struct {
	apigw.Operation
	segments []string   // literal, or "{label}"
	query    url.Values // fixed query, such as mode=import
	invoke   apigw.Invoke
}

func newRoutes(handlers *apigw.Handlers) *routes {
	r := &routes{byShape: map[routeShape][]*route{}}
	for _, op := range apigw.Operations {
		path, fixed, _ := strings.Cut(op.URI, "?")
		query, err := url.ParseQuery(fixed)
		if err != nil {
			panic(err) // the table is generated
		}
		entry := &route{Operation: op, segments: strings.Split(path[1:], "/"), query: query, invoke: op.Bind(handlers)}
		shape := routeShape{op.Method, len(entry.segments)}
		r.byShape[shape] = append(r.byShape[shape], entry)
	}
	for _, entries := range r.byShape {
		slices.SortStableFunc(entries, func(a, b *route) int { return moreSpecific(a, b) })
	}
	return r
}

// moreSpecific orders routes so that the first match is the right one: a fixed
// query first, then literals before labels.
func moreSpecific(a, b *route) int {
	if d := len(b.query) - len(a.query); d != 0 {
		return d
	}
	for i := range a.segments {
		if aLabel, bLabel := isLabel(a.segments[i]), isLabel(b.segments[i]); aLabel != bLabel {
			if bLabel {
				return -1
			}
			return 1
		}
	}
	return 0
}

func isLabel(segment string) bool { return strings.HasPrefix(segment, "{") }

// match returns the operation and the values of its labels, decoded.
func (r *routes) match(method, path string, query url.Values) (*route, map[string]string, bool) {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if segments[0] == "tags" && len(segments) > 2 {
		// Some clients send the ARN with its slashes.
		segments = []string{"tags", strings.Join(segments[1:], "/")}
	}
	for _, entry := range r.byShape[routeShape{method, len(segments)}] {
		if labels, ok := entry.match(segments, query); ok {
			return entry, labels, true
		}
	}
	return nil, nil, false
}

func (e *route) match(segments []string, query url.Values) (map[string]string, bool) {
	for name, values := range e.query {
		if query.Get(name) != values[0] {
			return nil, false
		}
	}
	labels := map[string]string{}
	for i, want := range e.segments {
		have, err := url.PathUnescape(segments[i])
		if err != nil {
			return nil, false
		}
		switch {
		case isLabel(want):
			if have == "" {
				return nil, false
			}
			labels[strings.Trim(want, "{}")] = have
		case have != want:
			return nil, false
		}
	}
	return labels, true
}

// path returns the path of a request with these labels, as policies name it.
// It is made from what was understood, so that a policy cannot decide on
// another path than the operation acts on.
func (e *route) path(labels map[string]string) string {
	var out strings.Builder
	for _, segment := range e.segments {
		out.WriteByte('/')
		if isLabel(segment) {
			segment = labels[strings.Trim(segment, "{}")]
		}
		out.WriteString(segment)
	}
	return out.String()
}
