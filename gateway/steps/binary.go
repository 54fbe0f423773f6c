package steps

import "strings"

// binaryTypes are the media types of bodies that are bytes and no text.
type binaryTypes []string

// has reports whether the value of a Content-Type or Accept header names a
// binary type; of several types the first one counts. Recorded: an entry may
// end in "/*", which the client may spell so too; a wildcard before the slash
// matches nothing. The guide: "*/*" matches everything.
func (b binaryTypes) has(value string) bool {
	if len(b) == 0 {
		return false
	}
	value, _, _ = strings.Cut(value, ",")
	value, _, _ = strings.Cut(value, ";")
	value = strings.TrimSpace(value)
	kind, _, isType := strings.Cut(value, "/")
	for _, entry := range b {
		if entry == "*/*" { // assumed for a header that is missing
			return true
		}
		before, after, _ := strings.Cut(entry, "/")
		if isType && (entry == value || after == "*" && before == kind) {
			return true
		}
	}
	return false
}
