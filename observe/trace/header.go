package trace

import "strings"

// Header is what X-Amzn-Trace-Id says. Members are empty if they are not there.
type Header struct {
	Root    string // "1-", eight digits of the time, "-", 24 hexadecimal digits
	Parent  string // 16 hexadecimal digits
	Sampled string // "0" or "1"; "?" asks whoever comes next to decide
}

// Parse reads the value of X-Amzn-Trace-Id. Keys are known without regard to
// case, others are left out; the last of several counts.
func Parse(value string) Header {
	var h Header
	for part := range strings.SplitSeq(value, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if value == "" {
			continue
		}
		switch {
		case strings.EqualFold(key, "Root"):
			h.Root = value
		case strings.EqualFold(key, "Parent"):
			h.Parent = value
		case strings.EqualFold(key, "Sampled"):
			h.Sampled = value
		}
	}
	return h
}

// String is the value of X-Amzn-Trace-Id.
func (h Header) String() string {
	return "Root=" + h.Root + ";Parent=" + h.Parent + ";Sampled=" + h.Sampled
}

// Decided reports whether somebody before has decided if the trace is sampled.
func (h Header) Decided() bool { return h.Sampled == "0" || h.Sampled == "1" }

// ParseParent reads the value of traceparent, version 00 or later ones as the
// recommendation of the W3C says; false if it is none.
func ParseParent(value string) (Header, bool) {
	const length = 55 // of version 00
	if len(value) < length || value[2] != '-' || value[35] != '-' || value[52] != '-' {
		return Header{}, false
	}
	version, id, parent, flags := value[:2], value[3:35], value[36:52], value[53:length]
	switch {
	case !lowerHex(version) || version == "ff" || version == "00" && len(value) > length:
		return Header{}, false
	case len(value) > length && value[length] != '-':
		return Header{}, false
	case !lowerHex(id) || !lowerHex(parent) || !lowerHex(flags) || allZero(id) || allZero(parent):
		return Header{}, false
	}
	h := Header{Root: "1-" + id[:8] + "-" + id[8:], Parent: parent, Sampled: "0"}
	if digit := flags[1]; strings.IndexByte("13579bdf", digit) >= 0 {
		h.Sampled = "1"
	}
	return h, true
}

// TraceParent is the value of traceparent for a header that is complete.
func (h Header) TraceParent() string {
	return "00-" + h.ID() + "-" + strings.ToLower(h.Parent) + "-0" + h.Sampled
}

// ID is the id of the trace in the form of the W3C: 32 hexadecimal digits. It
// is empty if Root is not well formed.
func (h Header) ID() string {
	root := strings.ToLower(h.Root)
	if len(root) != 35 || root[:2] != "1-" || root[10] != '-' || !lowerHex(root[2:10]) || !lowerHex(root[11:]) {
		return ""
	}
	if id := root[2:10] + root[11:]; !allZero(id) {
		return id
	}
	return ""
}

// Span is the id of the parent; empty if it is not well formed.
func (h Header) Span() string {
	if id := strings.ToLower(h.Parent); len(id) == 16 && lowerHex(id) && !allZero(id) {
		return id
	}
	return ""
}

func lowerHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

func allZero(s string) bool { return strings.Trim(s, "0") == "" }
