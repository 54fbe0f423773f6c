package control

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

// maxPolicy is the longest resource policy, in bytes as stored.
const maxPolicy = 8192

// normalizePolicy returns a resource policy as the service keeps it: compact,
// members in their order, "execute-api:/..." resources as full ARNs and a list
// of one resource as a string. An empty text is no policy.
//
// Recorded: import-rest-api with a policy.
func normalizePolicy(scope domain.Scope, api, text string) (*string, error) {
	return compactPolicy(text, func(resource any) any { return normalizeResource(scope, api, resource) })
}

// compactPolicy checks a policy and returns it compact, members in their order,
// with the resources as a function changes them. An empty text is no policy.
func compactPolicy(text string, resource func(any) any) (*string, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	invalid := fault.BadRequestf("Invalid policy document. Please check the policy syntax and ensure that Principals are valid.")
	var document object
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		return nil, invalid
	}
	statement, ok := document.get("Statement")
	if !ok {
		return nil, invalid
	}
	statements, isList := (*statement).([]any)
	if !isList {
		statements = []any{*statement}
	}
	for _, s := range statements {
		entry, ok := s.(*object)
		if !ok || !validStatement(entry) {
			return nil, invalid
		}
		for _, name := range []string{"Resource", "NotResource"} {
			if value, ok := entry.get(name); ok {
				*value = resource(*value)
			}
		}
	}
	compact, err := json.Marshal(&document)
	if err != nil || len(compact) > maxPolicy {
		return nil, invalid
	}
	return new(string(compact)), nil
}

// validStatement checks what every statement needs.
func validStatement(s *object) bool {
	effect, ok := s.get("Effect")
	if !ok || *effect != "Allow" && *effect != "Deny" {
		return false
	}
	_, action := s.get("Action")
	_, notAction := s.get("NotAction")
	_, principal := s.get("Principal")
	_, notPrincipal := s.get("NotPrincipal")
	return (action || notAction) && (principal || notPrincipal)
}

func normalizeResource(scope domain.Scope, api string, value any) any {
	switch v := value.(type) {
	case string:
		if rest, ok := strings.CutPrefix(v, "execute-api:/"); ok {
			return fmt.Sprintf("arn:aws:execute-api:%s:%s:%s/%s", scope.Region, scope.Account, api, rest)
		}
	case []any:
		for i := range v {
			v[i] = normalizeResource(scope, api, v[i])
		}
		if len(v) == 1 {
			return v[0]
		}
	}
	return value
}

// presentPolicy returns the policy as answers carry it: with its quotes
// escaped once more. Terraform undoes just that, and fails on a plain text.
func presentPolicy(policy *string) *string {
	if policy == nil {
		return nil
	}
	quoted, err := json.Marshal(*policy)
	if err != nil {
		return policy // not reached: a string always encodes
	}
	return new(string(quoted[1 : len(quoted)-1]))
}

// presentAPI returns the answer of a call that shows an API. With emptyTags an
// API without tags shows an empty map. Recorded: update does, create and get
// do not.
func presentAPI(api apigw.RestApi, emptyTags bool) *apigw.RestApi {
	api.Policy = presentPolicy(api.Policy)
	if len(api.Tags) == 0 {
		api.Tags = nil
		if emptyTags {
			api.Tags = map[string]string{}
		}
	}
	return &api
}
