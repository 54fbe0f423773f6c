package control

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/patch"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

// methodDraft is a method that is being patched, with what the rules need.
type methodDraft struct {
	*apigw.Method
	tx    *tx
	parts domain.Parts
}

const anyChange = patch.Add | patch.Replace | patch.Remove

var methodPatch = patch.Table[methodDraft]{
	Resource: "Method",
	Refuse:   patch.Plain,
	Finish:   func(d *methodDraft) error { return d.tx.checkMethod(d.parts, d.Method) },
	Rows: []patch.Row[methodDraft]{
		{Path: "/authorizationType", Ops: patch.Replace, Apply: func(d *methodDraft, op patch.Op) error {
			d.AuthorizationType = new(strings.ToUpper(op.Value()))
			if *d.AuthorizationType == authNone || *d.AuthorizationType == authIAM {
				d.AuthorizationScopes = nil // with the authorizer, assumed
			}
			return nil
		}},
		// Ignored if the resulting type takes no authorizer; see checkAuthorization.
		{Path: "/authorizerId", Ops: patch.Replace, Apply: func(d *methodDraft, op patch.Op) error {
			d.AuthorizerId = op.Text()
			return nil
		}},
		{Path: "/apiKeyRequired", Ops: patch.Replace, Apply: func(d *methodDraft, op patch.Op) error {
			d.ApiKeyRequired = op.Bool()
			return nil
		}},
		{Path: "/operationName", Ops: patch.Replace, Apply: func(d *methodDraft, op patch.Op) error {
			d.OperationName = op.Text()
			return nil
		}},
		{Path: "/requestValidatorId", Ops: patch.Replace, Apply: func(d *methodDraft, op patch.Op) error {
			d.RequestValidatorId = op.Text()
			return nil
		}},
		{Path: "/requestParameters/{name}", Ops: anyChange, Apply: func(d *methodDraft, op patch.Op) error {
			return patchEntry(&d.RequestParameters, op, errNoParameter, *op.Bool())
		}},
		{Path: "/requestParameters", Ops: anyChange, Apply: func(d *methodDraft, op patch.Op) error {
			return patchMap(&d.RequestParameters, op)
		}},
		{Path: "/requestModels/{type}", Ops: anyChange, Apply: func(d *methodDraft, op patch.Op) error {
			return patchEntry(&d.RequestModels, op, errNoContentType, op.Value())
		}},
		{Path: "/requestModels", Ops: anyChange, Apply: func(d *methodDraft, op patch.Op) error {
			return patchMap(&d.RequestModels, op)
		}},
		{Path: "/authorizationScopes", Ops: patch.Add, Apply: func(d *methodDraft, op patch.Op) error {
			if op.Value() == "" {
				return errEmptyValue("authorizationScopes") // assumed
			}
			if !slices.Contains(d.AuthorizationScopes, op.Value()) {
				d.AuthorizationScopes = append(d.AuthorizationScopes, op.Value())
			}
			return nil
		}},
		{Path: "/authorizationScopes", Ops: patch.Remove, Apply: func(d *methodDraft, op patch.Op) error {
			d.AuthorizationScopes = without(d.AuthorizationScopes, op.Value())
			if !op.HasValue() {
				d.AuthorizationScopes = nil
			}
			return nil
		}},
	},
}

// Recorded, both: update-method-response of a name or type that is not there.
func errNoParameter() error   { return fault.NotFoundf("Invalid parameter name specified") }
func errNoContentType() error { return fault.NotFoundf("Content-Type specified was not found") }

// patchEntry sets or removes one entry of a map member. Replacing or removing
// what is not there gives missing. When the last entry goes, the map is no
// longer shown. Recorded, but for replace (assumed).
func patchEntry[V any](m *map[string]V, op patch.Op, missing func() error, value V) error {
	key := op.Args[0]
	if _, ok := (*m)[key]; !ok && op.Kind != patch.Add {
		return missing()
	}
	if op.Kind == patch.Remove {
		delete(*m, key)
		if len(*m) == 0 {
			*m = nil
		}
		return nil
	}
	if *m == nil {
		*m = map[string]V{}
	}
	(*m)[key] = value
	return nil
}

// patchMap sets a whole map member from JSON text, or removes it. Documented.
func patchMap[V any](m *map[string]V, op patch.Op) error {
	*m = nil
	if op.Kind == patch.Remove || op.Value() == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(op.Value()), m); err != nil {
		return fault.BadRequestf("Invalid patch value  '%s' specified for op '%s'. Must be a JSON object", op.Value(), op.Name) // assumed
	}
	if len(*m) == 0 {
		*m = nil
	}
	return nil
}
