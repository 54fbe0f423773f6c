package observe

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/postern-gateway/postern/exchange"
)

// secrets are the headers whose values are masked. The first two are masked by
// the service; the others are credentials as well, and ours to hide.
var secrets = []string{"Authorization", "x-api-key", "Cookie", "Set-Cookie", "Proxy-Authorization", "X-Amz-Security-Token"}

func secret(name string) bool {
	return slices.ContainsFunc(secrets, func(s string) bool { return strings.EqualFold(s, name) })
}

// Header writes headers as a log line shows them: "{Name=value, Other=a,b}".
// The values of a repeated name are joined where it stands first.
func Header(h exchange.Header) string {
	var b strings.Builder
	b.WriteByte('{')
	first := true
	for i := range h {
		if indexOf(h[:i], h[i].Name) >= 0 {
			continue
		}
		if !first {
			b.WriteString(", ")
		}
		first = false
		b.WriteString(h[i].Name)
		b.WriteByte('=')
		separator := ""
		for _, field := range h[i:] {
			if field.Name != h[i].Name {
				continue
			}
			value := field.Value
			if secret(field.Name) {
				value = Mask(value)
			}
			b.WriteString(separator)
			b.WriteString(value)
			separator = ","
		}
	}
	b.WriteByte('}')
	return b.String()
}

func indexOf(h exchange.Header, name string) int {
	for i := range h {
		if h[i].Name == name {
			return i
		}
	}
	return -1
}

// Body writes a body as a log line shows it.
func Body(body []byte) string {
	if len(body) > 4*maxLine { // what follows is cut in any case
		body = trimRune(body[:4*maxLine])
	}
	if !utf8.Valid(body) {
		return "[Binary Data]"
	}
	return string(body)
}

// trimRune cuts what a cut left of a character.
func trimRune(b []byte) []byte {
	for i := 1; i <= utf8.UTFMax && i <= len(b); i++ {
		if utf8.RuneStart(b[len(b)-i]) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}
