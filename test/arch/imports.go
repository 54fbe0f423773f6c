package arch

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// edge forbids imports within the repository. Folders include those below them.
type edge struct {
	from   []string
	to     []string
	except []string // folders of to that are allowed
	why    string
}

var edges = []edge{
	{
		from: []string{"gateway"}, to: []string{"control", "wire", "store", "apigw"},
		why: "a data node works with an unreachable control plane",
	},
	{
		from: []string{"control", "wire"}, to: []string{"gateway"},
		why: "the planes meet in the store only; TestInvokeMethod gets its runner as an interface",
	},
	{
		from: []string{"gateway/steps", "gateway/integration"}, to: []string{"plan"}, except: []string{"plan/spec"},
		why: "the compiler hands typed settings to the builders; the arrow goes from plan to them",
	},
	{
		from: []string{"apigw", "fault", "exchange", "value", "regex", "sigv4", "iam", "clock", "ids", "plan/spec"}, to: []string{"."},
		why: "leaves import the standard library only",
	},
	{
		from: []string{"counter", "respcache"}, to: []string{"."}, except: []string{"clock", "exchange", "ids"},
		why: "counts and cached answers know nothing of who asks for them",
	},
	{
		from: []string{"vtl", "jsonpath"}, to: []string{"."}, except: []string{"value", "regex"},
		why: "the languages know values and nothing of the gateway",
	},
	{
		from: []string{"domain"}, to: []string{"control", "wire", "gateway", "plan", "rollout", "store"},
		why: "records and rules know neither plane and do no I/O",
	},
	{
		from: []string{"store"}, to: []string{"apigw", "control", "wire", "domain", "gateway", "plan", "rollout"},
		why: "the store keeps keys and bytes, whatever they mean",
	},
	{
		from: []string{"mapping"}, to: []string{"plan", "gateway", "control", "wire", "store", "apigw"},
		why: "expressions are evaluated on an exchange and nothing else",
	},
	{
		from: []string{"lab"}, to: []string{"plan", "gateway", "control", "wire", "store", "apigw", "domain"},
		why: "a template is tried without a gateway",
	},
	{
		from: []string{"openapi"}, to: []string{"wire", "gateway", "plan", "store", "rollout"},
		why: "import and export are functions of documents and records",
	},
	{
		from: []string{"plan"}, to: []string{"store", "rollout", "wire", "control"},
		why: "the compiler is a pure function of records",
	},
	{
		from: []string{"logs"}, to: []string{"."}, except: []string{"logs", "clock", "sigv4"},
		why: "where lines go does not depend on who makes or reads them",
	},
	{
		from: []string{"cli"}, to: []string{"store", "gateway", "plan", "rollout"},
		why: "the commands use the public API, or a node as a whole",
	},
}

// library is a dependency that few folders may import.
type library struct {
	prefix string
	folder []string
}

var libraries = []library{
	{"go.etcd.io/", []string{"store/etcd"}},
	{"go.uber.org/zap", []string{"store/etcd"}},
	{"github.com/santhosh-tekuri/", []string{"schema"}},
	{"github.com/getkin/", []string{"test"}},
	{"github.com/corazawaf/", []string{"gateway/steps/waf"}},
	{"github.com/fxamacker/", []string{"awsapi/cloudwatch"}},
	{"github.com/redis/", []string{"counter/redis", "respcache/redis"}},
	{"go.opentelemetry.io/", []string{"observe/otel"}},
	{"github.com/spf13/", []string{"cmd", "cli"}},
}

// checkEdges reports imports that the table forbids. Tests may import more:
// they put parts together that do not know each other.
func checkEdges(sources []source) []string {
	var out []string
	for _, s := range sources {
		if s.test {
			continue
		}
		imports := s.imports()
		for _, name := range slices.Sorted(maps.Keys(imports)) {
			target, own := strings.CutPrefix(name, module+"/")
			if !own {
				continue
			}
			for _, e := range edges {
				inside := (slices.Contains(e.to, ".") || within(target, e.to...)) && !within(target, e.except...)
				// A folder may import what is in the same part of the tree.
				if !within(s.dir(), e.from...) || !inside || samePart(s.dir(), target, e.from) {
					continue
				}
				out = append(out, fmt.Sprintf("%s: %s imports %s: %s", s.at(imports[name]), s.dir(), target, e.why))
			}
		}
	}
	return out
}

func samePart(a, b string, parts []string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return within(a, p) && within(b, p) })
}

// checkLibraries reports imports of libraries outside their folders.
func checkLibraries(sources []source) []string {
	var out []string
	for _, s := range sources {
		if s.test {
			continue
		}
		imports := s.imports()
		for _, name := range slices.Sorted(maps.Keys(imports)) {
			for _, l := range libraries {
				if strings.HasPrefix(name, l.prefix) && !within(s.dir(), l.folder...) {
					out = append(out, fmt.Sprintf("%s: only %s may import %s, so that it can be replaced in one place",
						s.at(imports[name]), strings.Join(l.folder, ", "), name))
				}
			}
		}
	}
	return out
}
