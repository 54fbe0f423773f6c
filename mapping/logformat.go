package mapping

import (
	"regexp"
	"strconv"
)

// LogFormat is the format of an access log: a text with $context variables.
type LogFormat struct{ parts []logPart }

type logPart struct {
	literal  string
	slot     Slot
	variable bool
}

// logVariable is the grammar of a variable in a format (seen in logs of the
// service: it takes the longest name, known or not).
var logVariable = regexp.MustCompile(`\$context\.([A-Za-z0-9_]+(?:\.[A-Za-z0-9_-]+)*)`)

// ParseLogFormat parses a format. Every text is one: what is no variable is
// literal, and a variable without a value, or of a name that nobody knows, is
// "-".
func ParseLogFormat(text string) LogFormat {
	var f LogFormat
	at := 0
	for _, m := range logVariable.FindAllStringSubmatchIndex(text, -1) {
		if m[0] > at {
			f.parts = append(f.parts, logPart{literal: text[at:m[0]]})
		}
		f.parts = append(f.parts, logPart{slot: lookupLog(text[m[2]:m[3]]), variable: true})
		at = m[1]
	}
	if at < len(text) {
		f.parts = append(f.parts, logPart{literal: text[at:]})
	}
	return f
}

// Append writes the line of a request that has ended, without a line end of
// its own. Values are not escaped: that is what the service does, so a message
// with quotes spoils a format that looks like JSON.
func (f LogFormat) Append(dst []byte, c *Context) []byte {
	for i := range f.parts {
		part := &f.parts[i]
		if !part.variable {
			dst = append(dst, part.literal...)
			continue
		}
		start := len(dst)
		if dst = c.append(dst, part.slot); len(dst) == start {
			dst = append(dst, '-')
		}
	}
	return dst
}

// replacedID is what access logs say of an id of the client that is no UUID; the
// answer has a new one. Guide.
const replacedID = "UUID_REPLACED_INVALID_REQUEST_ID"

// append is text for the hot path: what would have to be made as a string
// first is written where it belongs.
func (c *Context) append(dst []byte, slot Slot) []byte {
	switch slot {
	case slotRequestID:
		if c.IDReplaced {
			return append(dst, replacedID...)
		}
	case slotSourceIP:
		if !c.Test && c.Remote.IsValid() {
			return c.Remote.Unmap().WithZone("").AppendTo(dst)
		}
	case slotPath:
		if !c.Test && !c.Custom {
			dst = append(append(dst, '/'), c.Stage...)
			return append(dst, c.Rest...)
		}
	case slotRequestTime:
		return c.Received.UTC().AppendFormat(dst, requestTime)
	case slotRequestTimeEpoch:
		return strconv.AppendInt(dst, c.Received.UnixMilli(), 10)
	case slotStatus:
		if c.Outcome.Status != 0 {
			return strconv.AppendInt(dst, int64(c.Outcome.Status), 10)
		}
	case slotResponseLength:
		return strconv.AppendInt(dst, c.Outcome.Length, 10)
	case slotResponseLatency:
		return strconv.AppendInt(dst, c.Outcome.Latency.Milliseconds(), 10)
	case slotBackendLatency:
		if c.Outcome.Called {
			return strconv.AppendInt(dst, c.Outcome.BackendLatency.Milliseconds(), 10)
		}
	}
	return append(dst, c.text(slot)...)
}
