package live

import (
	"crypto/tls"
	"slices"
	"strings"
	"sync/atomic"
)

// Domains knows the custom domain names: which stage their paths reach, and how
// their clients may speak TLS. Reading takes no lock; a change replaces the
// whole. Its zero value is empty.
type Domains struct{ names atomic.Pointer[domainNames] }

type domainNames struct {
	exact map[string]*Domain // in lower case
	// wildcard holds "*.example.com" as ".example.com".
	wildcard map[string]*Domain
}

// Domain is a custom domain name. It does not change.
type Domain struct {
	Name string // in lower case, maybe "*.example.com"
	// Mappings have the longest base path first; see SortMappings.
	Mappings []Mapping
	// TLS is how to speak TLS with clients that name the domain; nil: as with
	// all others. OldTLS is for those that do not know TLS 1.2, without which
	// there is no HTTP/2 (RFC 9113, 9.2).
	TLS, OldTLS *tls.Config
	// MutualTLS lets in only clients whose certificate TLS has checked.
	MutualTLS bool
}

// Mapping says what a base path reaches.
type Mapping struct {
	Base  string // "/v1"; "" is below all others
	API   string
	Stage string // "": the segment after the base path names it
}

// SortMappings puts mappings into the order in which they are tried.
func SortMappings(mappings []Mapping) {
	slices.SortFunc(mappings, func(a, b Mapping) int { return len(b.Base) - len(a.Base) })
}

// Replace sets all domain names at once. Of two with one name, as in two
// regions, the first holds. Addresses and "localhost" are never custom domain
// names here.
func (d *Domains) Replace(all []*Domain) {
	next := &domainNames{exact: map[string]*Domain{}, wildcard: map[string]*Domain{}}
	for _, one := range all {
		names, name := next.exact, one.Name
		if suffix, ok := strings.CutPrefix(name, "*"); ok {
			names, name = next.wildcard, suffix
		}
		if names[name] == nil && !isMachine(one.Name) {
			names[name] = one
		}
	}
	d.names.Store(next)
}

// isMachine reports whether a name is one by which the machine itself is
// reached, and with it the AWS API: an address or "localhost".
func isMachine(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	return name == "localhost" || strings.Trim(last, "0123456789") == ""
}

// Find returns the domain name of a host, which may have a port; nil if there
// is none. A wildcard stands for one label.
func (d *Domains) Find(host string) *Domain {
	names := d.names.Load()
	if names == nil || len(names.exact)+len(names.wildcard) == 0 {
		return nil
	}
	if i := strings.LastIndexByte(host, ':'); i >= 0 {
		host = host[:i]
	}
	host = strings.ToLower(host)
	if found := names.exact[host]; found != nil {
		return found
	}
	if i := strings.IndexByte(host, '.'); i > 0 {
		return names.wildcard[host[i:]]
	}
	return nil
}

// Match finds the mapping of a raw path by the longest base path of whole
// segments, and returns what is left of the path behind it. Slashes before the
// base path do not count, as before a stage.
func (d *Domain) Match(path string) (m Mapping, rest string, ok bool) {
	trimmed := strings.TrimLeft(path, "/")
	for _, m := range d.Mappings {
		if m.Base == "" {
			return m, path, true
		}
		rest, ok := strings.CutPrefix(trimmed, m.Base[1:])
		if ok && (rest == "" || rest[0] == '/') {
			return m, rest, true
		}
	}
	return Mapping{}, "", false
}

// Config returns how to speak TLS with a client.
func (d *Domain) Config(hello *tls.ClientHelloInfo) *tls.Config {
	knows12 := func(version uint16) bool { return version >= tls.VersionTLS12 }
	if slices.ContainsFunc(hello.SupportedVersions, knows12) {
		return d.TLS
	}
	return d.OldTLS
}

// Trusts reports whether a connection may ask for the domain: nil is one in
// cleartext. A client that named another domain in its handshake was not asked
// for what this one wants.
func (d *Domain) Trusts(connection *tls.ConnectionState, all *Domains) bool {
	if !d.MutualTLS {
		return true
	}
	if connection == nil || len(connection.VerifiedChains) == 0 {
		return false
	}
	// By name, as the domain may have changed since the handshake.
	asked := all.Find(connection.ServerName)
	return asked != nil && asked.Name == d.Name
}
