package front_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/front"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/gateway/integration/httpx"
)

const (
	benchRequest = "GET /prod/pets/42?verbose=1 HTTP/1.1\r\nHost: api.example\r\nUser-Agent: bench\r\n" +
		"Accept: */*\r\nX-One: 1\r\nX-Two: 2\r\nAuthorization: Bearer abcdefghijklmnopqrstuvwxyz\r\n\r\n"
	benchBody = `{"id":42,"type":"dog","price":249.99}`
)

var benchHeader = exchange.Header{
	{Name: "Content-Type", Value: "application/json"},
	{Name: "x-amzn-RequestId", Value: "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"},
	{Name: "x-amz-apigw-id", Value: "YIwYiFstIAMESqA="},
}

// benchClient sends requests one after the other on one connection per goroutine and
// costs nearly nothing itself, so that the server is what is measured.
func benchClient(b *testing.B, address string) {
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			b.Error(err)
			return
		}
		defer conn.Close()
		in := bufio.NewReader(conn)
		request := []byte(benchRequest)
		for pb.Next() {
			if _, err := conn.Write(request); err != nil {
				b.Error(err)
				return
			}
			if err := skipAnswer(in); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// skipAnswer reads an answer with a Content-Length without allocating.
func skipAnswer(in *bufio.Reader) error {
	length := 0
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) == 2 {
			_, err := in.Discard(length)
			return err
		}
		if len(line) > 16 && (line[0] == 'C' || line[0] == 'c') && line[14] == ':' {
			length, _ = strconv.Atoi(string(line[16 : len(line)-2]))
		}
	}
}

func trivial(_ context.Context, x *exchange.Exchange) {
	x.Response.Status = 200
	x.Response.Header = append(x.Response.Header, benchHeader...)
	x.Response.Body = benchBytes
}

var benchBytes = []byte(benchBody)

// BenchmarkServe compares the front with net/http, doing the same.
func BenchmarkServe(b *testing.B) {
	b.Run("front", func(b *testing.B) {
		_, address := serve(b, front.Config{Handler: exchange.HandlerFunc(trivial)})
		benchClient(b, address)
	})
	b.Run("net-http", func(b *testing.B) {
		benchClient(b, serveNetHTTP(b, func(w http.ResponseWriter, _ *http.Request) {
			for _, field := range benchHeader {
				w.Header().Set(field.Name, field.Value)
			}
			_, _ = w.Write(benchBytes)
		}))
	})
}

func serveNetHTTP(b *testing.B, handler http.HandlerFunc) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: handler, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	b.Cleanup(func() {
		_ = server.Close()
		<-served
	})
	return listener.Addr().String()
}

// BenchmarkProxy sends requests through a front and a client to a backend: the
// skeleton of what the gateway does, for profiles (-cpuprofile). The backend is
// a front as well and is part of what is measured.
func BenchmarkProxy(b *testing.B) {
	_, backend := serve(b, front.Config{Handler: exchange.HandlerFunc(trivial)})
	b.Run("front and httpx", func(b *testing.B) {
		client := httpx.New(httpx.Config{})
		b.Cleanup(client.Close)
		_, address := serve(b, front.Config{Handler: exchange.HandlerFunc(func(ctx context.Context, x *exchange.Exchange) {
			req := integration.Request{Method: x.Request.Method, URL: "http://" + backend + x.Request.Path, Header: x.Request.Header}
			resp, err := client.Invoke(ctx, &req)
			if err != nil {
				b.Error(err)
				return
			}
			x.Response.Status, x.Response.Header, x.Response.Body = resp.Status, resp.Header, resp.Body
		})})
		benchClient(b, address)
	})
	b.Run("net-http", func(b *testing.B) {
		transport := &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true}
		b.Cleanup(transport.CloseIdleConnections)
		benchClient(b, serveNetHTTP(b, func(w http.ResponseWriter, r *http.Request) {
			req, err := http.NewRequestWithContext(r.Context(), r.Method, "http://"+backend+r.URL.Path, nil)
			if err != nil {
				b.Error(err)
				return
			}
			req.Header = r.Header
			resp, err := transport.RoundTrip(req)
			if err != nil {
				b.Error(err)
				return
			}
			defer resp.Body.Close()
			for name, values := range resp.Header {
				w.Header()[name] = values
			}
			w.WriteHeader(resp.StatusCode)
			_, _ = io.Copy(w, resp.Body)
		}))
	})
}

// BenchmarkStream downloads a streamed body.
func BenchmarkStream(b *testing.B) {
	const size = 1 << 20
	text := strings.Repeat("x", size)
	_, address := serve(b, front.Config{Handler: exchange.HandlerFunc(func(_ context.Context, x *exchange.Exchange) {
		x.Response.Status = 200
		x.Response.Stream = io.NopCloser(strings.NewReader(text))
	})})
	client, scheme := newClient(b, false, false)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		resp, err := client.Get(scheme + address)
		if err != nil {
			b.Fatal(err)
		}
		n, err := io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if n != size || err != nil {
			b.Fatalf("got %d bytes, %v", n, err)
		}
	}
}
