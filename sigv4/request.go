package sigv4

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Request is what a signature covers, as it was received or will be sent.
type Request struct {
	Method   string
	Path     string // raw: with its percent signs, before the question mark
	RawQuery string
	Host     string      // value of the Host header
	Header   http.Header // all others; names in canonical form, values in their order
	// ContentLength stands for the header where a protocol leaves it out;
	// negative if it is not known.
	ContentLength int64
	// PathOnce signs the path encoded once, however it is sent: S3 wants it so.
	PathOnce bool
}

// FromHTTP returns a request of net/http, received or about to be sent.
func FromHTTP(r *http.Request) *Request {
	out := &Request{Method: r.Method, Host: r.Host, Header: r.Header, ContentLength: r.ContentLength,
		Path: r.URL.EscapedPath(), RawQuery: r.URL.RawQuery}
	if strings.HasPrefix(r.RequestURI, "/") { // received: net/url may spell it in another way
		out.Path, out.RawQuery, _ = strings.Cut(r.RequestURI, "?")
	}
	if out.Host == "" {
		out.Host = r.URL.Host
	}
	return out
}

// values returns the values of a header; none if it is absent.
func (r *Request) values(name string) []string {
	switch values := r.Header.Values(name); {
	case name == "host":
		return []string{r.Host}
	case name == "content-length" && len(values) == 0 && r.ContentLength >= 0:
		return []string{strconv.FormatInt(r.ContentLength, 10)}
	default:
		return values
	}
}

// canonical is the canonical request: one text for all spellings of the same
// request. False if a signed header is absent or the query cannot be read.
func (r *Request) canonical(path string, leaveOut []string, signedHeaders []string, payload string) (string, bool) {
	query, ok := canonicalQuery(r.RawQuery, leaveOut)
	if !ok {
		return "", false
	}
	var out strings.Builder
	if r.PathOnce {
		path = encodeOnce(path)
	} else {
		path = canonicalPath(path)
	}
	out.WriteString(r.Method + "\n" + path + "\n" + query + "\n")
	for _, name := range signedHeaders {
		values := r.values(name)
		if len(values) == 0 {
			return "", false
		}
		for i, value := range values {
			out.WriteString(separator(i, name+":", ",") + collapse(value))
		}
		out.WriteString("\n")
	}
	out.WriteString("\n" + strings.Join(signedHeaders, ";") + "\n" + payload)
	return out.String(), true
}

func separator(i int, first, others string) string {
	if i == 0 {
		return first
	}
	return others
}

// collapse makes one blank of several and none of those at the ends.
func collapse(value string) string {
	value = strings.Trim(value, " \t")
	if !strings.Contains(value, "  ") {
		return value
	}
	var out strings.Builder
	for i := range len(value) {
		if value[i] != ' ' || value[i-1] != ' ' { // the first byte is no blank
			out.WriteByte(value[i])
		}
	}
	return out.String()
}

// canonicalPath encodes the path as sent once more: all services but S3 want
// it so.
func canonicalPath(path string) string {
	if path == "" {
		return "/"
	}
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		segments[i] = encode(segment)
	}
	return strings.Join(segments, "/")
}

// encodeOnce spells a path in the one way in which S3 signs it.
func encodeOnce(path string) string {
	if path == "" {
		return "/"
	}
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if plain, err := url.PathUnescape(segment); err == nil {
			segment = plain
		}
		segments[i] = encode(segment)
	}
	return strings.Join(segments, "/")
}

// normalizePath removes dot segments and empty segments, as clients for most
// services do before they sign. A slash at the end stays.
func normalizePath(path string) string {
	var out []string
	segments := strings.Split(path, "/")
	for _, segment := range segments {
		switch segment {
		case "", ".":
		case "..":
			out = out[:max(0, len(out)-1)]
		default:
			out = append(out, segment)
		}
	}
	normal := "/" + strings.Join(out, "/")
	if last := segments[len(segments)-1]; len(out) > 0 && (last == "" || last == ".") {
		normal += "/"
	}
	return normal
}

// canonicalQuery sorts the pairs of a query by name and value once they are
// encoded in the one way that counts. False if the query is not well encoded.
func canonicalQuery(raw string, leaveOut []string) (string, bool) {
	pairs, ok := parseQuery(raw)
	if !ok {
		return "", false
	}
	pairs = slices.DeleteFunc(pairs, func(p pair) bool { return slices.Contains(leaveOut, p.name) })
	for i, p := range pairs {
		pairs[i] = pair{encode(p.name), encode(p.value)}
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		if order := strings.Compare(a.name, b.name); order != 0 {
			return order
		}
		return strings.Compare(a.value, b.value)
	})
	var out strings.Builder
	for i, p := range pairs {
		out.WriteString(separator(i, "", "&") + p.name + "=" + p.value)
	}
	return out.String(), true
}

// encode percent-encodes everything but the unreserved characters of RFC 3986.
func encode(s string) string {
	const upper = "0123456789ABCDEF"
	var out strings.Builder
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			out.WriteByte(c)
			continue
		}
		out.Write([]byte{'%', upper[c>>4], upper[c&15]})
	}
	return out.String()
}
