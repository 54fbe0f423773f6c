package gateway

import "strings"

// DefaultSuffixes are the host names below which APIs are found. A leading
// "*." stands for one label, the region.
var DefaultSuffixes = []string{"localhost", "localhost.localstack.cloud", "*.amazonaws.com", "*.amazonaws.com.cn"}

// address says which API and stage a request wants.
type address struct {
	api, stage string
	rest       string // raw path after the stage, with all its slashes; may be empty
}

const (
	hostMark    = ".execute-api."
	userRequest = "_user_request_"
	restAPIs    = "/restapis/"
	awsForm     = "/_aws/execute-api/"
)

// Claims reports whether a request is for the data plane, by its host or by
// one of the path forms. Everything else is the control plane's.
func (g *Gateway) Claims(host, path string) bool {
	if _, ok := g.apiOfHost(host); ok {
		return true
	}
	_, ok := pathAddress(path)
	return ok
}

// address finds API and stage; false if the request names none.
func (g *Gateway) address(host, path string) (address, bool) {
	api, ok := g.apiOfHost(host)
	if !ok {
		return pathAddress(path)
	}
	// Recorded: extra slashes before the stage do not count.
	stage, rest := cut(strings.TrimLeft(path, "/"))
	return address{api, stage, rest}, stage != ""
}

// apiOfHost reads "{api}.execute-api.{suffix}", with or without a port.
func (g *Gateway) apiOfHost(host string) (api string, ok bool) {
	if i := strings.LastIndexByte(host, ':'); i >= 0 {
		host = host[:i]
	}
	i := indexFold(host, hostMark)
	if i <= 0 || strings.IndexByte(host[:i], '.') >= 0 {
		return "", false
	}
	domain := host[i+len(hostMark):]
	for _, suffix := range g.suffixes {
		if plain, region := strings.CutPrefix(suffix, "*."); region {
			_, rest, found := strings.Cut(domain, ".")
			ok = found && strings.EqualFold(rest, plain)
		} else {
			ok = strings.EqualFold(domain, suffix)
		}
		if ok {
			return strings.ToLower(host[:i]), true
		}
	}
	return "", false
}

// indexFold finds an ASCII text that begins with a dot, without case.
func indexFold(s, text string) int {
	for i := 0; i+len(text) <= len(s); i++ {
		if s[i] == text[0] && strings.EqualFold(s[i:i+len(text)], text) {
			return i
		}
	}
	return -1
}

// pathAddress reads the two forms for machines without wildcard names:
// /restapis/{api}/{stage}/_user_request_/{path} and
// /_aws/execute-api/{api}/{stage}/{path}.
func pathAddress(path string) (address, bool) {
	if rest, ok := strings.CutPrefix(path, restAPIs); ok {
		api, rest := cut(rest)
		stage, rest := cut(strings.TrimPrefix(rest, "/"))
		mark, rest := cut(strings.TrimPrefix(rest, "/"))
		return address{api, stage, rest}, api != "" && stage != "" && mark == userRequest
	}
	if rest, ok := strings.CutPrefix(path, awsForm); ok {
		api, rest := cut(rest)
		stage, rest := cut(strings.TrimLeft(rest, "/"))
		return address{strings.ToLower(api), stage, rest}, true
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
