package sigv4

import (
	"net/http"
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
	r.Header.Set("X-Amz-Date", Stamp(now))
	names := []string{"host", "x-amz-date"}
	if k.SessionToken != "" {
		r.Header.Set("X-Amz-Security-Token", k.SessionToken)
		names = append(names, "x-amz-security-token")
	}
	r.Header.Set("Authorization", FromHTTP(r).Authorize(names, Hash(body), k, service, region, now))
}

// Stamp returns the value of X-Amz-Date.
func Stamp(now time.Time) string { return now.UTC().Format(isoTime) }

// Hash returns the hash of a body as signatures cover it, in hexadecimal digits.
func Hash(body []byte) string { return hash(body) }

// Authorize returns the value of Authorization that signs a request with its
// host and the named headers, in lower case and sorted, which must be there, and
// a body by its hash. X-Amz-Date must be among them, as Stamp writes it.
func (r *Request) Authorize(names []string, payload string, k Keys, service, region string, now time.Time) string {
	stamp := Stamp(now)
	c := Credential{AccessKey: k.AccessKey, Date: stamp[:8], Region: region, Service: service}
	canonical, ok := r.canonical(r.Path, nil, names, payload)
	if !ok {
		// The query is not well encoded; the service will say so.
		canonical = ""
	}
	key := signingKey(k.Secret, c.Date, region, service)
	return Algorithm + " Credential=" + k.AccessKey + "/" + c.scope() +
		", SignedHeaders=" + strings.Join(names, ";") + ", Signature=" + signature(key, stamp, c.scope(), canonical)
}
