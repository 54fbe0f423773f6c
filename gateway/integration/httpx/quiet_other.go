//go:build !unix

package httpx

import "net"

// quiet cannot look at a socket here; the rules for a retry remain.
func quiet(net.Conn) bool { return true }
