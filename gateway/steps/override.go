package steps

import (
	"strings"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/mapping"
	"github.com/postern-gateway/postern/value"
)

// overridden returns the first text that the request template set for a
// parameter, and whether it set the parameter at all.
func overridden(r *Request, location mapping.Location, name string) (string, bool) {
	m := r.Override(location)
	if m == nil {
		return "", false
	}
	if location == mapping.ToHeader {
		return "", overrides(m, name)
	}
	v, ok := m.Get(name)
	if !ok {
		return "", false
	}
	if r.values = mapping.AppendOverride(r.values[:0], v); len(r.values) == 0 {
		return "", location != mapping.ToPath // a placeholder needs a text
	}
	return r.values[0], true
}

// overrides reports whether a header is in a map of overrides, in any case.
func overrides(m *value.Map, name string) bool {
	if m == nil {
		return false
	}
	for _, member := range m.Members() {
		if strings.EqualFold(member.Key, name) {
			return true
		}
	}
	return false
}

// overrideHeaders sets the headers that the request template set. The same
// names are refused as in a mapping, and those that are no names.
func overrideHeaders(rules mappingRules, r *Request) Outcome {
	m := r.Override(mapping.ToHeader)
	if m == nil {
		return Next
	}
	for _, member := range m.Members() {
		r.values = mapping.AppendOverride(r.values[:0], member.Value)
		switch {
		case len(r.values) == 0 || rules.inVain.has(member.Key):
			continue
		case rules.forbidden.has(member.Key):
			return r.misconfigured("header already present: " + member.Key)
		case !headerName(member.Key):
			return r.misconfigured("invalid header name in an override")
		}
		for i, text := range r.values {
			if i == 0 {
				r.Out.Header.Set(member.Key, lineSafe(text))
			} else {
				r.Out.Header.Add(member.Key, lineSafe(text))
			}
		}
	}
	return Next
}

// overrideQuery appends the query parameters that the request template set.
func overrideQuery(url []byte, r *Request) []byte {
	m := r.Override(mapping.ToQuery)
	if m == nil {
		return url
	}
	for _, member := range m.Members() {
		r.values = mapping.AppendOverride(r.values[:0], member.Value)
		url = appendParameter(url, member.Key, r.values)
	}
	return url
}

// answerOverrides adds the headers that the response template set. The names
// of a template are not checked at deployment: what is none is left out.
func answerOverrides(h *exchange.Header, m *value.Map, scratch []string) []string {
	if m == nil {
		return scratch
	}
	for _, member := range m.Members() {
		scratch = mapping.AppendOverride(scratch[:0], member.Value)
		if !headerName(member.Key) {
			continue
		}
		for _, text := range scratch {
			answer(h, member.Key, lineSafe(text), remapped, lost)
		}
	}
	return scratch
}

// headerName reports whether a text is a token.
func headerName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0) {
			return false
		}
	}
	return name != ""
}
