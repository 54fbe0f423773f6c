package sigv4

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

const (
	vectorSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	vectorCases  = 45 // of testdata/vectors.txt
)

var vectorTime = time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)

// vector is one case of testdata/vectors.txt.
type vector struct {
	name       string
	normalized bool
	request    *Request
	body       string
}

// vectors reads the cases.
func vectors(t testing.TB) []vector {
	t.Helper()
	data, err := os.ReadFile("testdata/vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []vector
	for _, text := range strings.Split(string(data), "\n### ")[1:] {
		head, body, _ := strings.Cut(text, "\n\n")
		lines := strings.Split(strings.TrimRight(head, "\n"), "\n")
		v := vector{body: strings.TrimRight(body, "\n"), request: &Request{Header: http.Header{}}}
		v.name, v.normalized = strings.CutSuffix(lines[0], " normalized")
		method, target, _ := strings.Cut(lines[1], " ")
		v.request.Method = method
		v.request.Path, v.request.RawQuery, _ = strings.Cut(target, "?")
		last := ""
		for _, line := range lines[2:] {
			name, value, ok := strings.Cut(line, ":")
			if !ok {
				name, value = last, line
			}
			if last = name; name == "Host" {
				v.request.Host = value
				continue
			}
			v.request.Header.Add(name, strings.Trim(value, " "))
		}
		v.request.ContentLength = int64(len(v.body))
		out = append(out, v)
	}
	if len(out) != vectorCases {
		t.Fatalf("%d cases, want %d", len(out), vectorCases)
	}
	return out
}

// verify runs all checks, as a server does. The session token of the access
// key is the given one.
func verify(v Verifier, r *Request, body []byte, secret, token string, now time.Time) error {
	c, err := Read(r)
	if err != nil {
		return err
	}
	if c.AccessKey != "AKIDEXAMPLE" {
		return ErrUnrecognized
	}
	if err := CheckToken(&c, token); err != nil {
		return err
	}
	if err := v.CheckScope(r, &c, now); err != nil {
		return err
	}
	return v.CheckSignature(r, &c, secret, body)
}

func (v vector) verifier() Verifier {
	return Verifier{Service: "service", NormalizePath: v.normalized}
}

func (v vector) token() string { return v.request.Header.Get("X-Amz-Security-Token") }

// TestVectors: each published signature is right, and for this path, secret,
// time and token only.
func TestVectors(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.name, func(t *testing.T) {
			if err := verify(v.verifier(), v.request, []byte(v.body), vectorSecret, v.token(), vectorTime); err != nil {
				t.Fatalf("refused: %v\n%+v", err, v.request)
			}
			strict := Verifier{Service: "service"}
			if err := verify(strict, v.request, []byte(v.body), vectorSecret, v.token(), vectorTime); (err != nil) != v.normalized {
				t.Errorf("with the path as it was sent: %v", err)
			}
			for name, err := range map[string]error{
				"other secret":  verify(v.verifier(), v.request, []byte(v.body), vectorSecret+"x", v.token(), vectorTime),
				"other token":   verify(v.verifier(), v.request, []byte(v.body), vectorSecret, v.token()+"x", vectorTime),
				"too early":     verify(v.verifier(), v.request, []byte(v.body), vectorSecret, v.token(), vectorTime.Add(-DefaultSkew-time.Second)),
				"too late":      verify(v.verifier(), v.request, []byte(v.body), vectorSecret, v.token(), vectorTime.Add(time.Hour+time.Second)),
				"other service": verify(Verifier{Service: "apigateway"}, v.request, []byte(v.body), vectorSecret, v.token(), vectorTime),
			} {
				if err == nil {
					t.Errorf("%s: accepted", name)
				}
			}
		})
	}
}

// mutants returns copies of a text, each with one byte changed, in several ways.
func mutants(text string) []string {
	var out []string
	for i := range len(text) {
		for _, mask := range []byte{0x01, 0x20} {
			changed := []byte(text)
			changed[i] ^= mask
			out = append(out, string(changed))
		}
	}
	return out
}

func (r *Request) clone() *Request {
	out := *r
	out.Header = r.Header.Clone()
	return &out
}

