//go:build !unix

package httpx

import "net"

// watch cannot look at a socket here; the rules for a retry remain.
type watch struct{}

func newWatch(net.Conn) *watch { return &watch{} }

func (*watch) quiet() bool { return true }
