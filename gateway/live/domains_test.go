package live

import (
	"crypto/tls"
	"crypto/x509"
	"strings"
	"testing"
)

func TestDomainsFind(t *testing.T) {
	d := &Domains{}
	if got := d.Find("a.example"); got != nil {
		t.Errorf("empty: got %v", got)
	}
	first := &Domain{Name: "a.example"}
	d.Replace([]*Domain{first, {Name: "a.example"}, {Name: "*.example"}, {Name: "one"}, {Name: "localhost"}, {Name: "127.0.0.1"}, {Name: "*.0.0.1"}})
	for host, want := range map[string]string{
		"a.example": "a.example", "A.Example:443": "a.example", "b.example": "*.example", "b.example:1": "*.example",
		"one": "one", "one:80": "one",
		"example": "", "x.b.example": "", ".example": "", "": "", ":80": "", "localhost": "", "localhost:4566": "", "127.0.0.1": "", "127.0.0.1:4566": "",
		"[::1]:4566": "", "[::1]": "", "8.0.0.1": "",
	} {
		name := ""
		if found := d.Find(host); found != nil {
			name = found.Name
		}
		if name != want {
			t.Errorf("Find(%q) = %q, want %q", host, name, want)
		}
	}
	if d.Find("a.example") != first {
		t.Error("of two with one name, the second holds")
	}
	if n := testing.AllocsPerRun(10, func() { d.Find("b.example:443") }); n != 0 {
		t.Errorf("Find allocates %v times", n)
	}
}

func TestDomainMatch(t *testing.T) {
	mappings := []Mapping{{Base: "/v1", API: "short"}, {Base: "", API: "none"}, {Base: "/v1/orders", API: "long"}}
	SortMappings(mappings)
	for _, row := range []struct {
		mappings        []Mapping
		path, api, rest string
	}{
		{mappings, "/v1", "short", ""},
		{mappings, "/v1/", "short", "/"},
		{mappings, "/v1/x/", "short", "/x/"},
		{mappings, "//v1//x", "short", "//x"},
		{mappings, "/v1/orders/7", "long", "/7"},
		{mappings, "/v1/ordersx", "short", "/ordersx"},
		{mappings, "/v1x", "none", "/v1x"},
		{mappings, "/V1/x", "none", "/V1/x"},
		{mappings, "/", "none", "/"},
		{mappings, "//a", "none", "//a"},
		{[]Mapping{{Base: "/v1", API: "short"}}, "/v1x", "", ""},
		{[]Mapping{{Base: "/v1", API: "short"}}, "/", "", ""},
		{nil, "/v1", "", ""},
	} {
		d := &Domain{Mappings: row.mappings}
		m, rest, ok := d.Match(row.path)
		if m.API != row.api || rest != row.rest || ok != (row.api != "") {
			t.Errorf("Match(%q) = %q, %q, %v; want %q, %q", row.path, m.API, rest, ok, row.api, row.rest)
		}
	}
}

// FuzzDomainMatch: base path and rest make the path again, and no mapping with
// a longer base path fits.
func FuzzDomainMatch(f *testing.F) {
	f.Add("a", "a/b", "/a/b/c")
	f.Add("v1", "", "//v1/")
	f.Add("", "x", "/")
	f.Fuzz(func(t *testing.T, one, two, path string) {
		path = "/" + path
		d := &Domain{}
		for _, base := range []string{one, two} {
			if base = strings.Trim(base, "/"); base != "" {
				base = "/" + base
			}
			d.Mappings = append(d.Mappings, Mapping{Base: base})
		}
		SortMappings(d.Mappings)
		m, rest, ok := d.Match(path)
		trimmed := "/" + strings.TrimLeft(path, "/")
		if ok && m.Base != "" && m.Base+rest != trimmed || ok && m.Base == "" && rest != path {
			t.Fatalf("Match(%q) = %q, %q", path, m.Base, rest)
		}
		for _, other := range d.Mappings {
			fits := trimmed == other.Base || strings.HasPrefix(trimmed, other.Base+"/")
			if fits && (!ok || len(other.Base) > len(m.Base)) {
				t.Fatalf("Match(%q) = %q, %v; %q fits too", path, m.Base, ok, other.Base)
			}
		}
	})
}

func TestDomainTrusts(t *testing.T) {
	closed, open := &Domain{Name: "closed.example", MutualTLS: true}, &Domain{Name: "open.example"}
	all := &Domains{}
	all.Replace([]*Domain{closed, open})
	proven := [][]*x509.Certificate{{{}}}
	for what, row := range map[string]struct {
		domain     *Domain
		connection *tls.ConnectionState
		want       bool
	}{
		"open, cleartext":              {open, nil, true},
		"open, TLS":                    {open, &tls.ConnectionState{ServerName: "other.example"}, true},
		"cleartext":                    {closed, nil, false},
		"no certificate":               {closed, &tls.ConnectionState{ServerName: "closed.example"}, false},
		"certificate":                  {closed, &tls.ConnectionState{ServerName: "closed.example", VerifiedChains: proven}, true},
		"certificate for another name": {closed, &tls.ConnectionState{ServerName: "open.example", VerifiedChains: proven}, false},
		"certificate for nobody":       {closed, &tls.ConnectionState{VerifiedChains: proven}, false},
	} {
		if got := row.domain.Trusts(row.connection, all); got != row.want {
			t.Errorf("%s: got %v, want %v", what, got, row.want)
		}
	}
}
