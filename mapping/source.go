package mapping

import (
	"strings"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/vtl"
)

// Source is what expressions read: one request and, once there is one, the
// answer of its backend. It belongs to one goroutine.
type Source struct {
	// Header is the client's, without what is dropped on entry.
	Header exchange.Header
	// AnyCase compares header names without case: the request came by HTTP/2.
	AnyCase   bool
	Path      []Param // of the matched resource, left to right
	RawQuery  string
	Body      []byte
	Variables map[string]string // of the stage
	Context   Context
	// Clock bounds the time of templates; nil: only their steps are bounded.
	Clock vtl.Clock
	// Trace is told what templates of ParseTraced do.
	Trace func(vtl.Event)

	BackendHeader exchange.Header
	BackendBody   []byte

	query       []Param // decoded RawQuery, made on first use
	queryParsed bool

	context                *contextObject // of templates; kept for what they set
	requestDoc, backendDoc document
}

// SetBackendBody replaces the body that expressions read from now on.
func (s *Source) SetBackendBody(body []byte) {
	s.BackendBody, s.backendDoc = body, document{}
}

// Param is a named value: a path parameter (raw) or a query parameter (decoded).
type Param struct{ Name, Value string }

// Reset empties s for another request and keeps its memory.
func (s *Source) Reset() {
	clear(s.Header[:cap(s.Header)])
	clear(s.Path[:cap(s.Path)])
	clear(s.query[:cap(s.query)])
	*s = Source{Header: s.Header[:0], Path: s.Path[:0], query: s.query[:0]}
}

// header returns the last value of a name.
func (s *Source) header(name string) (string, bool) {
	return last(s.Header, name, s.AnyCase)
}

func last(h exchange.Header, name string, anyCase bool) (string, bool) {
	for i := len(h) - 1; i >= 0; i-- {
		if h[i].Name == name || anyCase && strings.EqualFold(h[i].Name, name) {
			return h[i].Value, true
		}
	}
	return "", false
}

func joined(h exchange.Header, name string, anyCase bool) (string, bool) {
	var out string
	found := false
	for value := range h.Values(name, !anyCase) {
		if found {
			out += ","
		}
		out += value
		found = true
	}
	return out, found
}

// path returns a path parameter, decoded.
func (s *Source) path(name string) (string, bool) {
	for i := range s.Path {
		if s.Path[i].Name == name {
			return Unescape(s.Path[i].Value), true
		}
	}
	return "", false
}

// Query returns the decoded parameters of the query string, in order.
func (s *Source) Query() []Param {
	if !s.queryParsed {
		s.query = appendQuery(s.query[:0], s.RawQuery)
		s.queryParsed = true
	}
	return s.query
}

// appendQuery decodes a query string: form rules, and ";" separates like "&".
// Recorded for the decoding; the guide for ";".
func appendQuery(dst []Param, raw string) []Param {
	for raw != "" {
		part := raw
		if i := strings.IndexAny(raw, "&;"); i >= 0 {
			part, raw = raw[:i], raw[i+1:]
		} else {
			raw = ""
		}
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		dst = append(dst, Param{unescape(name, true), unescape(value, true)})
	}
	return dst
}

// Unescape decodes percent escapes. What is not a valid escape stays as it is:
// a client's odd path is not an error of the gateway (assumed).
func Unescape(s string) string { return unescape(s, false) }

func unescape(s string, form bool) string {
	if strings.IndexByte(s, '%') < 0 && !(form && strings.IndexByte(s, '+') >= 0) {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '%' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0:
			out = append(out, byte(unhex(s[i+1])<<4|unhex(s[i+2])))
			i += 2
		case c == '+' && form:
			out = append(out, ' ')
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

const upperHex = "0123456789ABCDEF"

// AppendPath appends a value as part of a URL's path. A slash stays if slash
// is set and is escaped if not.
func AppendPath(dst []byte, value string, slash bool) []byte {
	for i := range len(value) {
		c := value[i]
		if unreserved(c) || strings.IndexByte("!$&'()*+,;=:@", c) >= 0 || c == '/' && slash {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return dst
}

// AppendQuery appends a value as part of a query string.
func AppendQuery(dst []byte, value string) []byte {
	for i := range len(value) {
		if c := value[i]; unreserved(c) {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return dst
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}
