package http1

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/exchange"
)

func parseResponse(input, method string) (*Response, error) {
	var r Reader
	r.Reset(strings.NewReader(input), nil)
	head, err := r.Head(1 << 16)
	if err != nil {
		return nil, err
	}
	p := new(Response)
	return p, p.Parse(head, method)
}

func TestResponse(t *testing.T) {
	length := exchange.Header{{Name: "content-length", Value: "3"}}
	for _, test := range []struct {
		name, input, method string
		want                Response
	}{
		{"length", "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n", "GET", Response{Status: 200, Minor: 1, Header: length, Length: 3, Persist: true}},
		{"no reason", "HTTP/1.1 299\r\ncontent-length: 3\r\n\r\n", "GET", Response{Status: 299, Minor: 1, Header: length, Length: 3, Persist: true}},
		{"HEAD", "HTTP/1.1 200 \r\ncontent-length: 3\r\n\r\n", "HEAD", Response{Status: 200, Minor: 1, Header: length, Persist: true}},
		{"304", "HTTP/1.1 304 Not Modified\r\ncontent-length: 3\r\n\r\n", "GET", Response{Status: 304, Minor: 1, Header: length, Persist: true}},
		{"204", "HTTP/1.1 204 No Content\r\n\r\n", "GET", Response{Status: 204, Minor: 1, Persist: true}},
		{"interim", "HTTP/1.1 100 Continue\r\n\r\n", "POST", Response{Status: 100, Minor: 1, Persist: true}},
		{"to the end", "HTTP/1.1 200 OK\r\n\r\n", "GET", Response{Status: 200, Minor: 1, Length: UntilEOF}},
		{"old", "HTTP/1.0 200 OK\r\ncontent-length: 3\r\n\r\n", "GET", Response{Status: 200, Header: length, Length: 3}},
		{"chunked in any spelling", "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n", "GET",
			Response{Status: 200, Minor: 1, Header: exchange.Header{{Name: "transfer-encoding", Value: "Chunked"}}, Length: Chunked, Persist: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := parseResponse(test.input, test.method)
			if err != nil {
				t.Fatalf("%q: %v", test.input, err)
			}
			if diff := cmp.Diff(&test.want, got); diff != "" {
				t.Errorf("%q (-want +got):\n%s", test.input, diff)
			}
		})
	}
}

func TestResponseRefused(t *testing.T) {
	ok := func(fields string) string { return "HTTP/1.1 200 OK\r\n" + fields + "\r\n" }
	for _, test := range []struct {
		name, input string
		want        *Error
	}{
		{"not HTTP", "SSH-2.0-x\r\n\r\n", errStatusLine},
		{"HTTP/2.0", "HTTP/2.0 200 OK\r\n\r\n", errOtherVersion},
		{"no status", "HTTP/1.1\r\n\r\n", errStatusLine},
		{"short status", "HTTP/1.1 20 OK\r\n\r\n", errStatusLine},
		{"long status", "HTTP/1.1 2000 OK\r\n\r\n", errStatusLine},
		{"signed status", "HTTP/1.1 +20 OK\r\n\r\n", errStatusLine},
		{"status 099", "HTTP/1.1 099 OK\r\n\r\n", errStatusLine},
		{"control in the reason", "HTTP/1.1 200 O\x01\r\n\r\n", errStatusLine},
		{"LF alone", "HTTP/1.1 200 OK\n\n", errBareLF},
		{"folded line", ok("X: a\r\n b\r\n"), errFieldName},
		{"blank before the colon", ok("X : a\r\n"), errFieldName},
		{"NUL", ok("X: \x00\r\n"), errFieldValue},
		{"two lengths", ok("Content-Length: 1\r\nContent-Length: 1\r\n"), errTwoLengths},
		{"length and coding", ok("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), errTwoFramings},
		{"other coding", ok("Transfer-Encoding: gzip, chunked\r\n"), errCoding},
		{"HTTP/1.0 chunked", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", errOldCoding},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := parseResponse(test.input, "GET")
			var got *Error
			if !errors.As(err, &got) || got != test.want {
				t.Errorf("%q: got error %v, want %v", test.input, err, test.want)
			}
		})
	}
}
