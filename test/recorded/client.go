package recorded

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// request is an HTTP request as it goes over the wire.
type request struct {
	method, target string // target: path and query, encoded
	host           string
	headers        map[string]string
	body           []byte
}

// answer is what came back.
type answer struct {
	status  int
	headers http.Header
	body    []byte
}

// answerTime bounds one call.
const answerTime = 30 * time.Second

// send makes the call over a connection of its own. The client of net/http is
// not used because it changes headers on the way, and some cases are about just
// those.
func send(ctx context.Context, address string, r request) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return answer{}, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if _, err := conn.Write(r.bytes()); err != nil {
		return answer{}, err
	}
	reader := bufio.NewReader(conn)
	for {
		resp, err := http.ReadResponse(reader, &http.Request{Method: r.method})
		if err != nil {
			return answer{}, fmt.Errorf("%s %s: %w", r.method, r.target, err)
		}
		if resp.StatusCode < 200 { // 100 Continue
			continue
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			return answer{}, fmt.Errorf("%s %s: %w", r.method, r.target, err)
		}
		return answer{status: resp.StatusCode, headers: resp.Header, body: body}, nil
	}
}

func (r request) bytes() []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s %s HTTP/1.1\r\nHost: %s\r\n", r.method, r.target, r.host)
	chunked := false
	for _, name := range slices.Sorted(maps.Keys(r.headers)) {
		fmt.Fprintf(&out, "%s: %s\r\n", name, r.headers[name])
		chunked = chunked || strings.EqualFold(name, "Transfer-Encoding")
	}
	switch {
	case chunked && len(r.body) > 0:
		fmt.Fprintf(&out, "\r\n%x\r\n%s\r\n0\r\n\r\n", len(r.body), r.body)
	case chunked:
		out.WriteString("\r\n0\r\n\r\n")
	case len(r.body) > 0 || r.method == "POST" || r.method == "PUT" || r.method == "PATCH":
		fmt.Fprintf(&out, "Content-Length: %d\r\n\r\n%s", len(r.body), r.body)
	default:
		out.WriteString("\r\n")
	}
	return out.Bytes()
}

// sign adds the headers of a signed request. The signature is well formed, not
// true: the servers under test know no secret of ours.
func (r *request) sign(region string, now time.Time) {
	now = now.UTC()
	r.headers["X-Amz-Date"] = now.Format("20060102T150405Z")
	r.headers["Authorization"] = fmt.Sprintf(
		"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/%s/%s/apigateway/aws4_request, SignedHeaders=host;x-amz-date, Signature=%s",
		now.Format("20060102"), region, strings.Repeat("0123456789abcdef", 4))
}

// requestOf builds the request of a step.
func (r *run) requestOf(step Step) (request, error) {
	if step.HTTP != nil {
		return r.stageRequest(*step.HTTP)
	}
	wire := *step.Wire
	path, err := r.expand(wire.Path)
	if err != nil {
		return request{}, err
	}
	query, err := r.queryOf(wire.Query)
	if err != nil {
		return request{}, err
	}
	if query != "" {
		path += map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + query
	}
	body := wire.Body
	if wire.BodyFrom != "" {
		body = step.Call.Params[wire.BodyFrom]
	}
	out := request{method: wire.Method, target: path, host: r.target.address()}
	if out.headers, err = r.headersOf(wire.Headers); err != nil {
		return request{}, err
	}
	if out.body, err = r.bodyOf(body); err != nil {
		return request{}, err
	}
	region := r.target.Region
	if step.Call.Region != "" {
		region = step.Call.Region
	}
	out.sign(region, time.Now())
	return out, nil
}

// stageRequest builds the call of a stage, in the form of the run.
func (r *run) stageRequest(call HTTPRequest) (request, error) {
	var parts [4]string
	for i, text := range []string{call.API, call.Stage, call.Path, call.Query} {
		var err error
		if parts[i], err = r.expand(text); err != nil {
			return request{}, err
		}
	}
	api, stage, path, query := parts[0], parts[1], parts[2], parts[3]
	out := request{method: call.Method}
	switch r.form {
	case HostForm:
		out.host = api + ".execute-api." + r.target.Suffix
		out.target = "/" + stage + path
	default:
		out.host = r.target.address()
		out.target = "/restapis/" + api + "/" + stage + "/_user_request_" + path
	}
	if query != "" {
		out.target += "?" + query
	}
	var err error
	if out.headers, err = r.headersOf(call.Headers); err != nil {
		return request{}, err
	}
	out.body, err = r.bodyOf(call.Body)
	return out, err
}

func (r *run) queryOf(query map[string]any) (string, error) {
	values := url.Values{}
	for name, value := range query {
		list, ok := value.([]any)
		if !ok {
			list = []any{value}
		}
		for _, entry := range list {
			text, err := r.expand(plain(entry))
			if err != nil {
				return "", err
			}
			values.Add(name, text)
		}
	}
	return values.Encode(), nil
}

func (r *run) headersOf(headers map[string]any) (map[string]string, error) {
	out := map[string]string{}
	for name, value := range headers {
		text, err := r.expand(plain(value))
		if err != nil {
			return nil, err
		}
		out[name] = text
	}
	return out, nil
}

// bodyOf returns the bytes of a body: text and $base64 as they are, everything
// else as JSON.
func (r *run) bodyOf(body any) ([]byte, error) {
	body, err := r.expandAll(body)
	if err != nil || body == nil {
		return nil, err
	}
	if name, arg, ok := matcherOf(body); ok && name == "$base64" {
		return base64.StdEncoding.DecodeString(plain(arg))
	}
	if text, ok := body.(string); ok {
		return []byte(text), nil
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
