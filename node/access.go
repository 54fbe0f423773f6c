package node

import (
	"context"
	"net/http"

	"github.com/postern-gateway/postern/credentials"
	"github.com/postern-gateway/postern/gateway/steps"
	"github.com/postern-gateway/postern/wire"
)

// openCredentials reads the credentials file, if there is one, and follows it.
func (n *Node) openCredentials(background context.Context) error {
	if n.cfg.CredentialsFile == "" {
		return nil
	}
	keys, err := credentials.Open(n.cfg.CredentialsFile, n.cfg.Clock, n.cfg.Log)
	if err != nil {
		return err
	}
	n.credentials = keys
	n.running.Go(func() { keys.Watch(background) })
	return nil
}

// authenticator is for clients that sign for a service; "" is API Gateway.
func (n *Node) authenticator(service string) wire.Authenticator {
	if n.credentials == nil {
		return wire.Open{Accounts: n.cfg.Accounts, Service: service}
	}
	return wire.Verified{Keys: n.credentials, Clock: n.cfg.Clock, Skew: n.cfg.ClockSkew, Service: service}
}

// stageSignatures verifies who signs requests for stages: nobody without a
// credentials file, since there any signature would do.
func (n *Node) stageSignatures() *steps.Signatures {
	if n.credentials == nil {
		return nil
	}
	return &steps.Signatures{Keys: n.credentials, Clock: n.cfg.Clock, Skew: n.cfg.ClockSkew}
}

// signatures says in the start-up line what a signature is worth.
func (n *Node) signatures() string {
	if n.credentials == nil {
		return "any well-formed signature is accepted"
	}
	return "verified"
}

// Account returns the account that an access key acts in; empty if the key is
// not known.
func (n *Node) Account(accessKey string) string {
	if n.credentials == nil {
		return n.cfg.Accounts.Of(accessKey)
	}
	if key := n.credentials.Key(accessKey); key != nil {
		return key.Identity.Account
	}
	return ""
}

// healthPath is served to anyone: those who restart a node that does not
// answer have no keys, and it tells nothing but that it answers.
const healthPath = "/_postern/health"

// serveOwn answers a path of the product's own. With a credentials file it
// asks for the same signatures as the AWS API, and for policies that allow
// "postern:GET" or the like on the path.
func (n *Node) serveOwn(w http.ResponseWriter, r *http.Request, h http.Handler) {
	if n.credentials == nil || r.URL.Path == healthPath {
		h.ServeHTTP(w, r)
		return
	}
	n.whenReady(func(w http.ResponseWriter, r *http.Request) {
		n.control.ServeOther(w, r, "postern:"+r.Method, h)
	})(w, r)
}

// observation is everything on the listener for metrics.
func (n *Node) observation() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+healthPath, n.health)
	mux.HandleFunc("GET /metrics", n.whenReady(n.serveMetrics))
	return mux
}

func (n *Node) serveMetrics(w http.ResponseWriter, r *http.Request) { n.metrics.ServeHTTP(w, r) }
