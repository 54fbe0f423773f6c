package iam

// Match tells whether a pattern covers all of a text: * stands for any number
// of characters, ? for one. It looks at bytes, and needs at most as many steps
// as the product of both lengths.
func Match(pattern, text string) bool {
	star, mark := -1, 0 // the last star, and the text that it covers up to
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
