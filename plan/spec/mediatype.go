package spec

import (
	"slices"
	"strings"
)

// MediaTypes are an API's binaryMediaTypes: the types whose payloads are bytes
// and not text.
type MediaTypes []string

// Match reports whether the value of a Content-Type or Accept header, "" for a
// header that is missing, is a binary one. Recorded with AWS_PROXY: only what
// stands before the first comma and semicolon counts; an entry is compared as
// it is, or has a wildcard for its subtype; a wildcard of the client is no
// more than text. The guide: the entry */* matches everything, which we take
// to include a missing header.
func (m MediaTypes) Match(header string) bool {
	if len(m) == 0 {
		return false
	}
	if slices.Contains(m, "*/*") {
		return true
	}
	header, _, _ = strings.Cut(header, ",")
	header, _, _ = strings.Cut(header, ";")
	header = strings.TrimSpace(header)
	kind, _, ok := strings.Cut(header, "/")
	if !ok {
		return false
	}
	for _, entry := range m {
		if entry == header {
			return true
		}
		if main, wild := strings.CutSuffix(entry, "/*"); wild && main == kind {
			return true
		}
	}
	return false
}
