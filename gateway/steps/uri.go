package steps

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/mapping"
)

// uri is the address of a backend with its placeholders.
type uri struct {
	text  string // as configured
	parts []uriPart
}

type uriPart struct {
	kind uriKind
	text string // literal text, or the name
	at   position
}

type uriKind uint8

const (
	uriLiteral uriKind = iota
	uriPath
	uriVariable
)

// position is where in a URL a placeholder stands; it decides on escaping.
type position uint8

const (
	inAuthority position = iota
	inPath
	inQuery
)

// parseURI cuts a URI at its {name} and ${stageVariables.name}. Everything
// else, broken forms too, is literal.
func parseURI(text string) uri {
	u := uri{text: text}
	var lit strings.Builder
	at, slashes := inAuthority, 0
	flush := func() {
		if lit.Len() > 0 {
			u.parts = append(u.parts, uriPart{uriLiteral, lit.String(), at})
			lit.Reset()
		}
	}
	for i := 0; i < len(text); {
		if name, n := placeholder(text[i:], "${stageVariables."); n > 0 {
			flush()
			u.parts = append(u.parts, uriPart{uriVariable, name, at})
			i += n
			continue
		}
		if strings.HasPrefix(text[i:], "${") {
			lit.WriteString("${")
			i += 2
			continue
		}
		if name, n := placeholder(text[i:], "{"); n > 0 {
			flush()
			u.parts = append(u.parts, uriPart{uriPath, name, at})
			i += n
			continue
		}
		switch c := text[i]; {
		case c == '?':
			at = inQuery
		case c == '/' && at == inAuthority:
			if slashes++; slashes == 3 { // those of "http://host/"
				at = inPath
			}
		}
		lit.WriteByte(text[i])
		i++
	}
	flush()
	return u
}

// placeholder returns the name between prefix and "}", and the length of all.
func placeholder(text, prefix string) (name string, length int) {
	rest, ok := strings.CutPrefix(text, prefix)
	if !ok {
		return "", 0
	}
	end := strings.IndexByte(rest, '}')
	if end <= 0 {
		return "", 0
	}
	for i := range end {
		c := rest[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("._$-:", c) >= 0) {
			return "", 0
		}
	}
	return rest[:end], len(prefix) + end + 1
}

// fixed reports whether the URI has no placeholders.
func (u *uri) fixed() bool {
	return len(u.parts) == 0 || len(u.parts) == 1 && u.parts[0].kind == uriLiteral
}

// append writes the URI with the values of a request. A placeholder without a
// value stays as it is; a variable without a value is empty.
func (u *uri) append(dst []byte, r *Request, params []parameter) []byte {
	for _, part := range u.parts {
		switch part.kind {
		case uriLiteral:
			dst = append(dst, part.text...)
		case uriVariable:
			dst = append(dst, r.Variables[part.text]...)
		case uriPath:
			dst = part.appendPath(dst, r, params)
		}
	}
	return dst
}

func (part *uriPart) appendPath(dst []byte, r *Request, params []parameter) []byte {
	if text, ok := overridden(r, mapping.ToPath, part.text); ok {
		if part.at == inPath {
			return mapping.AppendPath(dst, text, true)
		}
		return mapping.AppendQuery(dst, text)
	}
	for i := range params {
		p := &params[i]
		if p.location != mapping.ToPath || p.name != part.text {
			continue
		}
		value, ok := p.expr.Value(&r.Source)
		switch {
		case !ok:
		case part.at == inPath:
			return mapping.AppendPath(dst, value, p.keepSlash)
		default:
			return mapping.AppendQuery(dst, value)
		}
	}
	dst = append(dst, '{')
	dst = append(dst, part.text...)
	return append(dst, '}')
}

// callable reports whether a URL can be called: a scheme that we speak, a
// host, a port that exists, nothing that would break a request line.
func callable(url string) bool {
	rest, ok := strings.CutPrefix(url, "http://")
	if !ok {
		if rest, ok = strings.CutPrefix(url, "https://"); !ok {
			return false
		}
	}
	for i := range len(rest) {
		if rest[i] <= ' ' || rest[i] == 0x7f {
			return false
		}
	}
	authority := rest
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		authority = rest[:i]
	}
	host, port := authority, ""
	if i := strings.LastIndexByte(authority, ':'); i >= 0 && strings.IndexByte(authority[i:], ']') < 0 {
		host, port = authority[:i], authority[i+1:]
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return false
		}
	}
	return validHost(host)
}

func validHost(host string) bool {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		addr, err := netip.ParseAddr(inner)
		return ok && err == nil && addr.Is6() && addr.Zone() == ""
	}
	if host == "" || host[0] == '.' || host[0] == '-' {
		return false
	}
	for i := range len(host) {
		c := host[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '-' || c == '_') {
			return false
		}
	}
	return !strings.Contains(host, "..")
}
