package httpx_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/gateway/integration/httpx"
)

// benchBackend answers each write of a small request at once, without parsing.
func benchBackend(b *testing.B) *backend {
	const text = "HTTP/1.1 200 OK\r\nDate: Sat, 02 Jan 2100 03:04:05 GMT\r\nContent-Type: application/json\r\n" +
		"Content-Length: 37\r\nConnection: keep-alive\r\n\r\n" + `{"id":42,"type":"dog","price":249.99}`
	answer := []byte(text)
	return serve(b, func(s *session) {
		buffer := make([]byte, 4<<10)
		for {
			if _, err := s.Conn.Read(buffer); err != nil {
				return
			}
			if _, err := s.Conn.Write(answer); err != nil {
				return
			}
		}
	})
}

// BenchmarkInvoke compares the client with http.Transport, doing the same.
func BenchmarkInvoke(b *testing.B) {
	b.Run("httpx", func(b *testing.B) {
		req := benchBackend(b).request("GET", "")
		req.Header = exchange.Header{{Name: "Accept", Value: "application/json"}, {Name: "User-Agent", Value: "bench"}}
		client := newClient(b, httpx.Config{})
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				invoke(b, client, req)
			}
		})
	})
	b.Run("net-http", func(b *testing.B) {
		url := "http://" + benchBackend(b).address + "/p"
		transport := &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true}
		b.Cleanup(transport.CloseIdleConnections)
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				req, err := http.NewRequestWithContext(b.Context(), "GET", url, nil)
				if err != nil {
					b.Error(err)
					return
				}
				req.Header["Accept"], req.Header["User-Agent"] = []string{"application/json"}, []string{"bench"}
				resp, err := transport.RoundTrip(req)
				if err != nil {
					b.Error(err)
					return
				}
				if _, err := io.ReadAll(resp.Body); err != nil {
					b.Error(err)
				}
				_ = resp.Body.Close()
			}
		})
	})
}

func invoke(b *testing.B, client *httpx.Client, req *integration.Request) {
	if _, err := client.Invoke(b.Context(), req); err != nil {
		b.Error(err)
	}
}
