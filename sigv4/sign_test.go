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
