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
	stamp := now.UTC().Format(isoTime)
	r.Header.Set("X-Amz-Date", stamp)
	names := []string{"host", "x-amz-date"}
	if k.SessionToken != "" {
		r.Header.Set("X-Amz-Security-Token", k.SessionToken)
		names = append(names, "x-amz-security-token")
	}
	request := FromHTTP(r)
	c := Credential{AccessKey: k.AccessKey, Date: stamp[:8], Region: region, Service: service}
	canonical, ok := request.canonical(request.Path, nil, names, hash(body))
	if !ok {
		// The query is not well encoded; the service will say so.
		canonical = ""
	}
	key := signingKey(k.Secret, c.Date, region, service)
	r.Header.Set("Authorization", Algorithm+" Credential="+k.AccessKey+"/"+c.scope()+
		", SignedHeaders="+strings.Join(names, ";")+", Signature="+signature(key, stamp, c.scope(), canonical))
}
