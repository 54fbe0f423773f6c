package mapping

import "regexp"

// Text is a text with variables in it: a template of a gateway response. It
// knows substitution and nothing else of the language of mapping templates.
type Text struct{ parts []textPart }

type textPart struct {
	literal string
	expr    Expr
	isExpr  bool
}

// A name in braces, or a bare one: a brace without the other is literal.
const variableName = `(?:context|stageVariables)\.[A-Za-z0-9_]+(?:\.[A-Za-z0-9_-]+)*`

var textVariable = regexp.MustCompile(`\$!?(?:\{(` + variableName + `)\}|(` + variableName + `))`)

// ParseText parses a text. Every text is one: what is no variable is literal,
// and a variable without a value is empty.
func ParseText(text string) Text {
	var t Text
	at := 0
	for _, m := range textVariable.FindAllStringSubmatchIndex(text, -1) {
		name := m[2:4] // in braces
		if name[0] < 0 {
			name = m[4:6]
		}
		expr, err := ParseRequest(text[name[0]:name[1]])
		if err != nil {
			continue // not a variable that anybody knows: literal
		}
		if m[0] > at {
			t.parts = append(t.parts, textPart{literal: text[at:m[0]]})
		}
		t.parts = append(t.parts, textPart{expr: expr, isExpr: true})
		at = m[1]
	}
	if at < len(text) {
		t.parts = append(t.parts, textPart{literal: text[at:]})
	}
	return t
}

// Append writes the text with the values of a request.
func (t Text) Append(dst []byte, s *Source) []byte {
	for i := range t.parts {
		part := &t.parts[i]
		if !part.isExpr {
			dst = append(dst, part.literal...)
			continue
		}
		if value, ok := part.expr.Value(s); ok {
			dst = append(dst, value...)
		}
	}
	return dst
}
