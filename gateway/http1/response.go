package http1

import (
	"strings"

	"github.com/postern-gateway/postern/exchange"
)

var errStatusLine = malformed("malformed status line")

// Response is the head of a response. Its strings are parts of the head that
// was parsed.
type Response struct {
	Status int // 100 to 999
	Minor  int // 0 or 1, of HTTP/1.x
	Header exchange.Header

	Length  int64 // of the body, Chunked or UntilEOF
	Persist bool  // the connection may be used again once the body is read
}

// Parse reads a head as [Reader.Head] returns it; method is that of the request.
// The error is an *Error.
func (p *Response) Parse(head, method string) error {
	*p = Response{Header: p.Header[:0]}
	end := strings.IndexByte(head, '\n')
	if end < 1 {
		return errStatusLine
	}
	if err := p.parseLine(head[:end-1]); err != nil {
		return err
	}
	var f facts
	var err error
	if p.Header, f, err = parseFields(head[end+1:], p.Header); err != nil {
		return err
	}
	if p.Length, err = f.framing(); err != nil {
		return err
	}
	if p.Length == Chunked {
		// Unlike in a request the case does not count: the backend is the last
		// to choose the framing, nobody behind us reads it in another way.
		if !strings.EqualFold(f.coding, "chunked") {
			return errCoding
		}
		if p.Minor == 0 {
			return errOldCoding
		}
	}
	p.Persist = f.persists(p.Minor)
	if method == "HEAD" || p.Status < 200 || p.Status == 204 || p.Status == 304 {
		p.Length = 0
	}
	if p.Length == UntilEOF {
		p.Persist = false
	}
	return nil
}

// parseLine reads the status line. A missing blank after the status is
// accepted: many servers leave it out together with the reason.
func (p *Response) parseLine(line string) (err error) {
	version, rest, ok := strings.Cut(line, " ")
	if !ok {
		return errStatusLine
	}
	if p.Minor, err = parseVersion(version); err != nil {
		return err
	}
	code, reason, _ := strings.Cut(rest, " ")
	if len(code) != 3 || code[0] == '0' || !ValidValue(reason) {
		return errStatusLine
	}
	status, err := parseLength(code)
	if err != nil {
		return errStatusLine
	}
	p.Status = int(status)
	return nil
}
