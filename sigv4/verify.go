package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// DefaultSkew is how far clocks may differ; the refusals of the service say it.
const DefaultSkew = 5 * time.Minute

// unsignedPayload in place of the hash of a body says that the signature does
// not cover it.
const unsignedPayload = "UNSIGNED-PAYLOAD"

// Verifier checks signatures for one service.
type Verifier struct {
	Service string
	Skew    time.Duration // zero: DefaultSkew
	// NormalizePath lets clients sign the path without dot segments and empty
	// segments where the request has them. Off, a signature is for the path as
	// it was sent, and nobody on the way can make another one of it.
	NormalizePath bool
}

// CheckScope checks what needs neither secret nor body: whether a request is
// meant for this service and was signed just now, or for later. An error is an
// *Error.
func (v *Verifier) CheckScope(r *Request, c *Credential, now time.Time) error {
	if c.Service != v.Service {
		return refuse(Invalid, "Credential should be scoped to correct service: '%s'. ", v.Service)
	}
	if !slices.Contains(c.SignedHeaders, "host") {
		return refuse(Invalid, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
	}
	stamp, at, err := c.signedAt(r)
	if err != nil {
		return err
	}
	if stamp[:8] != c.Date {
		return refuse(Invalid, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s', from '%s'.", c.Date, stamp[:8], stamp)
	}
	return v.checkTime(c, stamp, at, now.UTC())
}

func (v *Verifier) checkTime(c *Credential, stamp string, at, now time.Time) error {
	skew := v.Skew
	if skew == 0 {
		skew = DefaultSkew
	}
	minutes := int(skew.Minutes())
	if latest := now.Add(skew); at.After(latest) {
		return refuse(Invalid, "Signature not yet current: %s is still later than %s (%s + %d min.)", stamp, latest.Format(isoTime), now.Format(isoTime), minutes)
	}
	if c.Lifetime > 0 {
		// Assumed: a presigned request says itself how long it is good for, and
		// clocks that differ do not make that longer.
		if end := at.Add(c.Lifetime); end.Before(now) {
			return refuse(Invalid, "Signature expired: %s is now earlier than %s", end.Format(isoTime), now.Format(isoTime))
		}
		return nil
	}
	if earliest := now.Add(-skew); at.Before(earliest) {
		return refuse(Invalid, "Signature expired: %s is now earlier than %s (%s - %d min.)", stamp, earliest.Format(isoTime), now.Format(isoTime), minutes)
	}
	return nil
}

// CheckToken checks the session token of a request against that of its access
// key, in constant time. A key without a token wants none.
func CheckToken(c *Credential, want string) error {
	if subtle.ConstantTimeCompare([]byte(c.SessionToken), []byte(want)) != 1 {
		return ErrUnrecognized
	}
	return nil
}

// CheckSignature checks that a request and its body were signed with a secret.
// The comparison takes the same time wherever the signatures differ. An error
// is an *Error.
func (v *Verifier) CheckSignature(r *Request, c *Credential, secret string, body []byte) error {
	stamp, _, err := c.signedAt(r)
	if err != nil {
		return err
	}
	payload, ok := r.payload(c, body)
	if !ok {
		return ErrMismatch
	}
	paths := []string{r.Path}
	if normal := normalizePath(r.Path); v.NormalizePath && normal != r.Path {
		paths = append(paths, normal)
	}
	leaveOut := [][]string{{querySignature}}
	if c.Presigned && c.SessionToken != "" {
		// Some clients add the token after they have signed; it is compared with
		// that of the access key in any case.
		leaveOut = append(leaveOut, []string{querySignature, queryToken})
	}
	key := signingKey(secret, c.Date, c.Region, c.Service)
	good := false
	for _, path := range paths {
		for _, names := range leaveOut {
			canonical, ok := r.canonical(path, names, c.SignedHeaders, payload)
			if !ok {
				return ErrMismatch
			}
			want := signature(key, stamp, c.scope(), canonical)
			good = good || hmac.Equal([]byte(want), []byte(c.Signature))
		}
	}
	if !good {
		return ErrMismatch
	}
	return nil
}

// payload is the last line of the canonical request: the hash of the body, or
// the word that says that it is not signed. False if the request claims to
// have another body.
func (r *Request) payload(c *Credential, body []byte) (string, bool) {
	claims := r.Header.Values("X-Amz-Content-Sha256")
	if c.Presigned && len(claims) == 0 {
		if query, err := authParameters(r.RawQuery); err == nil && query[queryPayload] != "" {
			claims = []string{query[queryPayload]}
		}
	}
	actual := hash(body)
	switch {
	case len(claims) == 0:
		return actual, true
	case len(claims) > 1 || claims[0] != unsignedPayload && claims[0] != actual:
		return "", false
	}
	return claims[0], true
}

func (c *Credential) scope() string {
	return strings.Join([]string{c.Date, c.Region, c.Service, terminator}, "/")
}

// signingKey is good for one day, region and service.
func signingKey(secret, date, region, service string) []byte {
	key := []byte("AWS4" + secret)
	for _, part := range []string{date, region, service, terminator} {
		key = mac(key, part)
	}
	return key
}

// signature signs a canonical request.
func signature(key []byte, stamp, scope, canonical string) string {
	toSign := strings.Join([]string{Algorithm, stamp, scope, hash([]byte(canonical))}, "\n")
	return hex.EncodeToString(mac(key, toSign))
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
