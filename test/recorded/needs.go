package recorded

import (
	"context"
	"fmt"

	"github.com/postern-gateway/postern/test/moto"
)

// Need is a call of another service that a case makes before one of its steps.
type Need struct {
	BeforeStep int            `json:"before_step"`
	Service    string         `json:"service"`
	Operation  string         `json:"operation"`
	Params     map[string]any `json:"params"`
}

// Services are what stands in for the other services of cases.
type Services struct {
	Functions *Functions
	Moto      *moto.Server // nil: none
}

// Enough reports whether a case can be replayed with these services.
func (s Services) Enough(c Case) bool {
	for _, name := range c.OtherServices {
		if name != "lambda" && s.Moto == nil {
			return false
		}
	}
	return true
}

// prepare makes the calls that a case needs before a step, but those whose
// answers nobody looks at.
func (r *run) prepare(ctx context.Context, needs []Need, step int) error {
	var calls []moto.Call
	for _, need := range needs {
		if need.BeforeStep != step {
			continue
		}
		params, err := r.expandAll(need.Params)
		if err != nil {
			return err
		}
		members, ok := params.(map[string]any)
		if !ok {
			return fmt.Errorf("%s has no parameters", need.Operation)
		}
		switch {
		case need.Operation == "CreateFunction":
			r.target.Services.Functions.Set(plain(members["FunctionName"]), plain(members["Handler"]))
		case need.Service == "lambda" || need.Service == "iam" || len(need.Operation) > 3 && need.Operation[:3] == "Get":
		default:
			calls = append(calls, moto.Call{Service: need.Service, Operation: need.Operation, Params: members})
		}
	}
	if len(calls) == 0 {
		return nil
	}
	return r.target.Services.Moto.Call(ctx, calls...)
}
