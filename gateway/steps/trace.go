package steps

import (
	"strconv"
	"strings"
)

const traceHeader = "X-Amzn-Trace-Id"

// TraceID returns the value of X-Amzn-Trace-Id for the backend. Recorded: a
// full one of the client is passed on unchanged, one with a Root only gets a
// Parent and Sampled, and without one there is a new trace that is not sampled.
func (r *Request) TraceID() string {
	if r.trace == "" {
		r.trace = r.makeTraceID(r.Header.Get(traceHeader))
	}
	return r.trace
}

func (r *Request) makeTraceID(client string) string {
	var root, parent, sampled bool
	for part := range strings.SplitSeq(client, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch has := value != ""; {
		case strings.EqualFold(key, "Root"):
			root = has
		case strings.EqualFold(key, "Parent"):
			parent = has
		case strings.EqualFold(key, "Sampled"):
			sampled = has
		}
	}
	if !root {
		client = "Root=1-" + hex8(r.Now.Unix()) + "-" + r.IDs.Hex(24)
		parent, sampled = false, false
	}
	if !parent {
		client += ";Parent=" + r.IDs.Hex(16)
	}
	if !sampled {
		client += ";Sampled=0"
	}
	return client
}

// hex8 writes the seconds of a trace id: eight digits until the year 2106.
func hex8(seconds int64) string {
	digits := strconv.FormatUint(uint64(uint32(seconds)), 16)
	return "00000000"[len(digits):] + digits
}
