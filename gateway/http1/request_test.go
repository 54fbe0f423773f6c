package http1

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/exchange"
)

// parse reads one head the way a front does.
func parse(input string) (*Request, error) {
	var r Reader
	r.Reset(strings.NewReader(input), nil)
	head, err := r.Head(1 << 16)
	if err != nil {
		return nil, err
	}
	q := new(Request)
	return q, q.Parse(head)
}

func TestRequest(t *testing.T) {
	host := exchange.Field{Name: "Host", Value: "a.example:8080"}
	for _, test := range []struct {
		name, input string
		want        Request
	}{
		{"plain", "GET /p/a%2Fb?x=1&y=%zz HTTP/1.1\r\nHost: a.example:8080\r\n\r\n",
			Request{Method: "GET", Path: "/p/a%2Fb", RawQuery: "x=1&y=%zz", Host: "a.example:8080", Minor: 1, Persist: true,
				Header: exchange.Header{host}}},
		{"spelling, order and repetition are kept", "PATCH / HTTP/1.1\r\nx-b:1\r\nHost: a.example:8080\r\nX-B:\t 2 \t\r\nX-a: \r\n\r\n",
			Request{Method: "PATCH", Path: "/", Host: "a.example:8080", Minor: 1, Persist: true,
				Header: exchange.Header{{Name: "x-b", Value: "1"}, host, {Name: "X-B", Value: "2"}, {Name: "X-a", Value: ""}}}},
		{"length and expectation", "POST / HTTP/1.1\r\nHost: a.example:8080\r\ncontent-length: 12\r\nExpect: 100-Continue\r\n\r\n",
			Request{Method: "POST", Path: "/", Host: "a.example:8080", Minor: 1, Persist: true, Length: 12, Continues: true,
				Header: exchange.Header{host, {Name: "content-length", Value: "12"}, {Name: "Expect", Value: "100-Continue"}}}},
		{"chunked and close", "POST / HTTP/1.1\r\nHost: a.example:8080\r\nTransfer-Encoding: chunked\r\nConnection: x, Close\r\n\r\n",
			Request{Method: "POST", Path: "/", Host: "a.example:8080", Minor: 1, Length: Chunked,
				Header: exchange.Header{host, {Name: "Transfer-Encoding", Value: "chunked"}, {Name: "Connection", Value: "x, Close"}}}},
		{"nothing to wait for", "GET / HTTP/1.1\r\nHost: a.example:8080\r\nExpect: 100-continue\r\n\r\n",
			Request{Method: "GET", Path: "/", Host: "a.example:8080", Minor: 1, Persist: true,
				Header: exchange.Header{host, {Name: "Expect", Value: "100-continue"}}}},
		{"HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", Request{Method: "GET", Path: "/"}},
		{"HTTP/1.0 that stays", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
			Request{Method: "GET", Path: "/", Persist: true, Header: exchange.Header{{Name: "Connection", Value: "Keep-Alive"}}}},
		{"absolute form", "GET HTTP://A.example:8080?q HTTP/1.1\r\nHost: a.example:8080\r\n\r\n",
			Request{Method: "GET", Path: "/", RawQuery: "q", Host: "A.example:8080", Minor: 1, Persist: true, Header: exchange.Header{host}}},
		{"asterisk", "OPTIONS * HTTP/1.1\r\nHost: a.example:8080\r\n\r\n",
			Request{Method: "OPTIONS", Asterisk: true, Host: "a.example:8080", Minor: 1, Persist: true, Header: exchange.Header{host}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := parse(test.input)
			if err != nil {
				t.Fatalf("%q: %v", test.input, err)
			}
			if diff := cmp.Diff(&test.want, got); diff != "" {
				t.Errorf("%q (-want +got):\n%s", test.input, diff)
			}
		})
	}
}

