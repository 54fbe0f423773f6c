package http1

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/exchange"
)

// The second opinion of the fuzz tests is net/http: what this package takes,
// net/http must take too and read in the same way, down to the byte where the
// next message begins. Where they may differ, on purpose:
//
//   - net/http makes names canonical, and forgets the order between names;
//   - it takes Host, Transfer-Encoding and Trailer out of the header (but not
//     out of a response of HTTP/1.0), and adds "Cache-Control: no-cache" beside
//     a "Pragma: no-cache";
//   - it refuses a Trailer field that announces framing fields, which we do not
//     look at, since we drop all trailers;
//   - it ignores a Content-Length of a response that cannot have a body.
//
// What we refuse and net/http takes (a bare LF, equal lengths twice, ...) is
// not compared: that is what strict means.

// message is what both readers must agree on.
type message struct {
	Method, Target, Host string
	Status               int
	Header               map[string][]string
	Body                 string
	Broken               bool // the body does not end as its framing says
	Rest                 string
}

func headerMap(header exchange.Header) map[string][]string {
	m := map[string][]string{}
	for _, field := range header {
		name := http.CanonicalHeaderKey(field.Name)
		m[name] = append(m[name], field.Value)
	}
	return m
}

// forget removes what the readers treat differently on purpose.
func forget(m map[string][]string) map[string][]string {
	if strings.Contains(strings.Join(m["Pragma"], " "), "no-cache") {
		delete(m, "Cache-Control")
	}
	for _, name := range []string{"Host", "Transfer-Encoding", "Trailer"} {
		delete(m, name)
	}
	return m
}

// bodyOf reads what a length announces.
func bodyOf(r *Reader, length int64) (string, bool) {
	var body []byte
	var err error
	switch length {
	case Chunked:
		var c ChunkedReader
		c.Reset(r)
		body, err = io.ReadAll(&c)
	case UntilEOF:
		body, err = io.ReadAll(r)
	default:
		body, err = io.ReadAll(io.LimitReader(r, length))
		if err == nil && int64(len(body)) < length {
			err = io.ErrUnexpectedEOF
		}
	}
	return string(body), err != nil
}

func badTrailer(header exchange.Header) bool {
	for value := range header.Values("Trailer", false) {
		for name := range strings.SplitSeq(value, ",") {
			switch http.CanonicalHeaderKey(strings.TrimSpace(name)) {
			case "Transfer-Encoding", "Trailer", "Content-Length":
				return true
			}
		}
	}
	return false
}

// compare checks one message against the other opinion. A broken body may be
// noticed at different bytes, and nothing after it is read by anybody.
func compare(t *testing.T, input string, ours, theirs message) {
	t.Helper()
	if ours.Broken {
		ours.Body, theirs.Body, ours.Rest, theirs.Rest = "", "", "", ""
		theirs.Broken = true // they may take what we refuse
	}
	if diff := cmp.Diff(theirs, ours); diff != "" {
		t.Errorf("%q (-net/http +http1):\n%s", input, diff)
	}
}

func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		"GET /a%2Fb?c HTTP/1.1\r\nHost: a:1\r\nX: y\r\nx: z\r\n\r\nGET",
		"POST / HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 3\r\n\r\nabcdef",
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: u\r\n\r\nnext",
		"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET http://a/b HTTP/1.0\r\nConnection: keep-alive\r\nPragma: no-cache\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
		"GET / HTTP/1.1\nHost: a\n\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input string) {
		var r Reader
		r.Reset(strings.NewReader(input), nil)
		head, err := r.Head(1 << 16)
		if err != nil {
			return
		}
		var q Request
		if q.Parse(head) != nil || badTrailer(q.Header) {
			return
		}
		target, _, _ := strings.Cut(strings.SplitN(head, " ", 2)[1], " ")
		ours := message{Method: q.Method, Target: target, Host: q.Host, Header: forget(headerMap(q.Header))}
		ours.Body, ours.Broken = bodyOf(&r, q.Length)
		rest, _ := io.ReadAll(&r)
		ours.Rest = string(rest)

		br := bufio.NewReaderSize(strings.NewReader(input), 1<<17)
		req, err := http.ReadRequest(br)
		if err != nil {
			t.Fatalf("%q: taken, but net/http says %v", input, err)
		}
		theirs := message{Method: req.Method, Target: req.RequestURI, Host: req.Host, Header: forget(req.Header)}
		body, err := io.ReadAll(req.Body)
		theirs.Body, theirs.Broken = string(body), err != nil
		rest, _ = io.ReadAll(br)
		theirs.Rest = string(rest)
		compare(t, input, ours, theirs)
	})
}

func FuzzResponse(f *testing.F) {
	for _, seed := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-y: z\r\n\r\nabcHTTP/1.1",
		"HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nnext",
		"HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nnext",
		"HTTP/1.0 500 \r\nConnection: keep-alive\r\n\r\nto the end",
		"HTTP/1.1 200 OK\nContent-Length: 3\n\nabc",
	} {
		f.Add(seed, false)
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, input string, isHead bool) {
		method := "GET"
		if isHead {
			method = "HEAD"
		}
		var r Reader
		r.Reset(strings.NewReader(input), nil)
		head, err := r.Head(1 << 16)
		if err != nil {
			return
		}
		var p Response
		if p.Parse(head, method) != nil || p.Status < 200 || badTrailer(p.Header) {
			return
		}
		ours := message{Status: p.Status, Header: forget(headerMap(p.Header))}
		ours.Body, ours.Broken = bodyOf(&r, p.Length)
		rest, _ := io.ReadAll(&r)
		ours.Rest = string(rest)

		br := bufio.NewReaderSize(bytes.NewReader([]byte(input)), 1<<17)
		resp, err := http.ReadResponse(br, &http.Request{Method: method})
		if err != nil {
			t.Fatalf("%q: taken, but net/http says %v", input, err)
		}
		theirs := message{Status: resp.StatusCode, Header: forget(resp.Header)}
		body, err := io.ReadAll(resp.Body)
		theirs.Body, theirs.Broken = string(body), err != nil
		rest, _ = io.ReadAll(br)
		theirs.Rest = string(rest)
		compare(t, input, ours, theirs)
	})
}
