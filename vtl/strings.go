package vtl

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/postern-gateway/postern/value"
)

// ascii reports whether bytes of s are its UTF-16 units.
func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// units returns the UTF-16 units of s: what Java counts.
func units(s string) []uint16 { return utf16.Encode([]rune(s)) }

// length returns the number of UTF-16 units.
func length(s string) int {
	if ascii(s) {
		return len(s)
	}
	n := 0
	for _, r := range s {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}

// slice returns the units from..to. Half of a pair of units is no character.
func (s *state) slice(t string, from, to int) string {
	if from == to || ascii(t) {
		return t[min(from, len(t)):min(to, len(t))]
	}
	begin, cut := offset(t, 0, from)
	end, cutEnd := offset(t, begin, to-from-cut)
	if cut+cutEnd == 0 {
		return t[begin:end]
	}
	if !s.allocate(end - begin) {
		return ""
	}
	const half = string(utf8.RuneError)
	return half[:cut*len(half)] + t[begin:end-cutEnd*utf8.UTFMax] + half[:cutEnd*len(half)]
}

// offset returns the place n units after the place i, which begins a rune. If
// the place is in the middle of a pair, it returns the end of that and 1.
func offset(t string, i, n int) (place, cut int) {
	for n > 0 && i < len(t) {
		r, size := utf8.DecodeRuneInString(t[i:])
		i += size
		n -= max(utf16.RuneLen(r), 1)
	}
	return i, max(-n, 0)
}

func blank(r rune) bool { return r <= ' ' }

// unitsSize is what a byte of a text costs as units.
const unitsSize = 8

type stringFunc func(s *state, text string, args []value.Value) (value.Value, error)

// of makes a method of a function of the text.
func of(lo, hi int, f stringFunc) method {
	return method{lo, hi, func(s *state, v value.Value, args []value.Value) (value.Value, error) {
		s.spend(len(v.Str()) / textPerStep)
		return f(s, v.Str(), args)
	}}
}

// test makes a method of a question about two texts.
func test(f func(a, b string) bool) method {
	return of(1, 1, func(s *state, text string, args []value.Value) (value.Value, error) {
		return value.OfBool(f(text, s.text(args[0]))), nil
	})
}

// change makes a method that makes one text of another.
func change(f func(string) string) method {
	return of(0, 0, func(s *state, text string, _ []value.Value) (value.Value, error) { return s.str(f(text)), nil })
}

var stringMethods = map[string]method{
	"length": of(0, 0, func(_ *state, t string, _ []value.Value) (value.Value, error) {
		return value.OfInt(int64(length(t))), nil
	}),
	"isEmpty": of(0, 0, func(_ *state, t string, _ []value.Value) (value.Value, error) { return value.OfBool(t == ""), nil }),
	"isBlank": of(0, 0, func(_ *state, t string, _ []value.Value) (value.Value, error) {
		return value.OfBool(strings.TrimSpace(t) == ""), nil
	}),
	"charAt": of(1, 1, func(s *state, t string, args []value.Value) (value.Value, error) {
		i, err := index(args[0], length(t))
		if err != nil {
			return value.Value{}, err
		}
		return value.OfString(s.slice(t, i, i+1)), nil
	}),
	"substring":        of(1, 2, substring),
	"indexOf":          of(1, 2, indexOf),
	"lastIndexOf":      of(1, 2, lastIndexOf),
	"contains":         test(strings.Contains),
	"endsWith":         test(strings.HasSuffix),
	"equalsIgnoreCase": test(strings.EqualFold),
	"startsWith": of(1, 2, func(s *state, t string, args []value.Value) (value.Value, error) {
		if len(args) == 2 {
			i, err := index(args[1], length(t)+1)
			if err != nil {
				return value.OfBool(false), nil
			}
			t = s.slice(t, i, length(t))
		}
		return value.OfBool(strings.HasPrefix(t, s.text(args[0]))), nil
	}),
	"compareTo": of(1, 1, func(s *state, t string, args []value.Value) (value.Value, error) {
		return compared(s, t, s.text(args[0])), nil
	}),
	"compareToIgnoreCase": of(1, 1, func(s *state, t string, args []value.Value) (value.Value, error) {
		return compared(s, strings.ToLower(t), strings.ToLower(s.text(args[0]))), nil
	}),
	"concat": of(1, 1, func(s *state, t string, args []value.Value) (value.Value, error) {
		return s.joined(t, s.text(args[0])), nil
	}),
	"replace": of(2, 2, func(s *state, t string, args []value.Value) (value.Value, error) {
		return s.replaced(t, s.text(args[0]), s.text(args[1]))
	}),
	"trim":        change(func(t string) string { return strings.TrimFunc(t, blank) }),
	"strip":       change(strings.TrimSpace),
	"toLowerCase": change(strings.ToLower),
	"toUpperCase": change(strings.ToUpper),
	"valueOf":     of(1, 1, func(s *state, _ string, args []value.Value) (value.Value, error) { return s.str(s.text(args[0])), nil }),
	"join":        of(1, maxArguments, join),
	"format":      of(1, maxArguments, format),
}

// replaced replaces a literal text, if the result is not too long.
func (s *state) replaced(t, old, by string) (value.Value, error) {
	if n := strings.Count(t, old); len(t)+n*(len(by)-len(old)) > maxOutput {
		return value.Value{}, value.ErrSize
	}
	return s.str(strings.ReplaceAll(t, old, by)), nil
}

func substring(s *state, t string, args []value.Value) (value.Value, error) {
	n := length(t)
	from, err := index(args[0], n+1)
	to := n
	if err == nil && len(args) == 2 {
		to, err = index(args[1], n+1)
	}
	if err != nil || from > to {
		return value.Value{}, errIndex
	}
	return value.OfString(s.slice(t, from, to)), nil
}

// needle returns what to look for: a text, or the character of a code.
func needle(s *state, arg value.Value) string {
	if arg.Kind() == value.Int {
		if n := arg.Int64(); n >= 0 && n <= unicode.MaxRune {
			return string(rune(n))
		}
	}
	return s.text(arg)
}

func indexOf(s *state, t string, args []value.Value) (value.Value, error) {
	from := 0
	if len(args) == 2 {
		from = int(min(max(args[1].Int64(), 0), int64(length(t))))
	}
	rest := s.slice(t, from, length(t))
	i := strings.Index(rest, needle(s, args[0]))
	if i >= 0 {
		i = from + length(rest[:i])
	}
	return value.OfInt(int64(i)), nil
}

func lastIndexOf(s *state, t string, args []value.Value) (value.Value, error) {
	what := needle(s, args[0])
	if len(args) == 2 {
		end := args[1].Int64()
		if end < 0 {
			return value.OfInt(-1), nil
		}
		t = s.slice(t, 0, int(min(end, int64(length(t)))+min(int64(length(what)), int64(length(t))-min(end, int64(length(t))))))
	}
	i := strings.LastIndex(t, what)
	if i >= 0 {
		i = length(t[:i])
	}
	return value.OfInt(int64(i)), nil
}

func compared(s *state, a, b string) value.Value {
	if !s.allocate(unitsSize * (len(a) + len(b))) {
		return value.Value{}
	}
	return value.OfInt(int64(compareTo(a, b)))
}

// compareTo is Java's: the difference of the first units that differ, else of
// the lengths.
func compareTo(a, b string) int {
	x, y := units(a), units(b)
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return int(x[i]) - int(y[i])
		}
	}
	return len(x) - len(y)
}

