package gateway

import (
	"strings"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/live"
)

// DefaultDomains are the domains below which APIs are found, as {api}.DOMAIN.
// A label "*" stands for any one label: the region.
func DefaultDomains() []string {
	return []string{
		"execute-api.localhost", "execute-api.localhost.localstack.cloud",
		"execute-api.*.amazonaws.com", "execute-api.*.amazonaws.com.cn",
	}
}

// address says which API and stage a request wants.
type address struct {
	api, stage string
	rest       string // raw path after the stage, with all its slashes; may be empty
	// custom says that a custom domain name was asked for, by the base path
	// base ("/v1"; empty for "(none)").
	custom bool
	base   string
}

const (
	userRequest = "_user_request_"
	restAPIs    = "/restapis/"
	awsForm     = "/_aws/execute-api/"
)

// Claims reports whether a request is for the data plane, by its host or by
// one of the path forms. Everything else is the control plane's.
func (g *Gateway) Claims(host, path string) bool {
	if _, ok := g.apiOfHost(host); ok || g.live.Domains.Find(host) != nil {
		return true
	}
	_, ok := pathAddress(path)
	return ok
}

// address finds API and stage; false if the request names none, or may not
// reach it by this connection. A custom domain name goes before the names that
// all APIs have.
func (g *Gateway) address(q *exchange.Request) (address, bool) {
	host, path := q.Host, q.Path
	if d := g.live.Domains.Find(host); d != nil {
		return g.customAddress(d, q)
	}
	api, ok := g.apiOfHost(host)
	if !ok {
		return pathAddress(path)
	}
	// Recorded: extra slashes before the stage do not count.
	stage, rest := cut(strings.TrimLeft(path, "/"))
	return address{api: api, stage: stage, rest: rest}, stage != ""
}

// customAddress finds API and stage by a mapping of a custom domain name.
func (g *Gateway) customAddress(d *live.Domain, q *exchange.Request) (address, bool) {
	if !d.Trusts(q.TLS, &g.live.Domains) {
		return address{}, false
	}
	m, rest, ok := d.Match(q.Path)
	if !ok {
		return address{}, false
	}
	stage := m.Stage
	if stage == "" {
		stage, rest = cut(strings.TrimLeft(rest, "/"))
	}
	return address{api: m.API, stage: stage, rest: rest, custom: true, base: m.Base}, stage != ""
}

// apiOfHost reads "{api}.{domain}", with or without a port.
func (g *Gateway) apiOfHost(host string) (api string, ok bool) {
	if i := strings.LastIndexByte(host, ':'); i >= 0 {
		host = host[:i]
	}
	api, domain, found := strings.Cut(host, ".")
	if !found || api == "" {
		return "", false
	}
	for _, known := range g.domains {
		if sameDomain(known, domain) {
			return strings.ToLower(api), true
		}
	}
	return "", false
}

// sameDomain compares label by label, without case.
func sameDomain(pattern, domain string) bool {
	for {
		want, patternRest, more := strings.Cut(pattern, ".")
		have, domainRest, haveMore := strings.Cut(domain, ".")
		if more != haveMore || want != "*" && !strings.EqualFold(want, have) || have == "" {
			return false
		}
		if !more {
			return true
		}
		pattern, domain = patternRest, domainRest
	}
}

// pathAddress reads the two forms for machines without wildcard names:
// /restapis/{api}/{stage}/_user_request_/{path} and
// /_aws/execute-api/{api}/{stage}/{path}.
func pathAddress(path string) (address, bool) {
	if rest, ok := strings.CutPrefix(path, restAPIs); ok {
		api, rest := cut(rest)
		stage, rest := cut(strings.TrimPrefix(rest, "/"))
		mark, rest := cut(strings.TrimPrefix(rest, "/"))
		return address{api: api, stage: stage, rest: rest}, api != "" && stage != "" && mark == userRequest
	}
	if rest, ok := strings.CutPrefix(path, awsForm); ok {
		api, rest := cut(rest)
		stage, rest := cut(strings.TrimLeft(rest, "/"))
		return address{api: strings.ToLower(api), stage: stage, rest: rest}, true
	}
	return address{}, false
}

// cut splits before the first slash.
func cut(path string) (segment, rest string) {
	if i := strings.IndexByte(path, '/'); i >= 0 {
		return path[:i], path[i:]
	}
	return path, ""
}
