package vtl

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"unicode/utf16"

	"github.com/postern-gateway/postern/value"
)

// utilities are the functions of $util. There are no others.
var utilities = map[string]func(string) (value.Value, error){
	"escapeJavaScript": escapeJavaScript,
	"parseJson":        parseJSON,
	"urlEncode":        func(t string) (value.Value, error) { return value.OfString(urlEncode(t)), nil },
	"urlDecode":        urlDecode,
	"base64Encode": func(t string) (value.Value, error) {
		return value.OfString(base64.StdEncoding.EncodeToString([]byte(t))), nil
	},
	"base64Decode": base64Decode,
}

const upperHex = "0123456789ABCDEF"

// documentSize is about what a JSON text takes as values: one for each thing
// that a comma, a colon or a bracket stands before.
func documentSize(t string) int {
	n := 1
	for _, c := range [...]string{",", ":", "[", "{"} {
		n += strings.Count(t, c)
	}
	return 2*n*valueSize + len(t)
}

var shortEscapes = [128]byte{'"': '"', '\'': '\'', '\\': '\\', '/': '/', '\b': 'b', '\t': 't', '\n': 'n', '\f': 'f', '\r': 'r'}

// escapeJavaScript escapes as the function of that name of Java's commons
// does: also the single quote, which is not JSON (the guide says so).
func escapeJavaScript(t string) (value.Value, error) {
	size := escapedSize(t)
	if size > maxOutput {
		return value.Value{}, value.ErrSize
	}
	out := make([]byte, 0, size)
	unit := func(u uint16) {
		out = append(out, '\\', 'u', upperHex[u>>12], upperHex[u>>8&15], upperHex[u>>4&15], upperHex[u&15])
	}
	for _, r := range t {
		switch {
		case r < 0x80 && shortEscapes[r] != 0:
			out = append(out, '\\', shortEscapes[r])
		case r >= 0x20 && r < 0x80:
			out = append(out, byte(r))
		case r >= 0x10000:
			high, low := utf16.EncodeRune(r)
			unit(uint16(high))
			unit(uint16(low))
		default:
			unit(uint16(r))
		}
	}
	return value.OfString(string(out)), nil
}

// escapedSize returns how long a text becomes.
func escapedSize(t string) int {
	n := 0
	for _, r := range t {
		switch {
		case r < 0x80 && shortEscapes[r] != 0:
			n += 2
		case r >= 0x20 && r < 0x80:
			n++
		case r >= 0x10000:
			n += 12
		default:
			n += 6
		}
	}
	return n
}

// parseJSON parses a document; an empty text has no value.
func parseJSON(t string) (value.Value, error) {
	if strings.TrimSpace(t) == "" {
		return value.Value{}, nil
	}
	return value.ParseJSON(t)
}

// urlEncode encodes a form value as Java does.
func urlEncode(t string) string {
	out := make([]byte, 0, 3*len(t))
	for i := range len(t) {
		switch c := t[i]; {
		case letter(c), digit(c), c == '.', c == '-', c == '*':
			out = append(out, c)
		case c == ' ':
			out = append(out, '+')
		default:
			out = append(out, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return string(out)
}

func urlDecode(t string) (value.Value, error) {
	out, err := url.QueryUnescape(t)
	if err != nil {
		return value.Value{}, err
	}
	return value.OfString(strings.ToValidUTF8(out, "\uFFFD")), nil
}

func base64Decode(t string) (value.Value, error) {
	out, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(t, "="))
	if err != nil {
		return value.Value{}, errors.New("not base64")
	}
	return value.OfString(strings.ToValidUTF8(string(out), "\uFFFD")), nil
}
