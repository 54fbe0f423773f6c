package steps

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/mapping"
	"github.com/postern-gateway/postern/plan/spec"
)

// Validator builds the check of parameters and body.
func Validator(m *spec.Method, report Report) Step {
	v := m.Validator
	switch {
	case v == nil:
		return nil
	case v.Missing != "":
		report("request validator", v.Missing)
		return Broken{v.Missing}
	}
	s := &validate{bodies: v.Bodies}
	for _, key := range v.Required {
		expr, err := mapping.ParseRequest(key)
		if err != nil {
			report("request validator", key+": "+err.Error())
			return Broken{key + ": " + err.Error()}
		}
		s.required = append(s.required, requiredParameter{key[strings.LastIndexByte(key, '.')+1:], expr})
	}
	if len(s.required) == 0 && len(s.bodies) == 0 {
		return nil
	}
	return s
}

// validate checks a request before anything is made of it.
type validate struct {
	required []requiredParameter // by mapping key: header, path, querystring
	bodies   map[string]spec.BodyCheck
}

type requiredParameter struct {
	name string
	expr mapping.Expr
}

func (*validate) Name() string { return "validate" }

func (s *validate) String() string {
	var lines []string
	for _, p := range s.required {
		lines = append(lines, "required "+p.expr.String())
	}
	for _, contentType := range slices.Sorted(maps.Keys(s.bodies)) {
		lines = append(lines, "body "+contentType)
	}
	return strings.Join(lines, "\n")
}

// Run implements Step. Recorded: parameters come before the body, and the
// message names all that are missing.
func (s *validate) Run(_ context.Context, r *Request) Outcome {
	var missing []string
	for i := range s.required {
		p := &s.required[i]
		// The guide: blank counts as missing.
		if value, ok := p.expr.Value(&r.Source); !ok || strings.TrimSpace(value) == "" {
			missing = append(missing, p.name)
		}
	}
	if len(missing) > 0 {
		outcome := r.Fail(spec.BadRequestParameters, "")
		r.Failure.Message = "Missing required request parameters: [" + strings.Join(missing, ", ") + "]"
		r.Failure.Log = r.Failure.Message
		return outcome
	}
	contentType := mediaType(r.Header.Get("Content-Type"))
	check := s.bodies[contentType]
	if check == nil {
		check = s.bodies["$default"] // seen in an emulator
	}
	if check == nil {
		return Next
	}
	if errors := check.Validate(r.Body); errors != "" {
		outcome := r.Fail(spec.BadRequestBody, "Request body does not match model schema for content type "+contentType+": "+errors)
		r.Failure.ValidationErrors = errors
		return outcome
	}
	return Next
}
