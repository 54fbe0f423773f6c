package steps

import "strings"

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
	if root && parent && sampled {
		return client
	}
	var buf [128]byte
	out := append(buf[:0], client...)
	if !root {
		out = appendHex8(append(out[:0], "Root=1-"...), r.Context.Received.Unix())
		out = r.IDs.AppendHex(append(out, '-'), 24)
		parent, sampled = false, false
	}
	if !parent {
		out = r.IDs.AppendHex(append(out, ";Parent="...), 16)
	}
	if !sampled {
		out = append(out, ";Sampled=0"...)
	}
	return string(out)
}

// appendHex8 writes the seconds of a trace id: eight digits until the year 2106.
func appendHex8(dst []byte, seconds int64) []byte {
	for shift := 28; shift >= 0; shift -= 4 {
		dst = append(dst, "0123456789abcdef"[seconds>>shift&15])
	}
	return dst
}
