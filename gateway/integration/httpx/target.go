package httpx

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/gateway/http1"
	"github.com/postern-gateway/postern/gateway/integration"
)

// key says which connections are alike.
type key struct {
	authority string // host and port as they stand in the URL
	secure    bool
	anyIssuer bool
	identity  string // id of the certificate that was shown
	dial      string // what is dialled instead; empty: the authority
}

// target is a URL taken apart.
type target struct {
	key
	path string // path and query, as they are sent
	// certificate is shown to the server if it asks; nil: none.
	certificate *tls.Certificate
}

// parseURL takes a URL apart without changing a byte of it: nothing is decoded,
// cleaned or escaped again.
func parseURL(url string) (target, error) {
	var to target
	scheme, rest, ok := strings.Cut(url, "://")
	switch {
	case ok && strings.EqualFold(scheme, "http"):
	case ok && strings.EqualFold(scheme, "https"):
		to.secure = true
	default:
		return target{}, fmt.Errorf("the URL %q does not begin with http:// or https://", url)
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	to.authority, to.path = rest[:end], rest[end:]
	if !http1.ValidHost(to.authority) {
		return target{}, fmt.Errorf("the URL %q has no valid host", url)
	}
	if _, port := http1.SplitPort(to.authority); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return target{}, fmt.Errorf("the URL %q has no valid port", url)
		}
	}
	if !strings.HasPrefix(to.path, "/") {
		to.path = "/" + to.path
	}
	for i := 0; i < len(to.path); i++ {
		if b := to.path[i]; b <= ' ' || b >= 0x7f || b == '#' {
			return target{}, fmt.Errorf("the URL %q has a character that cannot be sent", url)
		}
	}
	return to, nil
}

// host is the name or address without the port and without brackets.
func (t *target) host() string {
	name, _ := http1.SplitPort(t.authority)
	return strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
}

// address is what to dial.
func (t *target) address() string {
	if t.dial != "" {
		return t.dial
	}
	_, port := http1.SplitPort(t.authority)
	switch {
	case port != "":
	case t.secure:
		port = "443"
	default:
		port = "80"
	}
	return net.JoinHostPort(t.host(), port)
}

var errRequest = errors.New("a method or a field cannot be sent")

// checkRequest refuses what would change the framing of the request, or leave
// open whom it is for.
func checkRequest(req *integration.Request) error {
	if !http1.ValidToken(req.Method) || req.Method == "CONNECT" {
		return fmt.Errorf("%w: method %q", errRequest, req.Method)
	}
	hosts := 0
	for _, field := range req.Header {
		if !http1.ValidToken(field.Name) || !http1.ValidValue(field.Value) {
			return fmt.Errorf("%w: %q", errRequest, field.Name)
		}
		if len(field.Name) == len("Host") && strings.EqualFold(field.Name, "Host") {
			hosts++
		}
	}
	if hosts > 1 { // who is in the way of the request may take the other one
		return fmt.Errorf("%w: Host has several values", errRequest)
	}
	return nil
}
