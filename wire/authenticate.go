package wire

import (
	"cmp"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/postern-gateway/postern/caller"
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/credentials"
	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/iam"
	"github.com/postern-gateway/postern/sigv4"
)

// Authenticator tells who sent a request. There are two: Open and Verified.
type Authenticator interface {
	// Authenticate returns who sent r, or a *fault.Error. It calls body, which
	// returns the whole body each time, only if it needs to.
	Authenticate(r *http.Request, body func() ([]byte, error)) (Principal, error)
}

// Principal is who sent a request.
type Principal struct {
	Account   string // twelve digits
	Region    string // of the credential scope
	AccessKey string
	// Identity has the name and the policies; nil: everything is allowed.
	Identity *credentials.Identity

	context map[string]string // condition keys of the request
}

// name is empty if nobody is known.
func (p Principal) name() string {
	if p.Identity == nil {
		return ""
	}
	return p.Identity.Name
}

// caller is the principal as the sender of r.
func (p Principal) caller(r *http.Request) caller.Caller {
	return caller.Caller{
		Account: p.Account, Region: p.Region, AccessKey: p.AccessKey, Identity: p.name(),
		UserAgent: r.UserAgent(), Remote: r.RemoteAddr,
	}
}

// Open takes any signature that is well formed.
type Open struct {
	Accounts Accounts
	Service  string // what clients sign for; empty: API Gateway
}

// signedFor is the service that an authenticator wants in signatures.
func signedFor(other string) string { return cmp.Or(other, service) }

// Authenticate implements Authenticator.
func (o Open) Authenticate(r *http.Request, _ func() ([]byte, error)) (Principal, error) {
	c, err := sigv4.Read(sigv4.FromHTTP(r))
	if err != nil {
		return Principal{}, refusal(err)
	}
	if want := signedFor(o.Service); c.Service != want {
		return Principal{}, fault.New(fault.InvalidSignature, "Credential should be scoped to correct service: '%s'. ", want)
	}
	if err := checkRegion(c.Region); err != nil {
		return Principal{}, err
	}
	return Principal{Account: o.Accounts.Of(c.AccessKey), Region: c.Region, AccessKey: c.AccessKey}, nil
}

// Verified takes right signatures by keys that are known.
type Verified struct {
	Keys    credentials.Keys
	Clock   clock.Clock
	Skew    time.Duration // how far clocks may differ; zero: five minutes
	Service string        // what clients sign for; empty: API Gateway
}

// Authenticate implements Authenticator. Everything that can be refused without
// the body is refused before it is read.
func (v Verified) Authenticate(r *http.Request, body func() ([]byte, error)) (Principal, error) {
	verifier := credentials.Verifier{Keys: v.Keys, Clock: v.Clock, Skew: v.Skew, Service: signedFor(v.Service), CheckRegion: checkRegion}
	key, c, err := verifier.Verify(sigv4.FromHTTP(r), body)
	if err != nil {
		return Principal{}, refusal(err)
	}
	p := Principal{Account: key.Identity.Account, Region: c.Region, AccessKey: c.AccessKey, Identity: key.Identity}
	p.context = conditionKeys(r, p, v.Clock.Now().UTC())
	return p, nil
}

// conditionKeys are what conditions of policies can ask for.
func conditionKeys(r *http.Request, p Principal, now time.Time) map[string]string {
	context := map[string]string{
		iam.KeyCurrentTime:      now.Format(time.RFC3339),
		iam.KeyPrincipalAccount: p.Account,
		iam.KeyPrincipalARN:     p.Identity.ARN(),
		iam.KeyRequestedRegion:  p.Region,
		iam.KeySecureTransport:  "false",
		iam.KeyUserName:         p.Identity.Name,
	}
	if r.TLS != nil {
		context[iam.KeySecureTransport] = "true"
	}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		context[iam.KeySourceIP] = host
	}
	if agent := r.UserAgent(); agent != "" {
		context[iam.KeyUserAgent] = agent
	}
	return context
}

// Authorize decides whether p may do something: action is "apigateway:PATCH"
// or the like, path the decoded path that it is done to. It returns nil or a
// *fault.Error.
func (p Principal) Authorize(action, path string) error {
	vendor, _, _ := strings.Cut(action, ":")
	return p.AuthorizeARN(action, "arn:aws:"+vendor+":"+p.Region+"::"+path)
}

// AuthorizeARN is Authorize for services whose resources are no paths.
func (p Principal) AuthorizeARN(action, resource string) error {
	if p.Identity == nil {
		return nil
	}
	reason := "because no identity-based policy allows the " + action + " action"
	switch iam.Evaluate(p.Identity.Policies, iam.Request{Action: action, Resource: resource, Context: p.context}) {
	case iam.Allowed:
		return nil
	case iam.ExplicitDeny:
		reason = "with an explicit deny in an identity-based policy"
	}
	return fault.New(fault.AccessDenied, "User: %s is not authorized to perform: %s on resource: %s %s", p.Identity.ARN(), action, resource, reason)
}

// kindOf says which refusal of the control plane a refusal of sigv4 is.
var kindOf = map[sigv4.Kind]fault.Kind{
	sigv4.Missing:      fault.MissingAuthenticationToken,
	sigv4.Incomplete:   fault.IncompleteSignature,
	sigv4.Invalid:      fault.InvalidSignature,
	sigv4.Unrecognized: fault.UnrecognizedClient,
	sigv4.Expired:      fault.ExpiredToken,
}

func refusal(err error) error {
	if e, ok := err.(*sigv4.Error); ok {
		return fault.New(kindOf[e.Kind], "%s", e.Text)
	}
	return err
}

// checkRegion keeps a region fit for keys and ARNs.
func checkRegion(region string) error {
	if len(region) > 32 || strings.Trim(region, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return fault.New(fault.InvalidSignature, "Credential should be scoped to a valid region.")
	}
	return nil
}
