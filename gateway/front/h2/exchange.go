package h2

import (
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/http1"
)

const (
	// streamPiece is the most that is read from a stream, and the most that is
	// written under one deadline.
	streamPiece = 32 << 10
	// rearm is how long a deadline of a body may stand before it is set anew:
	// each setting is a message to the loop of the connection.
	rearm = time.Second
)

// ServeHTTP implements http.Handler.
func (e *Engine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	control := http.NewResponseController(w)
	x, ok := e.newExchange(control, r)
	if ok {
		e.config.Handler.Serve(r.Context(), x)
	} else {
		x.Response = exchange.Response{
			Status: 400,
			Header: exchange.Header{{Name: "Content-Type", Value: "text/plain"}},
			Body:   []byte("malformed request\n"),
		}
	}
	e.write(w, control, r, &x.Response)
}

// newExchange is not ok where HTTP/1.1 would be refused as well: the two fronts
// take the same targets, hosts and fields.
func (e *Engine) newExchange(control *http.ResponseController, r *http.Request) (*exchange.Exchange, bool) {
	path, query, ok := http1.SplitTarget(r.RequestURI)
	header, fieldsOK := newHeader(r)
	remote, _ := r.Context().Value(remoteKey{}).(netip.AddrPort)
	x := &exchange.Exchange{Request: exchange.Request{
		Method:        r.Method,
		Path:          path,
		RawQuery:      query,
		Host:          r.Host,
		Header:        header,
		HTTP2:         true,
		Body:          r.Body,
		ContentLength: r.ContentLength,
		Remote:        remote,
		TLS:           r.TLS,
		Received:      e.config.Clock.Now(),
	}}
	if r.ContentLength != 0 {
		x.Request.Body = &body{Reader: r.Body, engine: e, control: control}
	}
	return x, ok && fieldsOK && http1.ValidToken(r.Method) && http1.ValidHost(r.Host)
}

// newHeader returns the fields, Host first and the others by name.
func newHeader(r *http.Request) (exchange.Header, bool) {
	names := make([]string, 0, len(r.Header))
	for name := range r.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	header := make(exchange.Header, 0, len(names)+1)
	header.Add("host", r.Host)
	for _, name := range names {
		if name == "Host" { // beside :authority, which must say the same
			if values := r.Header[name]; len(values) != 1 || !strings.EqualFold(values[0], r.Host) {
				return nil, false
			}
			continue
		}
		lower := strings.ToLower(name)
		for _, value := range r.Header[name] {
			if !http1.ValidToken(lower) || !http1.ValidValue(value) {
				return nil, false
			}
			header.Add(lower, value)
		}
	}
	return header, true
}

// body sets a deadline for the reads of a request body.
type body struct {
	io.Reader
	engine  *Engine
	control *http.ResponseController
	set     time.Time // when the deadline was set last
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	if now := b.engine.config.Clock.Now(); b.set.IsZero() || now.Sub(b.set) > rearm {
		b.set = now
		if err := b.control.SetReadDeadline(now.Add(b.engine.config.BodyTimeout + rearm)); err != nil {
			return 0, err
		}
	}
	return b.Reader.Read(p)
}

// write sends the answer. net/http looks for some fields under their canonical
// names, and writes all in lower case.
func (e *Engine) write(w http.ResponseWriter, control *http.ResponseController, r *http.Request, resp *exchange.Response) {
	if resp.Stream != nil {
		defer resp.Stream.Close()
	}
	header := w.Header()
	for _, field := range resp.Header {
		if name := http.CanonicalHeaderKey(field.Name); !dropped[name] {
			header[name] = append(header[name], field.Value)
		}
	}
	if _, ok := header["Content-Type"]; !ok {
		header["Content-Type"] = nil // or net/http would guess one
	}
	header.Set("Date", e.config.Clock.Now().UTC().Format(http.TimeFormat))
	if resp.Close {
		header.Set("Connection", "close") // net/http sends GOAWAY for it
	}
	empty := resp.Status == 204 || resp.Status == 304
	if !empty && resp.Stream == nil {
		header.Set("Content-Length", strconv.Itoa(len(resp.Body)))
	}
	w.WriteHeader(resp.Status)
	if empty || r.Method == http.MethodHead {
		return
	}
	for rest := resp.Body; len(rest) > 0; {
		n := min(len(rest), streamPiece)
		if !e.writePiece(w, control, rest[:n]) {
			return // the client is gone
		}
		rest = rest[n:]
	}
	if resp.Stream != nil {
		e.writeStream(w, control, resp.Stream)
	}
}

// dropped are the fields that the engine writes itself, and those that HTTP/2
// forbids because they speak of a connection (RFC 9113, 8.2.2).
var dropped = map[string]bool{
	"Date": true, "Content-Length": true, "Connection": true, "Transfer-Encoding": true,
	"Keep-Alive": true, "Proxy-Connection": true, "Upgrade": true,
}

func (e *Engine) writePiece(w io.Writer, control *http.ResponseController, piece []byte) bool {
	if control.SetWriteDeadline(e.config.Clock.Now().Add(e.config.WriteTimeout)) != nil {
		return false
	}
	_, err := w.Write(piece)
	return err == nil
}

// writeStream sends each piece as soon as the stream gives it. If the stream
// fails, the client gets a reset instead of the end of the body.
func (e *Engine) writeStream(w io.Writer, control *http.ResponseController, stream io.Reader) {
	buffer := make([]byte, streamPiece)
	for {
		if control.Flush() != nil {
			return
		}
		n, err := stream.Read(buffer)
		if n > 0 && !e.writePiece(w, control, buffer[:n]) {
			return
		}
		if err == io.EOF {
			return
		}
		if err != nil {
			panic(http.ErrAbortHandler) // the only way to tell net/http; it is not logged
		}
	}
}
