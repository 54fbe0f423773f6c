package http1

import (
	"strings"

	"github.com/postern-gateway/postern/exchange"
)

// Lengths of a body that is not framed by a Content-Length.
const (
	Chunked  = -1 // chunked transfer coding
	UntilEOF = -2 // a response that lasts as long as its connection
)

var (
	errRequestLine  = malformed("malformed request line")
	errMethod       = malformed("malformed method")
	errTarget       = malformed("malformed request target")
	errVersion      = malformed("malformed HTTP version")
	errOtherVersion = &Error{Status: 505, Text: "HTTP version not supported"}
	errHost         = malformed("malformed Host")
	errNoHost       = malformed("no Host")
	errTwoHosts     = malformed("more than one Host")
	errOtherHost    = malformed("Host is not that of the request target")
	errOldCoding    = malformed("Transfer-Encoding in a message of HTTP/1.0")
	errExpectation  = &Error{Status: 417, Text: "expectation not known"}
)

// Request is the head of a request. Its strings are parts of the head that was
// parsed.
type Request struct {
	Method   string
	Asterisk bool   // the target is "*" (OPTIONS only); Path is empty then
	Path     string // as it came, with its leading slash
	RawQuery string
	Host     string // empty only if a client of HTTP/1.0 gave none
	Minor    int    // 0 or 1, of HTTP/1.x
	Header   exchange.Header

	Length    int64 // of the body, or Chunked
	Persist   bool  // the client wants to go on with this connection
	Continues bool  // the client waits for "100 Continue" before the body
}

// Parse reads a head as [Reader.Head] returns it. It reuses q.Header. The error
// is an *Error.
func (q *Request) Parse(head string) error {
	header := q.Header[:0]
	*q = Request{}
	end := strings.IndexByte(head, '\n')
	if end < 1 {
		return errRequestLine
	}
	authority, err := q.parseLine(head[:end-1])
	if err != nil {
		return err
	}
	var f facts
	if q.Header, f, err = parseFields(head[end+1:], header); err != nil {
		return err
	}
	if err := q.setHost(&f, authority); err != nil {
		return err
	}
	if q.Length, err = f.framing(); err != nil {
		return err
	}
	switch q.Length {
	case UntilEOF:
		q.Length = 0 // a request without framing has no body
	case Chunked:
		if q.Minor == 0 {
			return errOldCoding
		}
		// Not without case: "Chunked" is chunked to some programs and unknown
		// to others, and no client of today spells it so.
		if f.coding != "chunked" {
			return errCoding
		}
	}
	if f.expect != "" && q.Minor == 1 {
		if !strings.EqualFold(f.expect, "100-continue") {
			return errExpectation
		}
		q.Continues = q.Length != 0
	}
	q.Persist = f.persists(q.Minor)
	return nil
}

// parseLine reads the request line and returns the host of a target in
// absolute form, else nothing.
func (q *Request) parseLine(line string) (authority string, err error) {
	method, rest, ok := strings.Cut(line, " ")
	if !ok {
		return "", errRequestLine
	}
	target, version, ok := strings.Cut(rest, " ")
	if !ok {
		return "", errRequestLine
	}
	if !ValidToken(method) {
		return "", errMethod
	}
	q.Method = method
	if q.Minor, err = parseVersion(version); err != nil {
		return "", err
	}
	if target == "*" && method == "OPTIONS" {
		q.Asterisk = true
		return "", nil
	}
	if authority, target, err = cutAuthority(target); err != nil {
		return "", err
	}
	if q.Path, q.RawQuery, ok = SplitTarget(target); !ok {
		return "", errTarget
	}
	return authority, nil
}

// cutAuthority turns an absolute form ("http://host/path") into its host and an
// origin form; other targets are returned as they are. CONNECT is no method of
// a gateway: its authority form fails for want of a slash.
func cutAuthority(target string) (authority, origin string, err error) {
	if strings.HasPrefix(target, "/") {
		return "", target, nil
	}
	scheme, rest, ok := strings.Cut(target, "://")
	if !ok || !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		return "", "", errTarget
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	if authority = rest[:end]; !ValidHost(authority) {
		return "", "", errHost
	}
	if rest = rest[end:]; !strings.HasPrefix(rest, "/") {
		rest = "/" + rest
	}
	return authority, rest, nil
}

// setHost applies RFC 9112, 3.2, with one difference: where a target in absolute
// form names another host than the Host field, the request is refused instead
// of following the target, because the two are equal in every honest request.
func (q *Request) setHost(f *facts, authority string) error {
	switch {
	case f.hosts > 1:
		return errTwoHosts
	case f.hosts == 0 && q.Minor == 1:
		return errNoHost
	case f.hosts == 1 && !ValidHost(f.host):
		return errHost
	case authority == "":
		q.Host = f.host
	case f.hosts == 1 && !strings.EqualFold(f.host, authority):
		return errOtherHost
	default:
		q.Host = authority
	}
	return nil
}

func parseVersion(s string) (minor int, err error) {
	switch s {
	case "HTTP/1.1":
		return 1, nil
	case "HTTP/1.0":
		return 0, nil
	}
	if len(s) == len("HTTP/x.y") && s[:5] == "HTTP/" && s[6] == '.' &&
		s[5] >= '0' && s[5] <= '9' && s[7] >= '0' && s[7] <= '9' {
		return 0, errOtherVersion
	}
	return 0, errVersion
}
