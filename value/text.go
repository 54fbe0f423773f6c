package value

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// AppendText appends the printed form of v: Java's for what a template makes,
// JSON for arrays of documents (seen in an emulator). Null is empty, but
// "null" inside a list or map. It fails where more than limit bytes would be
// written, or the value is nested too deeply.
func (v Value) AppendText(dst []byte, limit int) ([]byte, error) {
	w := writer{out: dst, limit: len(dst) + limit}
	w.text(v, 0)
	return w.result()
}

// Text returns the printed form of v, as AppendText makes it; ok is false
// where that fails.
func (v Value) Text(limit int) (text string, ok bool) {
	if v.kind == String {
		return v.text, true
	}
	out, err := v.AppendText(nil, limit)
	return string(out), err == nil
}

// AppendJSON appends v as compact JSON. A number of a document keeps its
// spelling. It fails as AppendText does.
func (v Value) AppendJSON(dst []byte, limit int) ([]byte, error) {
	w := writer{out: dst, limit: len(dst) + limit}
	w.json(v, 0)
	return w.result()
}

// ErrSize refuses to write more than the limit.
var ErrSize = sizeError{}

type sizeError struct{}

func (sizeError) Error() string { return "the text is too long" }

type writer struct {
	out   []byte
	limit int
	deep  bool
}

func (w *writer) result() ([]byte, error) {
	switch {
	case w.deep:
		return w.out, ErrDepth
	case len(w.out) > w.limit:
		return w.out, ErrSize
	}
	return w.out, nil
}

// stop reports whether writing is to end.
func (w *writer) stop(depth int) bool {
	w.deep = w.deep || depth > maxDepth
	return w.deep || len(w.out) > w.limit
}

func (w *writer) add(s string) { w.out = append(w.out, s...) }

func (w *writer) text(v Value, depth int) {
	if w.stop(depth) {
		return
	}
	switch v.kind {
	case Null:
		if depth > 0 {
			w.add("null")
		}
	case String:
		w.add(v.text)
	case List:
		w.add("[")
		for i, item := range v.Items() {
			if i > 0 {
				w.add(", ")
			}
			if w.text(item, depth+1); w.stop(depth) {
				return
			}
		}
		w.add("]")
	case Array:
		w.json(v, depth)
	case Object:
		w.mapText(v.Map(), depth)
	case Entry:
		value, _ := v.Map().Get(v.text)
		w.add(v.text + "=")
		w.text(value, depth+1)
	case Host: // recorded for maps of $context: they print nothing
	default:
		w.scalar(v)
	}
}

func (w *writer) mapText(m *Map, depth int) {
	if m.Silent {
		return
	}
	w.add("{")
	for i, member := range m.members {
		if i > 0 {
			w.add(", ")
		}
		w.add(member.Key)
		w.add("=")
		if w.text(member.Value, depth+1); w.stop(depth) {
			return
		}
	}
	w.add("}")
}

func (w *writer) scalar(v Value) {
	switch v.kind {
	case Bool:
		w.out = strconv.AppendBool(w.out, v.bits != 0)
	case Int, Long:
		w.out = strconv.AppendInt(w.out, int64(v.bits), 10)
	case Big:
		w.out = v.BigInt().Append(w.out, 10)
	case Double:
		w.out = appendDouble(w.out, v.Float64())
	}
}

func (w *writer) json(v Value, depth int) {
	if w.stop(depth) {
		return
	}
	switch v.kind {
	case Null, Host:
		w.add("null")
	case String:
		w.out = AppendQuoted(w.out, v.text)
	case List, Array:
		w.add("[")
		for i, item := range v.Items() {
			if i > 0 {
				w.add(",")
			}
			if w.json(item, depth+1); w.stop(depth) {
				return
			}
		}
		w.add("]")
	case Object:
		w.add("{")
		for i, member := range v.Map().members {
			if i > 0 {
				w.add(",")
			}
			w.out = append(AppendQuoted(w.out, member.Key), ':')
			if w.json(member.Value, depth+1); w.stop(depth) {
				return
			}
		}
		w.add("}")
	case Entry:
		value, _ := v.Map().Get(v.text)
		w.out = append(AppendQuoted(append(w.out, '{'), v.text), ':')
		w.json(value, depth+1)
		w.add("}")
	default:
		if v.text != "" {
			w.add(v.text)
		} else if f := v.Float64(); v.kind == Double && (math.IsNaN(f) || math.IsInf(f, 0)) {
			w.add("null")
		} else {
			w.scalar(v)
		}
	}
}

// AppendQuoted appends a JSON string. What is not UTF-8 becomes the
// replacement character.
func AppendQuoted(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(append(dst, s[from:i]...), "\uFFFD"...)
				from = i + 1
			}
			i += n
			continue
		}
		if c >= 0x20 && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[from:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		case '\b':
			dst = append(dst, `\b`...)
		case '\f':
			dst = append(dst, `\f`...)
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		from = i
	}
	return append(append(dst, s[from:]...), '"')
}

// appendDouble writes a number as Java's Double.toString does: at least one
// digit after the point, and powers of ten outside 0.001 to 10 million.
func appendDouble(dst []byte, f float64) []byte {
	switch abs := math.Abs(f); {
	case f != f:
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	case abs == 0 || abs >= 1e-3 && abs < 1e7:
		from := len(dst)
		dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
		if !strings.Contains(string(dst[from:]), ".") {
			dst = append(dst, ".0"...)
		}
		return dst
	}
	text := strconv.FormatFloat(f, 'e', -1, 64)
	mantissa, exponent, _ := strings.Cut(text, "e")
	dst = append(dst, mantissa...)
	if !strings.Contains(mantissa, ".") {
		dst = append(dst, ".0"...)
	}
	n, _ := strconv.Atoi(exponent)
	return strconv.AppendInt(append(dst, 'E'), int64(n), 10)
}
