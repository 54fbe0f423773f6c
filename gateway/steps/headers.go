package steps

import (
	"strings"

	"github.com/postern-gateway/postern/exchange"
)

// nameSet is a set of header names, compared without case. It is indexed by
// length: most names of a request miss without a comparison.
type nameSet [32][]string

func names(list ...string) *nameSet {
	var s nameSet
	for _, name := range list {
		s[len(name)] = append(s[len(name)], name)
	}
	return &s
}

func (s *nameSet) has(name string) bool {
	if len(name) >= len(s) {
		return false
	}
	for _, n := range s[len(name)] {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// The tables of headers. Each says where it comes from; the same lists with
// more detail are in the specification of the stage runtime.
var (
	// droppedOnEntry never reach a mapping, a template or a backend. Recorded:
	// header remapping, for templates and for what HTTP and HTTP_PROXY backends see.
	droppedOnEntry = names("Connection", "Content-Length", "Content-MD5", "Expect", "Max-Forwards",
		"Proxy-Authenticate", "Server", "TE", "Transfer-Encoding", "Trailer", "Upgrade", "WWW-Authenticate")

	// notProxied are the client's headers that HTTP_PROXY does not pass on.
	// Recorded for the first three; those below are replaced by ours.
	notProxied = names("Host", "Content-Encoding", "Via",
		"X-Amzn-Apigateway-Api-Id", "X-Amzn-Trace-Id",
		"X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto")

	// mappedInVain may be the target of a mapping and are not sent. Recorded.
	mappedInVain = names("Connection", "Expect", "Proxy-Authenticate", "TE", "Via")

	// notMappable spoil the request if they are mapped. Recorded for the first
	// two, seen in an emulator for the others.
	notMappable = names("Content-Length", "Transfer-Encoding", "X-Amzn-Trace-Id", "X-Amzn-Apigateway-Api-Id")

	// awsMappedInVain and awsNotMappable are the same for services of AWS. The
	// first two of the second are recorded for other types, all others were seen in
	// an emulator.
	awsMappedInVain = names("Via", "Referer")
	awsNotMappable  = names("Content-Length", "Transfer-Encoding", "X-Amzn-Trace-Id", "X-Amzn-Apigateway-Api-Id",
		"Authorization", "Connection", "Expect", "Proxy-Authenticate", "TE")

	// remapped are renamed in the answer of an integration that maps headers.
	// Recorded, but for the two that the gateway itself sends (assumed).
	remapped = names("Authorization", "Connection", "Content-Length", "Content-MD5", "Date", "Expect", "Host",
		"Max-Forwards", "Proxy-Authenticate", "Server", "Trailer", "Upgrade", "User-Agent", "WWW-Authenticate",
		"x-amzn-RequestId", "x-amz-apigw-id")
	// lost are removed from that answer. Recorded.
	lost = names("Transfer-Encoding")

	// proxyRemapped and proxyLost are the same for HTTP_PROXY. Recorded for the
	// first four; the guide for the next two and for what is lost; the last two
	// are assumed.
	proxyRemapped = names("Connection", "Content-Length", "Date", "Server", "Authorization", "WWW-Authenticate",
		"x-amzn-RequestId", "x-amz-apigw-id")
	proxyLost = names("Transfer-Encoding", "Via")
)

// mappingRules are the headers that a mapping may name and not set.
type mappingRules struct{ inVain, forbidden *nameSet }

var (
	httpRules = mappingRules{mappedInVain, notMappable}
	awsRules  = mappingRules{awsMappedInVain, awsNotMappable}
)

const remapPrefix = "x-amzn-Remapped-"

// TakeHeader copies the client's headers into r, without those dropped on entry.
func (r *Request) TakeHeader(h exchange.Header) {
	r.Header = r.Header[:0]
	for _, field := range h {
		if !droppedOnEntry.has(field.Name) {
			r.Header = append(r.Header, field)
		}
	}
}

// answer appends a header of an integration's answer under its final name.
func answer(h *exchange.Header, name, value string, renamed, dropped *nameSet) {
	switch {
	case dropped.has(name):
	case renamed.has(name):
		h.Add(remapPrefix+name, value)
	default:
		h.Add(name, value)
	}
}

// lineSafe replaces what would end a header line: a mapped value may come from
// an escape in a query string or from a body (assumed).
func lineSafe(value string) string {
	if !strings.ContainsAny(value, "\r\n\x00") {
		return value
	}
	return strings.NewReplacer("\r", " ", "\n", " ", "\x00", " ").Replace(value)
}
