package steps

import "github.com/postern-gateway/postern/observe/trace"

const traceHeader = "X-Amzn-Trace-Id"

// TraceID returns the value of X-Amzn-Trace-Id for the backend. Recorded: a
// full one of the client is passed on unchanged, one with a Root only gets a
// Parent and Sampled, and without one there is a new trace that is not sampled.
// On a stage that traces, the step of that name has decided before.
func (r *Request) TraceID() string {
	if r.trace == "" {
		r.trace = r.makeTraceID(r.Header.Get(traceHeader))
	}
	return r.trace
}

func (r *Request) makeTraceID(client string) string {
	in := trace.Parse(client)
	root, parent, sampled := in.Root != "", in.Parent != "", in.Sampled != ""
	if root && parent && sampled {
		return client
	}
	var buf [128]byte
	out := append(buf[:0], client...)
	if !root {
		out = r.appendRoot(append(out[:0], "Root="...))
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

// newRoot is the id of a trace that begins here.
func (r *Request) newRoot() string {
	var buf [35]byte
	return string(r.appendRoot(buf[:0]))
}

func (r *Request) appendRoot(dst []byte) []byte {
	dst = appendHex8(append(dst, "1-"...), r.Context.Received.Unix())
	return r.IDs.AppendHex(append(dst, '-'), 24)
}

// appendHex8 writes the seconds of a trace id: eight digits until the year 2106.
func appendHex8(dst []byte, seconds int64) []byte {
	for shift := 28; shift >= 0; shift -= 4 {
		dst = append(dst, "0123456789abcdef"[seconds>>shift&15])
	}
	return dst
}
