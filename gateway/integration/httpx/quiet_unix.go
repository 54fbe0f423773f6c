//go:build unix

package httpx

import (
	"net"
	"syscall"
)

// quiet reports whether nothing has come in on a socket, not even its end. It
// looks without taking anything and without waiting.
func quiet(socket net.Conn) bool {
	direct, ok := socket.(syscall.Conn)
	if !ok {
		return true // cannot be looked at; the rules for a retry remain
	}
	raw, err := direct.SyscallConn()
	if err != nil {
		return false
	}
	nothing := false
	err = raw.Read(func(fd uintptr) bool {
		var one [1]byte
		_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		nothing = err == syscall.EAGAIN || err == syscall.EWOULDBLOCK || err == syscall.EINTR
		return true
	})
	return err == nil && nothing
}
