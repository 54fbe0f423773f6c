package steps

import (
	"errors"
	"net/http"
	"time"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/credentials"
	"github.com/postern-gateway/postern/iam"
	"github.com/postern-gateway/postern/mapping"
	"github.com/postern-gateway/postern/plan/spec"
	"github.com/postern-gateway/postern/sigv4"
)

// Signatures verifies who signed a request for a stage. Nil keys: there is no
// credentials file, and nobody can prove who he is.
type Signatures struct {
	Keys  credentials.Keys
	Clock clock.Clock // the machine's: signatures are not data
	Skew  time.Duration
}

// signer returns who signed the request, and fills in $context.identity.
func (s *Signatures) signer(r *Request) (*credentials.Key, error) {
	if s == nil || s.Keys == nil {
		return nil, sigv4.ErrUnrecognized
	}
	request := r.signed()
	verifier := credentials.Verifier{Keys: s.Keys, Clock: s.Clock, Skew: s.Skew, Service: "execute-api"}
	key, _, err := verifier.Verify(request, func() ([]byte, error) { return r.Body, nil })
	if err != nil {
		return nil, err
	}
	r.Context.Caller = &mapping.Caller{
		AccessKey: key.ID, AccountID: key.Identity.Account, ID: key.ID, User: key.Identity.Name, ARN: key.Identity.ARN(),
	}
	return key, nil
}

// signed is the request as signatures cover it.
func (r *Request) signed() *sigv4.Request {
	q := &r.X.Request
	out := &sigv4.Request{
		Method: q.Method, Path: q.Path, RawQuery: q.RawQuery, Host: q.Host,
		Header: http.Header{}, ContentLength: q.ContentLength,
	}
	for _, field := range q.Header {
		out.Header.Add(field.Name, field.Value)
	}
	return out
}

// FailUnsigned ends a request that has no signature where one would be looked
// for. Seen live: an Authorization header that is no signature is told so, with
// the status of what is missing.
func (r *Request) FailUnsigned() Outcome {
	if r.X.Request.Header.Has("Authorization") {
		_, err := sigv4.Read(r.signed())
		if refused, ok := errors.AsType[*sigv4.Error](err); ok && refused.Kind == sigv4.Incomplete {
			r.Fail(spec.Default4XX, "")
			r.Failure.Status, r.Failure.ErrorType, r.Failure.Message = spec.MissingAuthenticationToken.Status, "IncompleteSignatureException", refused.Text
			return Fail
		}
	}
	return r.Fail(spec.MissingAuthenticationToken, "")
}

// allowed reports what the policies of a caller say of an action on the method.
func (s *Signatures) allowed(key *credentials.Key, action string, r *Request, resource string) iam.Decision {
	now := s.Clock.Now().UTC()
	context := map[string]string{
		iam.KeyCurrentTime:      now.Format(time.RFC3339),
		iam.KeyPrincipalAccount: key.Identity.Account,
		iam.KeyPrincipalARN:     key.Identity.ARN(),
		iam.KeyUserName:         key.Identity.Name,
		iam.KeySecureTransport:  "false",
		iam.KeyUserAgent:        r.Context.UserAgent,
	}
	if r.X.Request.TLS != nil {
		context[iam.KeySecureTransport] = "true"
	}
	if r.Context.Remote.IsValid() {
		context[iam.KeySourceIP] = r.Context.Remote.Unmap().WithZone("").String()
	}
	return iam.Evaluate(key.Identity.Policies, iam.Request{Action: action, Resource: resource, Context: context})
}

// methodARN names the request as policies do.
func (r *Request) methodARN(region string) string {
	c := &r.Context
	path := c.Rest
	for len(path) > 0 && path[0] == '/' {
		path = path[1:]
	}
	return "arn:aws:execute-api:" + region + ":" + c.AccountID + ":" + c.APIID + "/" + c.Stage + "/" + c.HTTPMethod + "/" + path
}
