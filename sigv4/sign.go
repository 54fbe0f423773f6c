package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Keys are what a request is signed with.
type Keys struct {
	AccessKey    string
	Secret       string
	SessionToken string // empty for keys that last
}

// Sign puts X-Amz-Date and Authorization into the header of a request with the
// given body, for a service and region, as of now. It signs the host, the date
// and the session token.
func Sign(r *http.Request, body []byte, k Keys, service, region string, now time.Time) {
	stamp := now.UTC().Format("20060102T150405Z")
	r.Header.Set("X-Amz-Date", stamp)
	signed := map[string]string{"host": r.URL.Host, "x-amz-date": stamp}
	if r.Host != "" {
		signed["host"] = r.Host
	}
	if k.SessionToken != "" {
		r.Header.Set("X-Amz-Security-Token", k.SessionToken)
		signed["x-amz-security-token"] = k.SessionToken
	}
	var names []string
	var headers strings.Builder
	for name := range signed {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		headers.WriteString(name + ":" + strings.TrimSpace(signed[name]) + "\n")
	}
	signedHeaders := strings.Join(names, ";")
	canonical := strings.Join([]string{
		r.Method, canonicalPath(r.URL), canonicalQuery(r.URL.Query()), headers.String(), signedHeaders, hash(body),
	}, "\n")
	scope := strings.Join([]string{stamp[:8], region, service, "aws4_request"}, "/")
	toSign := strings.Join([]string{Algorithm, stamp, scope, hash([]byte(canonical))}, "\n")
	key := []byte("AWS4" + k.Secret)
	for _, part := range []string{stamp[:8], region, service, "aws4_request", toSign} {
		key = mac(key, part)
	}
	r.Header.Set("Authorization", Algorithm+" Credential="+k.AccessKey+"/"+scope+
		", SignedHeaders="+signedHeaders+", Signature="+hex.EncodeToString(key))
}

// canonicalPath is the path as sent, encoded once more: all services but S3
// want it so.
func canonicalPath(u *url.URL) string {
	path := u.EscapedPath()
	if path == "" {
		return "/"
	}
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		segments[i] = encode(segment)
	}
	return strings.Join(segments, "/")
}

func canonicalQuery(query url.Values) string {
	var pairs []string
	for name, values := range query {
		for _, value := range values {
			pairs = append(pairs, encode(name)+"="+encode(value))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// encode percent-encodes everything but the unreserved characters of RFC 3986.
func encode(s string) string {
	const upper = "0123456789ABCDEF"
	var out strings.Builder
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			out.WriteByte(c)
			continue
		}
		out.Write([]byte{'%', upper[c>>4], upper[c&15]})
	}
	return out.String()
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
