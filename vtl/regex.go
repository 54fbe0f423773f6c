package vtl

import (
	"fmt"
	"strings"
	"sync"

	"github.com/dlclark/regexp2"

	"github.com/postern-gateway/postern/regex"
	"github.com/postern-gateway/postern/value"
)

// patterns are the compiled regular expressions of a template.
type patterns struct {
	mu  sync.Mutex
	all map[string]*regexp2.Regexp
}

// maxPatterns bounds the cache: a pattern may be made of a request.
const maxPatterns = 64

func (c *patterns) get(pattern string) (*regexp2.Regexp, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if re := c.all[pattern]; re != nil {
		return re, nil
	}
	re, err := regex.Compile(translate(pattern), regexp2.None)
	if err != nil {
		return nil, err
	}
	if c.all == nil || len(c.all) >= maxPatterns {
		c.all = make(map[string]*regexp2.Regexp)
	}
	c.all[pattern] = re
	return re, nil
}

// translate turns Java's quotations (\Q..\E) and names of classes into what
// the engine knows.
func translate(pattern string) string {
	if !strings.Contains(pattern, `\`) {
		return pattern
	}
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '\\' || i+1 == len(pattern) {
			b.WriteByte(pattern[i])
			continue
		}
		i++
		switch pattern[i] {
		case 'Q':
			text, _, _ := strings.Cut(pattern[i+1:], `\E`)
			b.WriteString(regexp2.Escape(text))
			i += len(text) + 2
		case 'h':
			b.WriteString(`[ \t\u00a0]`)
		case 'R':
			b.WriteString(`(?:\r\n|[\n-\r\u0085\u2028\u2029])`)
		case 'p', 'P':
			name, ok := posix(pattern[i+1:])
			b.WriteByte('\\')
			b.WriteByte(pattern[i])
			if ok {
				b.WriteString("{" + name + "}")
				i += strings.IndexByte(pattern[i:], '}')
			}
		default:
			b.WriteByte('\\')
			b.WriteByte(pattern[i])
		}
	}
	return b.String()
}

// posix returns the Unicode category for a class that Java names otherwise.
func posix(rest string) (string, bool) {
	name, _, ok := strings.Cut(strings.TrimPrefix(rest, "{"), "}")
	category := map[string]string{"Alpha": "L", "IsAlphabetic": "L", "Lower": "Ll", "Upper": "Lu", "Digit": "Nd", "Punct": "P", "IsLetter": "L"}[name]
	return category, ok && category != ""
}

// plain reports whether a pattern is a literal text, and which.
func plain(pattern string) (string, bool) {
	if !strings.ContainsAny(pattern, `\.[]{}()*+-?^$|&`) {
		return pattern, true
	}
	var out []byte
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		if c == '\\' {
			if i++; i == len(pattern) || letter(pattern[i]) || digit(pattern[i]) {
				return "", false
			}
			c = pattern[i]
		} else if strings.IndexByte(`.[]{}()*+?^$|`, c) >= 0 {
			return "", false
		}
		out = append(out, c)
	}
	return string(out), true
}

var patternMethods = map[string]method{
	"matches": of(1, 1, func(s *state, t string, args []value.Value) (value.Value, error) {
		pattern := s.text(args[0])
		if text, ok := plain(pattern); ok {
			return value.OfBool(t == text), nil
		}
		if _, err := s.regex.get(pattern); err != nil { // by itself: "a)|(b" is none
			return value.Value{}, err
		}
		re, err := s.regex.get(`\A(?:` + pattern + `)\z`)
		if err != nil {
			return value.Value{}, err
		}
		if !s.spend(regexSteps) || !s.inTime() || !s.allocate(runeSize*len(t)) {
			return value.Value{}, nil
		}
		ok, err := re.MatchString(t)
		return value.OfBool(ok), err
	}),
	"replaceAll":   of(2, 2, func(s *state, t string, args []value.Value) (value.Value, error) { return replace(s, t, args, -1) }),
	"replaceFirst": of(2, 2, func(s *state, t string, args []value.Value) (value.Value, error) { return replace(s, t, args, 1) }),
	"split":        of(1, 2, split),
}

// replace replaces matches, at most n unless n is negative.
func replace(s *state, t string, args []value.Value, n int) (value.Value, error) {
	pattern, by := s.text(args[0]), s.text(args[1])
	if text, ok := plain(pattern); ok && n < 0 && text != "" && !strings.ContainsAny(by, `\$`) {
		return s.replaced(t, text, by)
	}
	if !s.allocate(runeSize * len(t)) {
		return value.Value{}, nil
	}
	var out []rune
	runes := []rune(t)
	at := 0
	err := s.each(pattern, t, runes, func(m *regexp2.Match) error {
		out = append(out, runes[at:m.Index]...)
		var err error
		size := cap(out)
		if out, err = expand(out, by, m); err == nil && (len(out) > maxOutput || !s.allocate(4*(cap(out)-size))) {
			err = value.ErrSize
		}
		at = m.Index + m.Length
		if n--; n == 0 {
			return errEnough
		}
		return err
	})
	if err != nil {
		return value.Value{}, err
	}
	return s.str(string(append(out, runes[at:]...))), nil
}

// A match costs this many steps and bytes.
const (
	matchSteps = 4
	matchSize  = 400
)

var errEnough = fmt.Errorf("enough")

// each calls f with every match; errEnough ends it without a failure.
func (s *state) each(pattern, t string, runes []rune, f func(*regexp2.Match) error) error {
	re, err := s.regex.get(pattern)
	if err != nil {
		return err
	}
	if !s.spend(regexSteps+len(t)/textPerStep) || !s.inTime() {
		return nil
	}
	m, err := re.FindRunesMatch(runes)
	for ; m != nil && err == nil && s.spend(matchSteps) && s.allocate(matchSize); m, err = re.FindNextMatch(m) {
		if err = f(m); err == errEnough {
			return nil
		} else if err != nil {
			return err
		}
	}
	return err
}

// expand appends a replacement: $1 and ${name} are groups, a backslash takes
// the meaning of what follows away.
func expand(out []rune, by string, m *regexp2.Match) ([]rune, error) {
	for i := 0; i < len(by); i++ {
		switch c := by[i]; c {
		case '\\':
			if i++; i == len(by) {
				return nil, fmt.Errorf("replacement %q ends in a backslash", by)
			}
			out = append(out, rune(by[i]))
		case '$':
			var group *regexp2.Group
			if name, _, ok := strings.Cut(by[i+1:], "}"); ok && strings.HasPrefix(name, "{") {
				group = m.GroupByName(name[1:])
				i += len(name) + 1
			} else if i+1 < len(by) && digit(by[i+1]) {
				i++
				number := int(by[i] - '0')
				for i+1 < len(by) && digit(by[i+1]) && number*10+int(by[i+1]-'0') < m.GroupCount() {
					i++
					number = number*10 + int(by[i]-'0')
				}
				group = m.GroupByNumber(number)
			}
			if group == nil {
				return nil, fmt.Errorf("replacement %q: no such group", by)
			}
			out = append(out, group.Runes()...)
		default:
			if c < 0x80 {
				out = append(out, rune(c))
				continue
			}
			r := []rune(by[i:])[0]
			out = append(out, r)
			i += len(string(r)) - 1
		}
	}
	return out, nil
}

// split is Java's: trailing empty parts go unless a limit says otherwise, and
// an empty match at the beginning makes no part.
func split(s *state, t string, args []value.Value) (value.Value, error) {
	limit := 0
	if len(args) == 2 {
		limit = int(max(min(args[1].Int64(), maxSteps), -1))
	}
	if !s.allocate(runeSize * len(t)) {
		return value.Value{}, nil
	}
	runes := []rune(t)
	var parts []value.Value
	at := 0
	err := s.each(s.text(args[0]), t, runes, func(m *regexp2.Match) error {
		if limit > 0 && len(parts) == limit-1 {
			return errEnough
		}
		end := m.Index + m.Length
		if end == 0 || m.Length == 0 && m.Index == len(runes) {
			return nil
		}
		parts = append(parts, value.OfString(string(runes[at:m.Index])))
		s.allocate(2 * valueSize)
		at = end
		return nil
	})
	if err != nil {
		return value.Value{}, err
	}
	parts = append(parts, value.OfString(string(runes[at:])))
	for limit == 0 && len(parts) > 1 && parts[len(parts)-1].Str() == "" {
		parts = parts[:len(parts)-1]
	}
	return value.OfList(parts...), nil
}
