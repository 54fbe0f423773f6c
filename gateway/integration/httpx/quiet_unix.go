//go:build unix

package httpx

import (
	"net"
	"syscall"
)

// watch looks at a socket without taking anything from it and without waiting.
// It is made once for a connection, so that a look allocates nothing.
type watch struct {
	raw     syscall.RawConn // nil if the connection cannot be looked at
	look    func(fd uintptr) bool
	nothing bool // what the last look saw
	one     [1]byte
}

func newWatch(socket net.Conn) *watch {
	w := &watch{}
	if direct, ok := socket.(syscall.Conn); ok {
		w.raw, _ = direct.SyscallConn()
	}
	w.look = func(fd uintptr) bool {
		_, _, err := syscall.Recvfrom(int(fd), w.one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		w.nothing = err == syscall.EAGAIN || err == syscall.EWOULDBLOCK || err == syscall.EINTR
		return true // do not wait
	}
	return w
}

// quiet reports whether nothing has come in, not even the end. Where it cannot
// look it says yes: the rules for a retry remain.
func (w *watch) quiet() bool {
	return w.raw == nil || w.raw.Read(w.look) == nil && w.nothing
}
