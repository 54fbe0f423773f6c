package recorded

import "strings"

// matchText matches a string that is made of parts in order. A part without a
// fixed length takes the shortest text with which the rest still fits.
func (m *matching) matchText(path string, arg, got any) []Difference {
	parts, isList := arg.([]any)
	text, isText := got.(string)
	if !isList || !isText {
		return m.differs(path, got, map[string]any{"$text": arg})
	}
	same := m.text(parts, text, m.same)
	if same == nil {
		return m.differs(path, got, map[string]any{"$text": arg})
	}
	m.same = same
	return nil
}

// signed is what the recorder put in the place of a masked signature. It is
// marked as the same in two calls of one case, which no signature is.
const signed = "Authorization=<authorization-header>,"

// text returns the bindings with which the parts make up the whole text, or nil.
func (m *matching) text(parts []any, text string, same bindings) bindings {
	if len(parts) == 0 {
		if text != "" {
			return nil
		}
		return same
	}
	part, rest := parts[0], parts[1:]
	if literal, ok := part.(string); ok {
		return m.afterLiteral(literal, rest, text, same)
	}
	name, arg, ok := matcherOf(part)
	if !ok {
		return nil
	}
	switch {
	case name == "$same" && plain(arg) == signed:
		part = map[string]any{"$any": signed}
	case name == "$same":
		if bound, ok := same[plain(arg)]; ok {
			return m.afterLiteral(plain(bound), rest, text, same)
		}
	}
	if next, ok := first(rest).(string); ok && name != "$regex" {
		return m.beforeLiteral(part, next, rest, text, same)
	}
	for n := 0; n <= len(text); n++ {
		if found := m.taking(part, n, rest, text, same); found != nil {
			return found
		}
	}
	return nil
}

func first(parts []any) any {
	if len(parts) == 0 {
		return nil
	}
	return parts[0]
}

func (m *matching) afterLiteral(literal string, rest []any, text string, same bindings) bindings {
	after, ok := strings.CutPrefix(text, literal)
	if !ok {
		return nil
	}
	return m.text(rest, after, same)
}

// beforeLiteral only tries the lengths after which the literal follows.
func (m *matching) beforeLiteral(part any, literal string, rest []any, text string, same bindings) bindings {
	for n := 0; n <= len(text); n++ {
		i := strings.Index(text[n:], literal)
		if i < 0 {
			return nil
		}
		n += i
		if found := m.taking(part, n, rest, text, same); found != nil {
			return found
		}
	}
	return nil
}

// taking lets the part match the first n bytes.
func (m *matching) taking(part any, n int, rest []any, text string, same bindings) bindings {
	try := matching{step: m.step, same: same.clone()}
	if len(try.compare("", part, text[:n])) > 0 {
		return nil
	}
	return m.text(rest, text[n:], try.same)
}
