package control

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/patch"
	"github.com/postern-gateway/postern/fault"
)

// usagePlanDraft is a plan that is being patched.
type usagePlanDraft struct {
	*apigw.UsagePlan
	tx *tx
}

// usagePlanPatch is what UpdateUsagePlan can change. The refusal of a remove
// lists the paths in the order and spelling of its rows. Quoted by users, the
// odd name included.
var usagePlanPatch = patch.Table[usagePlanDraft]{
	Refuse: patch.ListsPaths,
	Finish: func(d *usagePlanDraft) error { return checkPlan(d.UsagePlan) },
	Rows: []patch.Row[usagePlanDraft]{
		{Path: "/name", Ops: patch.Replace, Apply: func(d *usagePlanDraft, op patch.Op) error { return setText(&d.Name, op) }},
		{Path: "/description", Ops: patch.Replace, Apply: func(d *usagePlanDraft, op patch.Op) error { return setText(&d.Description, op) }},
		{Path: "/apiStages", Ops: patch.Add, Apply: func(d *usagePlanDraft, op patch.Op) error {
			_, err := d.stage(op.Value(), true)
			return err
		}},
		{Path: "/apiStages", Ops: patch.Remove, Apply: func(d *usagePlanDraft, op patch.Op) error {
			i, err := d.stage(op.Value(), false)
			if err == nil {
				d.ApiStages = slices.Delete(d.ApiStages, i, i+1)
			}
			return err
		}},
		{Path: "/quota", Ops: patch.Remove, Apply: func(d *usagePlanDraft, _ patch.Op) error {
			d.Quota = nil
			return nil
		}},
		{Path: "/quota/limit", Ops: addReplace, Apply: func(d *usagePlanDraft, op patch.Op) error {
			n, ok := op.Int()
			if !ok {
				n = 0 // refused when the whole is checked
			}
			d.quota().Limit = &n
			return nil
		}},
		{Path: "/quota/offset", Ops: addReplace, Apply: func(d *usagePlanDraft, op patch.Op) error {
			n, ok := op.Int()
			if !ok {
				n = -1
			}
			d.quota().Offset = &n
			return nil
		}},
		{Path: "/quota/period", Ops: addReplace, Apply: func(d *usagePlanDraft, op patch.Op) error {
			d.quota().Period = new(op.Value())
			return nil
		}},
		{Path: "/throttle", Ops: patch.Remove, Apply: func(d *usagePlanDraft, _ patch.Op) error {
			d.Throttle = nil
			return nil
		}},
		{Path: "/throttle/rateLimit", Ops: addReplace, Apply: func(d *usagePlanDraft, op patch.Op) error {
			if d.Throttle == nil {
				d.Throttle = &apigw.ThrottleSettings{}
			}
			return setLimit(d.Throttle, "rateLimit", op)
		}},
		{Path: "/throttle/burstLimit", Ops: addReplace, Apply: func(d *usagePlanDraft, op patch.Op) error {
			if d.Throttle == nil {
				d.Throttle = &apigw.ThrottleSettings{}
			}
			return setLimit(d.Throttle, "burstLimit", op)
		}},
		{Path: "/productCode", Ops: anyChange, Apply: func(d *usagePlanDraft, op patch.Op) error {
			d.ProductCode = nil
			if op.Kind == patch.Remove {
				return nil
			}
			return setText(&d.ProductCode, op)
		}},
		{Path: "/apiStages/{stage}/throttle/{method...}", Listed: "/apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>", Ops: anyChange, Apply: patchMethodThrottle},
		{Path: "/apiStages/{stage}/throttle", Listed: "/apiStages/<apidId:stageName>/throttle", Ops: anyChange, Apply: patchStageThrottle},
	},
}

func (d *usagePlanDraft) quota() *apigw.QuotaSettings {
	if d.Quota == nil {
		d.Quota = &apigw.QuotaSettings{}
	}
	return d.Quota
}