// mutations returns a name and a request for each change of one byte of a case.
// Left out is what means the same: %2f for %2F, and more where paths are
// normalized.
func (v vector) mutations(yield func(name string, r *Request, body string) bool) {
	r := v.request
	for _, m := range mutants(r.Method) {
		q := r.clone()
		q.Method = m
		if !yield("method "+m, q, v.body) {
			return
		}
	}
	for _, m := range mutants(r.Path) {
		q := r.clone()
		q.Path = m
		if v.normalized && normalizePath(m) == normalizePath(r.Path) {
			continue
		}
		if !yield("path "+m, q, v.body) {
			return
		}
	}
	want, _ := url.ParseQuery(r.RawQuery)
	for _, m := range mutants(r.RawQuery) {
		if got, err := url.ParseQuery(m); err == nil && reflect.DeepEqual(got, want) {
			continue
		}
		q := r.clone()
		q.RawQuery = m
		if !yield("query "+m, q, v.body) {
			return
		}
	}
	for _, m := range mutants(r.Host) {
		q := r.clone()
		q.Host = m
		if !yield("host "+m, q, v.body) {
			return
		}
	}
	for _, m := range mutants(v.body) {
		if !yield("body "+m, r.clone(), m) {
			return
		}
	}
	for name, values := range r.Header {
		for i, value := range values {
			for _, m := range mutants(value) {
				q := r.clone()
				q.Header[name][i] = m
				if !yield(fmt.Sprintf("%s %q", name, m), q, v.body) {
					return
				}
			}
		}
	}
}

// TestMutations: a request with any one byte changed is refused, whichever
// check finds it.
func TestMutations(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.name, func(t *testing.T) {
			count := 0
			for name, r := range v.collect() {
				count++
				err := verify(v.verifier(), r.request, []byte(r.body), vectorSecret, v.token(), vectorTime)
				if err == nil {
					t.Errorf("accepted: %s", name)
				}
				if e := (*Error)(nil); err != nil && !errors.As(err, &e) {
					t.Errorf("%s: %v is no *Error", name, err)
				}
			}
			if count < 400 {
				t.Errorf("%d mutations only", count)
			}
		})
	}
}

func (v vector) collect() map[string]vector {
	out := map[string]vector{}
	v.mutations(func(name string, r *Request, body string) bool {
		out[name] = vector{request: r, body: body}
		return true
	})
	return out
}

// TestReference: requests that the signer of the official SDK signs are right,
// in both forms.
func TestReference(t *testing.T) {
	for name, tt := range map[string]struct {
		method, url, body, token string
		header                   map[string][]string
	}{
		"plain":         {"GET", "http://127.0.0.1:4566/restapis", "", "", nil},
		"body":          {"POST", "http://127.0.0.1:4566/restapis", `{"name":"x"}`, "", map[string][]string{"Content-Type": {"application/json"}}},
		"query":         {"GET", "http://example.com/restapis?limit=2&position=a%2Fb&limit=1&empty=&plus=a+b&blank=a%20b", "", "", nil},
		"bare keys":     {"GET", "http://example.com/restapis?mode=import&failonwarnings", "", "", nil},
		"encoded path":  {"GET", "http://example.com/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2Fx", "", "", nil},
		"plain colons":  {"GET", "http://example.com/tags/arn:aws:apigateway:us-east-1::/restapis/x", "", "", nil},
		"parentheses":   {"GET", "http://example.com/domainnames/a/basepathmappings/%28none%29", "", "", nil},
		"session token": {"DELETE", "http://example.com/restapis/x", "", "token/with+signs=", nil},
		"odd headers":   {"GET", "http://example.com/", "", "", map[string][]string{"X-One": {"  a  b ", "c"}, "X-Two": {""}}},
	} {
		t.Run(name, func(t *testing.T) {
			request := func() *http.Request {
				r, err := http.NewRequestWithContext(t.Context(), tt.method, tt.url, strings.NewReader(tt.body))
				if err != nil {
					t.Fatal(err)
				}
				for name, values := range tt.header {
					r.Header[name] = slices.Clone(values)
				}
				return r
			}
			keys := aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: vectorSecret, SessionToken: tt.token}
			v := Verifier{Service: "apigateway"}
			r := request()
			if err := v4.NewSigner().SignHTTP(t.Context(), keys, r, hash([]byte(tt.body)), "apigateway", "us-east-1", vectorTime); err != nil {
				t.Fatal(err)
			}
			if err := verify(v, FromHTTP(r), []byte(tt.body), vectorSecret, tt.token, vectorTime); err != nil {
				t.Errorf("header form: %v\n%v", err, r.Header)
			}
			r = request()
			query := r.URL.Query()
			query.Set("X-Amz-Expires", strconv.Itoa(600))
			r.URL.RawQuery = query.Encode()
			uri, signed, err := v4.NewSigner().PresignHTTP(t.Context(), keys, r, hash([]byte(tt.body)), "apigateway", "us-east-1", vectorTime)
			if err != nil {
				t.Fatal(err)
			}
			presigned, err := http.NewRequestWithContext(t.Context(), tt.method, uri, bytes.NewReader([]byte(tt.body)))
			if err != nil {
				t.Fatal(err)
			}
			for name, values := range signed {
				presigned.Header[name] = values
			}
			if err := verify(v, FromHTTP(presigned), []byte(tt.body), vectorSecret, tt.token, vectorTime.Add(10*time.Minute)); err != nil {
				t.Errorf("presigned form: %v\n%s", err, uri)
			}
		})
	}
}
