package recorded

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
)

// UID returns the n-th name of a case, 8 hexadecimal digits: those of no other
// case.
func (c Case) UID(n int) string {
	h := fnv.New32a()
	_, _ = fmt.Fprintf(h, "%s/%d", c.Name, n) // never fails, by its documentation
	return fmt.Sprintf("%08x", h.Sum32())
}

// NewEcho starts a backend that answers with what it was sent, in the form of
// the public echo service that the recordings were made with (httpbin).
func NewEcho() *httptest.Server { return httptest.NewServer(http.HandlerFunc(echo)) }

// plainEcho reports whether the backend of a case is a function with a URL,
// which answers with the body that it was sent.
func (c Case) plainEcho() bool {
	return slices.ContainsFunc(c.Needs, func(n Need) bool { return n.Operation == "CreateFunctionUrlConfig" })
}

func plainEcho(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(w, r.Body) // the gateway may have gone
}

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