// stage finds "api:stage" in the plan; with add it joins if it is not there.
// Recorded for a remove; an add follows it.
func (d *usagePlanDraft) stage(value string, add bool) (int, error) {
	api, stage, ok := strings.Cut(value, ":")
	if !ok || strings.Contains(stage, ":") {
		return 0, fault.BadRequestf("Invalid API Stage specified")
	}
	i := slices.IndexFunc(d.ApiStages, func(s apigw.ApiStage) bool {
		return apigw.Val(s.ApiId) == api && apigw.Val(s.Stage) == stage
	})
	if i >= 0 {
		return i, nil
	}
	if !add || !d.tx.exists(d.tx.scope.StageKey(api, stage)) {
		return 0, fault.NotFoundf("Invalid API Stage {api: %s, stage: %s} specified for usageplan %s", api, stage, *d.Id)
	}
	d.ApiStages = append(d.ApiStages, apigw.ApiStage{ApiId: &api, Stage: &stage})
	return len(d.ApiStages) - 1, nil
}

// setLimit sets one of the two limits of a throttle.
func setLimit(t *apigw.ThrottleSettings, name string, op patch.Op) error {
	if name == "burstLimit" {
		n, ok := op.Int()
		if !ok {
			n = -1 // refused when the whole is checked
		}
		t.BurstLimit = &n
		return nil
	}
	rate, ok := op.Double()
	if !ok {
		rate = -1
	}
	t.RateLimit = new(apigw.Double(rate))
	return nil
}

// patchStageThrottle sets the throttles of all methods of a stage, or none.
func patchStageThrottle(d *usagePlanDraft, op patch.Op) error {
	i, err := d.stage(op.Args[0], false)
	if err != nil {
		return err
	}
	d.ApiStages[i].Throttle = nil
	if op.Kind == patch.Remove {
		return nil
	}
	throttles := map[string]apigw.ThrottleSettings{}
	if err := json.Unmarshal([]byte(op.Value()), &throttles); err != nil {
		return fault.BadRequestf("Invalid patch value  '%s' specified for op '%s'. Must be a JSON object", op.Value(), op.Name) // assumed
	}
	if len(throttles) > 0 {
		d.ApiStages[i].Throttle = throttles
	}
	return nil
}

// patchMethodThrottle sets a limit of one method, or removes both. The
// resource may be escaped ("~1pets/GET/rateLimit") or plain, with its own
// slash ("/pets/GET/rateLimit").
func patchMethodThrottle(d *usagePlanDraft, op patch.Op) error {
	i, err := d.stage(op.Args[0], false)
	if err != nil {
		return err
	}
	key, limit := op.Args[1], ""
	if op.Kind != patch.Remove {
		cut := strings.LastIndexByte(key, '/')
		if cut < 0 || key[cut+1:] != "rateLimit" && key[cut+1:] != "burstLimit" {
			return patch.ErrNoPath
		}
		key, limit = key[:cut], key[cut+1:]
	}
	key = throttleKey(key)
	if !validThrottleKey(key) {
		return errThrottleKey(key)
	}
	throttles := d.ApiStages[i].Throttle
	t, exists := throttles[key]
	if op.Kind == patch.Remove {
		if !exists {
			return errThrottleKey(key)
		}
		delete(throttles, key)
		if len(throttles) == 0 {
			d.ApiStages[i].Throttle = nil
		}
		return nil
	}
	if throttles == nil {
		throttles = map[string]apigw.ThrottleSettings{}
	}
	if err := setLimit(&t, limit, op); err != nil {
		return err
	}
	throttles[key] = t
	d.ApiStages[i].Throttle = throttles
	return nil
}

// throttleKey returns the form in which answers show a method: "/pets/GET", for
// the root "//GET".
func throttleKey(text string) string {
	i := strings.LastIndexByte(text, '/')
	if i < 0 {
		return text
	}
	resource, verb := patch.Unescape(text[:i]), text[i+1:]
	if !strings.HasPrefix(resource, "/") {
		resource = "/" + resource
	}
	return resource + "/" + verb
}
