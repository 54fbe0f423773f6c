package http1

import (
	"net/netip"
	"strings"
)

// Classes of bytes, as bits of one table.
const (
	tokenByte  = 1 << iota // tchar of RFC 9110, 5.6.2
	valueByte              // a field value: visible, blank, tab, or above ASCII
	targetByte             // a request target: visible ASCII without "#"
	hostByte               // a host name: letters, digits, ".", "-", "_"
	hexByte
)

var classes = func() (t [256]uint8) {
	for b := range 256 {
		c := byte(b)
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		digit := c >= '0' && c <= '9'
		if letter || digit || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0 {
			t[b] |= tokenByte
		}
		if c >= 0x20 && c != 0x7f || c == '\t' {
			t[b] |= valueByte
		}
		if c > 0x20 && c < 0x7f && c != '#' {
			t[b] |= targetByte
		}
		if letter || digit || c == '.' || c == '-' || c == '_' {
			t[b] |= hostByte
		}
		if digit || c|0x20 >= 'a' && c|0x20 <= 'f' {
			t[b] |= hexByte
		}
	}
	return t
}()

func all(s string, class uint8) bool {
	for i := 0; i < len(s); i++ {
		if classes[s[i]]&class == 0 {
			return false
		}
	}
	return true
}

// ValidToken reports whether s can be a method or the name of a field.
func ValidToken(s string) bool { return s != "" && all(s, tokenByte) }

// ValidValue reports whether s can be the value of a field: no control
// character but the tab, hence no line end that would begin another field.
func ValidValue(s string) bool { return all(s, valueByte) }

// ValidHost reports whether s is a host name or address with an optional port.
// It takes less than RFC 3986: no escapes and none of the punctuation that no
// host name has, because a front proxy may read those in its own way.
func ValidHost(s string) bool {
	name, port := SplitPort(s)
	if !all(port, hexByte) || strings.ContainsAny(port, "abcdefABCDEF") {
		return false
	}
	if strings.HasPrefix(name, "[") && strings.HasSuffix(name, "]") {
		address, err := netip.ParseAddr(name[1 : len(name)-1])
		return err == nil && address.Is6() && address.Zone() == ""
	}
	return name != "" && all(name, hostByte)
}

// SplitPort cuts the port off a host; port is empty if there is none. It does
// not check either part.
func SplitPort(host string) (name, port string) {
	i := strings.LastIndexByte(host, ':')
	if i < 0 || strings.IndexByte(host[i:], ']') >= 0 {
		return host, ""
	}
	return host[:i], host[i+1:]
}

// SplitTarget cuts a request target in origin form ("/path?query") at its
// first "?". It is not ok if the target has a byte that a target cannot have,
// a fragment, no leading slash, or a broken escape in its path. The query is
// not looked into: its escapes are the business of who decodes it.
func SplitTarget(target string) (path, query string, ok bool) {
	if !strings.HasPrefix(target, "/") || !all(target, targetByte) {
		return "", "", false
	}
	path, query, _ = strings.Cut(target, "?")
	for rest := path; ; {
		i := strings.IndexByte(rest, '%')
		if i < 0 {
			return path, query, true
		}
		if len(rest) < i+3 || !all(rest[i+1:i+3], hexByte) {
			return "", "", false
		}
		rest = rest[i+3:]
	}
}
