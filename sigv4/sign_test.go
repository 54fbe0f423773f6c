package sigv4

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// The signer of the official SDK is the reference.
func TestSign(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, tt := range map[string]struct {
		method, url, body, token string
	}{
		"plain":         {"GET", "http://127.0.0.1:4566/restapis", "", ""},
		"body":          {"POST", "http://127.0.0.1:4566/restapis", `{"name":"x"}`, ""},
		"query":         {"GET", "http://example.com/restapis?limit=2&position=a%2Fb&limit=1&empty=", "", ""},
		"encoded path":  {"GET", "http://example.com/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2Fx", "", ""},
		"session token": {"DELETE", "http://example.com/restapis/x", "", "token/with+signs="},
	} {
		t.Run(name, func(t *testing.T) {
			request := func() *http.Request {
				r, err := http.NewRequest(tt.method, tt.url, bytes.NewReader([]byte(tt.body)))
				if err != nil {
					t.Fatal(err)
				}
				r.ContentLength = -1 // the reference signs it where it is known
				return r
			}
			got, want := request(), request()
			Sign(got, []byte(tt.body), Keys{"AKID", "secret", tt.token}, "apigateway", "us-east-1", now)
			err := v4.NewSigner().SignHTTP(t.Context(),
				aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "secret", SessionToken: tt.token},
				want, hash([]byte(tt.body)), "apigateway", "us-east-1", now)
			if err != nil {
				t.Fatal(err)
			}
			if g, w := got.Header.Get("Authorization"), want.Header.Get("Authorization"); g != w {
				t.Errorf("%s %s\n got %s\nwant %s", tt.method, tt.url, g, w)
			}
		})
	}
}

// S3 signs the path encoded once, and all headers of its own.
func TestAuthorizeS3(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, path := range []string{"/bucket/key", "/bucket/a%20b/c%2Bd", "/bucket//x", ""} {
		want, err := http.NewRequest("PUT", "https://s3.us-east-1.amazonaws.com"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		payload := Hash([]byte("body"))
		want.Header.Set("X-Amz-Content-Sha256", payload)
		want.Header.Set("Content-Type", "text/plain")
		err = v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }).SignHTTP(t.Context(),
			aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "secret"}, want, payload, "s3", "us-east-1", now)
		if err != nil {
			t.Fatal(err)
		}
		got := Request{Method: "PUT", Path: path, Host: "s3.us-east-1.amazonaws.com", PathOnce: true, Header: http.Header{
			"X-Amz-Date": {Stamp(now)}, "X-Amz-Content-Sha256": {payload}, "Content-Type": {"text/plain"},
		}}
		names := []string{"content-type", "host", "x-amz-content-sha256", "x-amz-date"}
		if g, w := got.Authorize(names, payload, Keys{"AKID", "secret", ""}, "s3", "us-east-1", now), want.Header.Get("Authorization"); g != w {
			t.Errorf("%q\n got %s\nwant %s", path, g, w)
		}
	}
	// What may be sent in more than one spelling is signed in one.
	raw, escaped := Request{Path: "/b/a+b:c", PathOnce: true}, Request{Path: "/b/a%2Bb%3ac", PathOnce: true}
	if r, e := raw.Authorize(nil, "", Keys{}, "s3", "r", now), escaped.Authorize(nil, "", Keys{}, "s3", "r", now); r != e {
		t.Errorf("two signatures for one path: %s, %s", r, e)
	}
}
