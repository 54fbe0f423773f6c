package recorded

import (
	cryptorand "crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
)

// freshName returns 8 random hexadecimal digits.
func freshName() string {
	var b [4]byte
	_, _ = cryptorand.Read(b[:]) // never fails, by its documentation
	return hex.EncodeToString(b[:])
}

// NewEcho starts a backend that answers with what it was sent, in the form of
// the public echo service that the recordings were made with (httpbin).
func NewEcho() *httptest.Server { return httptest.NewServer(http.HandlerFunc(echo)) }

func echo(w http.ResponseWriter, r *http.Request) {
	if text, ok := strings.CutPrefix(r.URL.Path, "/status/"); ok {
		if status, err := strconv.Atoi(text); err == nil && status >= 200 && status < 600 {
			w.WriteHeader(status)
			return
		}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	headers := map[string]string{"Host": r.Host}
	if r.ContentLength >= 0 && (r.ContentLength > 0 || r.Method != http.MethodGet) {
		headers["Content-Length"] = strconv.FormatInt(r.ContentLength, 10)
	}
	for name, values := range r.Header {
		headers[name] = strings.Join(values, ",")
	}
	args := map[string]any{}
	for name, values := range r.URL.Query() {
		args[name] = values
		if len(values) == 1 {
			args[name] = values[0]
		}
	}
	document := map[string]any{
		"args": args, "data": string(body), "files": map[string]any{}, "form": map[string]any{},
		"headers": headers, "json": nil, "method": r.Method, "origin": "127.0.0.1",
		"url": "http://" + r.Host + r.URL.RequestURI(),
	}
	if parsed, ok := parseJSON(body); ok {
		document["json"] = parsed
	}
	content, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Access-Control-Allow-Credentials", "true")
	_, _ = w.Write(append(content, '\n')) // the gateway may have gone
}
