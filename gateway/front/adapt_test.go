package front_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/front"
)

func TestAdaptRequest(t *testing.T) {
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "value")
	x := &exchange.Exchange{Request: exchange.Request{
		Method: "PATCH", Path: "/restapis/a%2Fb//c", RawQuery: "mode=overwrite&x=%zz", Host: "api.example:81",
		Header: exchange.Header{
			{Name: "host", Value: "api.example:81"}, {Name: "x-amz-date", Value: "1"}, {Name: "X-AMZ-Date", Value: "2"},
			{Name: "transfer-encoding", Value: "chunked"},
		},
		Body: strings.NewReader("abc"), ContentLength: -1,
		Remote: netip.MustParseAddrPort("192.0.2.1:1234"), TLS: &tls.ConnectionState{ServerName: "s"},
	}}
	front.Adapt(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if string(body) != "abc" || err != nil {
			t.Errorf("got body %q, %v, want abc", body, err)
		}
		got := fmt.Sprintln(r.Method, r.URL.Path, r.URL.EscapedPath(), r.URL.RawQuery, r.RequestURI, r.Host, r.Proto, r.ProtoMajor,
			r.ContentLength, r.TransferEncoding, r.RemoteAddr, r.TLS.ServerName, r.Context().Value(key{}))
		want := fmt.Sprintln("PATCH", "/restapis/a/b//c", "/restapis/a%2Fb//c", "mode=overwrite&x=%zz", "/restapis/a%2Fb//c?mode=overwrite&x=%zz",
			"api.example:81", "HTTP/1.1", 1, -1, "[chunked]", "192.0.2.1:1234", "s", "value")
		if got != want {
			t.Errorf("got  %swant %s", got, want)
		}
		if diff := cmp.Diff(http.Header{"X-Amz-Date": {"1", "2"}}, r.Header); diff != "" {
			t.Errorf("header (-want +got):\n%s", diff)
		}
	})).Serve(ctx, x)
}

func TestAdaptResponse(t *testing.T) {
	for _, test := range []struct {
		name    string
		handler http.HandlerFunc
		want    exchange.Response
	}{
		{"nothing", func(http.ResponseWriter, *http.Request) {}, exchange.Response{Status: 200}},
		{"spelling and order", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["x-amzn-RequestId"] = []string{"1"}
			w.Header()["X-B"] = []string{"2", "3"}
			w.Header()["Content-Type"] = []string{"application/json"}
			w.WriteHeader(201)
			w.WriteHeader(500)
			w.Header().Set("Too-Late", "x")
			_, _ = io.WriteString(w, "{")
			_, _ = io.WriteString(w, "}")
		}, exchange.Response{Status: 201, Body: []byte("{}"), Header: exchange.Header{
			{Name: "Content-Type", Value: "application/json"}, {Name: "X-B", Value: "2"}, {Name: "X-B", Value: "3"}, {Name: "x-amzn-RequestId", Value: "1"},
		}}},
		{"content type guessed", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
			exchange.Response{Status: 200, Body: []byte("<html>"), Header: exchange.Header{{Name: "Content-Type", Value: "text/html; charset=utf-8"}}}},
		{"content type refused", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = nil
			_, _ = io.WriteString(w, "<html>")
		}, exchange.Response{Status: 200, Body: []byte("<html>")}},
		{"interim", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(103)
			w.WriteHeader(202)
		}, exchange.Response{Status: 202}},
		{"no body allowed", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(204)
			if _, err := io.WriteString(w, "x"); err != http.ErrBodyNotAllowed {
				t.Errorf("got error %v, want ErrBodyNotAllowed", err)
			}
		}, exchange.Response{Status: 204}},
		{"close", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") },
			exchange.Response{Status: 200, Close: true, Header: exchange.Header{{Name: "Connection", Value: "close"}}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			x := &exchange.Exchange{Request: exchange.Request{Method: "GET", Path: "/", Body: http.NoBody}}
			front.Adapt(test.handler).Serve(t.Context(), x)
			if diff := cmp.Diff(test.want, x.Response); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The spelling must reach the client.
func TestAdaptOverTheWire(t *testing.T) {
	_, address := serve(t, front.Config{Handler: front.Adapt(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["x-amzn-RequestId"] = []string{"1"}
		_, _ = io.Copy(w, r.Body)
	}))})
	got := exchangeText(t, address, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
	if !strings.Contains(got, "\r\nx-amzn-RequestId: 1\r\n") || !strings.HasSuffix(got, "\r\n\r\n{}") {
		t.Errorf("got %q, want the handler's spelling and the body", got)
	}
}
