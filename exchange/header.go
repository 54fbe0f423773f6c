package exchange

import (
	"iter"
	"strings"
)

// Field is one header line.
type Field struct{ Name, Value string }

// Header is an ordered list of header lines in their exact spelling.
type Header []Field

// Get returns the first value of a name, whatever its case.
func (h Header) Get(name string) string {
	for i := range h {
		if strings.EqualFold(h[i].Name, name) {
			return h[i].Value
		}
	}
	return ""
}

// Has reports whether a name is there, whatever its case.
func (h Header) Has(name string) bool {
	for i := range h {
		if strings.EqualFold(h[i].Name, name) {
			return true
		}
	}
	return false
}

// Values yields all values of a name, in order. With exact, the case counts.
func (h Header) Values(name string, exact bool) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range h {
			if h[i].Name == name || !exact && strings.EqualFold(h[i].Name, name) {
				if !yield(h[i].Value) {
					return
				}
			}
		}
	}
}

// Add appends a line.
func (h *Header) Add(name, value string) {
	*h = append(*h, Field{name, value})
}

// Set removes all lines of a name, whatever their case, and appends one.
func (h *Header) Set(name, value string) {
	h.Del(name)
	h.Add(name, value)
}

// Del removes all lines of a name, whatever their case.
func (h *Header) Del(name string) {
	kept := (*h)[:0]
	for _, field := range *h {
		if !strings.EqualFold(field.Name, name) {
			kept = append(kept, field)
		}
	}
	*h = kept
}
