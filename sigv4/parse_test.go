package sigv4

import (
	"errors"
	"testing"
)

const good = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/apigateway/aws4_request, SignedHeaders=host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"

func TestParse(t *testing.T) {
	c, err := Parse(good)
	if err != nil {
		t.Fatal(err)
	}
	if c.AccessKey != "AKIDEXAMPLE" || c.Date != "20150830" || c.Region != "us-east-1" || c.Service != "apigateway" || len(c.SignedHeaders) != 2 {
		t.Errorf("Parse(%q) = %+v", good, c)
	}
	for name, tt := range map[string]struct {
		header string
		want   error
	}{
		"basic":           {"Basic dXNlcjpwYXNz", ErrNotSigV4},
		"empty":           {"", ErrNotSigV4},
		"glued":           {"AWS4-HMAC-SHA256Credential=a/20150830/r/s/aws4_request", ErrNotSigV4},
		"no parameters":   {"AWS4-HMAC-SHA256 x", ErrParts},
		"no signature":    {"AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request, SignedHeaders=host", ErrParts},
		"short scope":     {"AWS4-HMAC-SHA256 Credential=a/20150830/r/aws4_request, SignedHeaders=host, Signature=00", ErrScope},
		"no key":          {"AWS4-HMAC-SHA256 Credential=/20150830/r/s/aws4_request, SignedHeaders=host, Signature=00", ErrScope},
		"bad date":        {"AWS4-HMAC-SHA256 Credential=a/2015/r/s/aws4_request, SignedHeaders=host, Signature=00", ErrScope},
		"not hexadecimal": {"AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request, SignedHeaders=host, Signature=xyz", ErrSignature},
	} {
		if _, err := Parse(tt.header); !errors.Is(err, tt.want) {
			t.Errorf("%s: Parse(%q) gives %v, want %v", name, tt.header, err, tt.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(good)
	f.Add("AWS4-HMAC-SHA256 Credential=a/b/c/20150830/r/s/aws4_request,SignedHeaders=h,Signature=0")
	f.Fuzz(func(t *testing.T, header string) {
		c, err := Parse(header)
		if err == nil && (c.AccessKey == "" || c.Region == "" || c.Service == "" || c.Signature == "") {
			t.Errorf("Parse(%q) = %+v without an error", header, c)
		}
	})
}