func TestRequestRefused(t *testing.T) {
	const h = "Host: a\r\n"
	get := func(fields string) string { return "GET / HTTP/1.1\r\n" + h + fields + "\r\n" }
	line := func(line string) string { return line + "\r\n" + h + "\r\n" }
	for _, test := range []struct {
		name, input string
		want        *Error
	}{
		{"empty line first", "\r\n" + get(""), errEmptyLine},
		{"LF alone after the request line", "GET / HTTP/1.1\n" + h + "\r\n", errBareLF},
		{"LF alone after a field", "GET / HTTP/1.1\r\nHost: a\n\r\n", errBareLF},
		{"LF alone at the end", "GET / HTTP/1.1\r\n" + h + "\n", errBareLF},
		{"CR alone", "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", errFieldValue},
		{"CR twice", "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", errFieldValue},
		{"no version", line("GET /"), errRequestLine},
		{"blank twice", line("GET  / HTTP/1.1"), errVersion},
		{"blank in the target", line("GET /a b HTTP/1.1"), errVersion},
		{"tab", line("GET\t/\tHTTP/1.1"), errRequestLine},
		{"blank first", line(" GET / HTTP/1.1"), errMethod},
		{"blank last", line("GET / HTTP/1.1 "), errVersion},
		{"method no token", line("GE(T / HTTP/1.1"), errMethod},
		{"version in lower case", line("GET / http/1.1"), errVersion},
		{"version with more digits", line("GET / HTTP/1.10"), errVersion},
		{"HTTP/1.2", line("GET / HTTP/1.2"), errOtherVersion},
		{"HTTP/2.0", line("GET / HTTP/2.0"), errOtherVersion},
		{"HTTP/0.9", line("GET / HTTP/0.9"), errOtherVersion},
		{"fragment", line("GET /a#b HTTP/1.1"), errTarget},
		{"control in the target", line("GET /a\x01 HTTP/1.1"), errTarget},
		{"NUL in the target", line("GET /a\x00 HTTP/1.1"), errTarget},
		{"DEL in the target", line("GET /a\x7f HTTP/1.1"), errTarget},
		{"not ASCII in the target", line("GET /\xc3\xbc HTTP/1.1"), errTarget},
		{"broken escape", line("GET /%2 HTTP/1.1"), errTarget},
		{"wrong escape", line("GET /%2g HTTP/1.1"), errTarget},
		{"no slash", line("GET a HTTP/1.1"), errTarget},
		{"asterisk", line("GET * HTTP/1.1"), errTarget},
		{"authority form", line("CONNECT a:443 HTTP/1.1"), errTarget},
		{"other scheme", line("GET ftp://a/ HTTP/1.1"), errTarget},
		{"user in the target", line("GET http://u@a/ HTTP/1.1"), errHost},
		{"no host in the target", line("GET http:///x HTTP/1.1"), errHost},
		{"other host in the target", line("GET http://b/ HTTP/1.1"), errOtherHost},
		{"fragment of an absolute form", line("GET http://a/#x HTTP/1.1"), errTarget},
		{"no Host", "GET / HTTP/1.1\r\nX: a\r\n\r\n", errNoHost},
		{"two Hosts", get("Host: a\r\n"), errTwoHosts},
		{"two Hosts in two spellings", get("hOST: b\r\n"), errTwoHosts},
		{"two Hosts, HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", errTwoHosts},
		{"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", errHost},
		{"path in Host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", errHost},
		{"user in Host", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", errHost},
		{"list in Host", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", errHost},
		{"port in letters", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", errHost},
		{"escape in Host", "GET / HTTP/1.1\r\nHost: %41\r\n\r\n", errHost},
		{"bad address in Host", "GET / HTTP/1.1\r\nHost: [::x]\r\n\r\n", errHost},
		{"folded line", get("X: a\r\n b\r\n"), errFieldName},
		{"folded line with a tab", get("X: a\r\n\tb: c\r\n"), errFieldName},
		{"folded first line", "GET / HTTP/1.1\r\n X: a\r\n" + h + "\r\n", errFieldName},
		{"blank before the colon", get("X : a\r\n"), errFieldName},
		{"tab before the colon", get("X\t: a\r\n"), errFieldName},
		{"no colon", get("X\r\n"), errFieldName},
		{"no name", get(": a\r\n"), errFieldName},
		{"NUL in a name", get("X\x00Y: a\r\n"), errFieldName},
		{"not ASCII in a name", get("X\xe9: a\r\n"), errFieldName},
		{"NUL in a value", get("X: a\x00b\r\n"), errFieldValue},
		{"control in a value", get("X: a\x0bb\r\n"), errFieldValue},
		{"control at the end of a value", get("Transfer-Encoding: chunked\x0b\r\n"), errFieldValue},
		{"two lengths", get("Content-Length: 1\r\nContent-Length: 2\r\n"), errTwoLengths},
		{"two equal lengths", get("Content-Length: 1\r\ncontent-length: 1\r\n"), errTwoLengths},
		{"list of lengths", get("Content-Length: 1, 1\r\n"), errLength},
		{"signed length", get("Content-Length: +1\r\n"), errLength},
		{"negative length", get("Content-Length: -1\r\n"), errLength},
		{"hexadecimal length", get("Content-Length: 0x1\r\n"), errLength},
		{"length with a blank", get("Content-Length: 1 1\r\n"), errLength},
		{"empty length", get("Content-Length:\r\n"), errLength},
		{"overflow", get("Content-Length: 18446744073709551617\r\n"), errLength},
		{"length and coding", get("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), errTwoFramings},
		{"coding and length", get("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"), errTwoFramings},
		{"two codings", get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), errTwoCodings},
		{"identity", get("Transfer-Encoding: identity\r\n"), errCoding},
		{"list of codings", get("Transfer-Encoding: gzip, chunked\r\n"), errCoding},
		{"chunked twice", get("Transfer-Encoding: chunked, chunked\r\n"), errCoding},
		{"spelling", get("Transfer-Encoding: Chunked\r\n"), errCoding},
		{"quoted", get("Transfer-Encoding: \"chunked\"\r\n"), errCoding},
		{"xchunked", get("Transfer-Encoding: xchunked\r\n"), errCoding},
		{"empty coding", get("Transfer-Encoding:\r\n"), errCoding},
		{"HTTP/1.0 chunked", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", errOldCoding},
		{"unknown expectation", get("Expect: much\r\n"), errExpectation},
		{"too many fields", get(strings.Repeat("a:\r\n", maxFields)), errFieldCount},
		{"too long", get("X: " + strings.Repeat("a", 1<<16) + "\r\n"), errHeadLength},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := parse(test.input)
			var got *Error
			if !errors.As(err, &got) || got != test.want {
				t.Errorf("%.200q: got error %v, want %v", test.input, err, test.want)
			}
		})
	}
}

// A bare LF must be noticed when it comes, not when the client gives up.
func TestHeadDoesNotWait(t *testing.T) {
	var r Reader
	r.Reset(untouched{t}, []byte("GET / HTTP/1.1\nHost: a\n\n"))
	if _, err := r.Head(1 << 10); err != errBareLF {
		t.Errorf("got error %v, want %v", err, errBareLF)
	}
}

// untouched fails the test if it is read.
type untouched struct{ t *testing.T }

func (r untouched) Read([]byte) (int, error) {
	r.t.Fatal("waits for more")
	return 0, nil
}

func TestHeadInPieces(t *testing.T) {
	const first = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
	const second = "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
	for size := 1; size <= len(first)+1; size++ {
		var r Reader
		r.Reset(&slowReader{rest: first + second, size: size}, nil)
		for _, want := range []string{first, second} {
			if got, err := r.Head(1 << 10); got != want || err != nil {
				t.Fatalf("pieces of %d: got %q, %v, want %q", size, got, err, want)
			}
		}
	}
}

// slowReader gives at most size bytes at once.
type slowReader struct {
	rest string
	size int
}

func (r *slowReader) Read(p []byte) (int, error) {
	n := copy(p[:min(len(p), r.size)], r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