// join joins its further arguments, or the items of a list.
func join(s *state, _ string, args []value.Value) (value.Value, error) {
	parts := args[1:]
	if len(parts) == 1 && parts[0].IsList() {
		parts = parts[0].Items()
	}
	var b strings.Builder
	for i, part := range parts {
		if i > 0 {
			b.WriteString(s.text(args[0]))
		}
		text := s.text(part)
		b.WriteString(text)
		if b.Len() > maxOutput || !s.spend(1) || !s.allocate(copies*(len(text)+len(s.text(args[0])))) {
			return value.Value{}, value.ErrSize
		}
	}
	return s.str(b.String()), nil
}

// format is called on a text with a format and its arguments. It knows the
// conversions s d x X o f e c b n and % with flags, width and precision.
func format(s *state, _ string, args []value.Value) (value.Value, error) {
	pattern, args := s.text(args[0]), args[1:]
	var b strings.Builder
	for pattern != "" {
		before, after, found := strings.Cut(pattern, "%")
		b.WriteString(before)
		if !found {
			break
		}
		i := strings.IndexFunc(after, unicode.IsLetter)
		if after != "" && after[0] == '%' {
			i = 0
		}
		if i < 0 || strings.Trim(after[:i], "-+ 0123456789.#") != "" || i > 8 {
			return value.Value{}, fmt.Errorf("bad format %q", after)
		}
		verb := after[i]
		switch {
		case verb == 'n':
			b.WriteByte('\n')
		case verb == '%':
			b.WriteByte('%')
		case len(args) == 0:
			return value.Value{}, fmt.Errorf("no argument for %%%s", after[:i+1])
		default:
			text, err := formatOne(s, after[:i], verb, args[0])
			if err != nil {
				return value.Value{}, err
			}
			b.WriteString(text)
			args = args[1:]
		}
		if pattern = after[i+1:]; b.Len() > maxOutput {
			return value.Value{}, value.ErrSize
		}
	}
	return s.str(b.String()), nil
}

// formatOne formats one argument. A width or precision of more than four
// digits is refused: it would only waste memory.
func formatOne(s *state, flags string, verb byte, arg value.Value) (string, error) {
	for part := range strings.FieldsFuncSeq(flags, func(r rune) bool { return !unicode.IsDigit(r) }) {
		if len(strings.TrimLeft(part, "0")) > 4 {
			return "", value.ErrSize
		}
	}
	layout := "%" + flags + string(rune(verb))
	switch {
	case verb == 's' || verb == 'S':
		text := fmt.Sprintf("%"+flags+"s", s.text(arg))
		if verb == 'S' {
			text = strings.ToUpper(text)
		}
		return text, nil
	case verb == 'b':
		return fmt.Sprintf("%"+flags+"t", !arg.IsNull() && !arg.IsFalse()), nil
	case slices.Contains([]byte("dxXo"), verb) && arg.IsInteger():
		return fmt.Sprintf(layout, arg.BigInt()), nil
	case (verb == 'f' || verb == 'e') && arg.Kind() == value.Double:
		return fmt.Sprintf(layout, arg.Float64()), nil
	case verb == 'c' && arg.IsInteger():
		return fmt.Sprintf(layout, rune(arg.Int64())), nil
	}
	return "", fmt.Errorf("%q: %w", layout, errType)
}
