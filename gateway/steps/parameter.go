package steps

import (
	"fmt"
	"strings"

	"github.com/postern-gateway/postern/mapping"
	"github.com/postern-gateway/postern/plan/spec"
)

// parameter is one line of a request mapping.
type parameter struct {
	location  mapping.Location
	name      string
	expr      mapping.Expr
	err       error // the line cannot be evaluated: the request fails
	keepSlash bool  // in a path: the value may hold several segments
	forbidden bool  // a value for this header fails the request
}

func (p *parameter) String() string {
	where := [...]string{"header", "query", "path"}[p.location]
	if p.err != nil {
		return fmt.Sprintf("%s %s = error: %v", where, p.name, p.err)
	}
	return fmt.Sprintf("%s %s = %v", where, p.name, p.expr)
}

// compileParameters parses a request mapping. Lines whose target is silently
// dropped are left out.
func compileParameters(m *spec.Method, rules mappingRules, report Report) []parameter {
	var out []parameter
	for _, line := range m.Integration.Parameters {
		where := "request parameter " + line.Target
		location, name, err := mapping.ParseTarget(line.Target)
		if err != nil {
			report(where, err.Error())
			out = append(out, parameter{name: line.Target, err: err})
			continue
		}
		if location == mapping.ToHeader && rules.inVain.has(name) {
			continue
		}
		p := parameter{location: location, name: name}
		if p.expr, p.err = mapping.ParseRequest(line.Value); p.err != nil {
			report(where, p.err.Error())
		}
		p.keepSlash = p.expr.Fixed() || greedy(p.expr, m.ResourcePath)
		if location == mapping.ToHeader && rules.forbidden.has(name) {
			p.forbidden = true
			report(where, "header "+name+" cannot be mapped")
		}
		out = append(out, p)
	}
	return out
}

// greedy reports whether e reads the greedy parameter of a resource.
func greedy(e mapping.Expr, resourcePath string) bool {
	name, ok := e.PathParameter()
	return ok && strings.HasSuffix(resourcePath, "{"+name+"+}")
}

// checkParameters finds what makes the whole mapping fail before anything is mapped.
func checkParameters(params []parameter, r *Request) Outcome {
	for i := range params {
		p := &params[i]
		if p.err != nil {
			return r.misconfigured(p.err.Error())
		}
		if p.expr.ReadsRequestBody() && brokenJSON(r.Body) {
			outcome := r.Fail(spec.Default4XX, "Invalid JSON in request body")
			r.Failure.Message, r.Failure.Blank = "Invalid JSON in request body", true
			return outcome
		}
	}
	return Next
}

// mapHeaders sets the mapped headers, over what is there.
func mapHeaders(params []parameter, rules mappingRules, r *Request) Outcome {
	for i := range params {
		p := &params[i]
		if p.location != mapping.ToHeader {
			continue
		}
		if _, ok := overridden(r, mapping.ToHeader, p.name); ok {
			continue
		}
		value, ok := p.expr.Value(&r.Source)
		if !ok {
			continue
		}
		if p.forbidden {
			return r.misconfigured("header already present: " + p.name)
		}
		r.Out.Header.Set(p.name, lineSafe(value))
	}
	return overrideHeaders(rules, r)
}

// appendQuery appends the mapped query parameters to a URL.
func appendQuery(url []byte, params []parameter, r *Request) []byte {
	for i := range params {
		p := &params[i]
		if p.location != mapping.ToQuery {
			continue
		}
		if _, ok := overridden(r, mapping.ToQuery, p.name); ok {
			continue
		}
		r.values = p.expr.AppendValues(r.values[:0], &r.Source)
		url = appendParameter(url, p.name, r.values)
	}
	return overrideQuery(url, r)
}

func appendParameter(url []byte, name string, values []string) []byte {
	for _, value := range values {
		url = appendSeparator(url)
		url = mapping.AppendQuery(url, name)
		url = append(url, '=')
		url = mapping.AppendQuery(url, value)
	}
	return url
}

// appendSeparator makes url ready for one more query parameter.
func appendSeparator(url []byte) []byte {
	for i, c := range url {
		if c == '?' {
			if i == len(url)-1 {
				return url
			}
			return append(url, '&')
		}
	}
	return append(url, '?')
}
