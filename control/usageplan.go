package control

import (
	"context"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

// errNoUsagePlan. Recorded.
func errNoUsagePlan() error { return fault.NotFoundf("Invalid Usage Plan ID specified") }

// quotaOffsets is the highest offset of each period. Quoted by users.
var quotaOffsets = map[string]int32{
	apigw.QuotaPeriodType_DAY: 0, apigw.QuotaPeriodType_WEEK: 6, apigw.QuotaPeriodType_MONTH: 27,
}

// checkQuota. Quoted by users, the three texts.
func checkQuota(q *apigw.QuotaSettings) error {
	if q == nil {
		return nil
	}
	highest, ok := quotaOffsets[apigw.Val(q.Period)]
	switch offset := apigw.Val(q.Offset); {
	case apigw.Val(q.Limit) < 1:
		return fault.BadRequestf("Usage Plan quota limit must be a non-negative numeric")
	case !ok:
		return fault.BadRequestf("Invalid Usage Plan quota period specified. Must be one of [DAY, WEEK, MONTH]")
	case offset < 0 || offset > highest:
		return fault.BadRequestf("Usage Plan quota offset must be between 0 and %d inclusive in the %s period", highest, *q.Period)
	}
	if q.Offset == nil {
		q.Offset = new(int32(0)) // Recorded.
	}
	return nil
}

// checkPlanThrottle. The wording is assumed.
func checkPlanThrottle(t *apigw.ThrottleSettings) error {
	if t == nil {
		return nil
	}
	if t.BurstLimit != nil && *t.BurstLimit < 0 {
		return fault.BadRequestf("Usage Plan burst limit must be a non-negative integer")
	}
	if t.RateLimit != nil && *t.RateLimit < 0 {
		return fault.BadRequestf("Usage Plan rate limit must be a non-negative number")
	}
	return nil
}

// checkPlan holds the rules over the whole of a usage plan.
func checkPlan(p *apigw.UsagePlan) error {
	if apigw.Val(p.Name) == "" {
		return fault.BadRequestf("Usage Plan name cannot be empty") // assumed
	}
	if err := checkPlanThrottle(p.Throttle); err != nil {
		return err
	}
	for _, stage := range p.ApiStages {
		for _, key := range sortedKeys(stage.Throttle) {
			if !validThrottleKey(key) {
				return errThrottleKey(key)
			}
			if err := checkPlanThrottle(new(stage.Throttle[key])); err != nil {
				return err
			}
		}
	}
	return checkQuota(p.Quota)
}

// throttleCounts returns how many methods of each stage have a throttle.
func throttleCounts(stages []apigw.ApiStage) map[string]int {
	counts := map[string]int{}
	for _, stage := range stages {
		counts[apigw.Val(stage.ApiId)+":"+apigw.Val(stage.Stage)] += len(stage.Throttle)
	}
	return counts
}

// checkThrottles refuses more throttles of methods than a stage may have. What
// a plan had before stays: the quota may have been a higher one.
func (s *Service) checkThrottles(before map[string]int, stages []apigw.ApiStage) error {
	for stage, n := range throttleCounts(stages) {
		if n > before[stage] {
			if err := s.Quotas.check(ThrottlesPerStage, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// validThrottleKey reads "/pets/GET" or, for the root, "//GET".
func validThrottleKey(key string) bool {
	i := strings.LastIndexByte(key, '/')
	return i > 0 && key[0] == '/' && slices.Contains(verbs, key[i+1:])
}

// errThrottleKey. Quoted by users.
func errThrottleKey(key string) error {
	return fault.BadRequestf("Invalid method {resourcePath: %s,method: } specified", key)
}

// CreateUsagePlan makes a usage plan.
func (s *Service) CreateUsagePlan(ctx context.Context, in *apigw.CreateUsagePlanRequest) (*apigw.UsagePlan, error) {
	var out *apigw.UsagePlan
	err := s.change(ctx, "usage-plans", func(t *tx) error {
		p := apigw.UsagePlan{
			Id: new(s.IDs.Part()), Name: in.Name, Description: apigw.Text(apigw.Val(in.Description)),
			ApiStages: in.ApiStages, Throttle: in.Throttle, Quota: in.Quota, Tags: in.Tags,
		}
		if p.ApiStages == nil {
			p.ApiStages = []apigw.ApiStage{}
		}
		if err := checkPlan(&p); err != nil {
			return err
		}
		if err := s.checkThrottles(nil, p.ApiStages); err != nil {
			return err
		}
		for _, stage := range p.ApiStages {
			if !t.exists(t.scope.StageKey(apigw.Val(stage.ApiId), apigw.Val(stage.Stage))) {
				return fault.NotFoundf("API Stage not found")
			}
		}
		if err := s.checkTags(in.Tags); err != nil {
			return err
		}
		if err := s.Quotas.check(UsagePlansPerRegion, t.view.Count(t.scope.UsagePlans())+1); err != nil {
			return err
		}
		t.put(t.scope.UsagePlanKey(*p.Id), domain.New(p, t.order()))
		p.Tags = presentTags(p.Tags, false)
		out = &p
		return nil
	})
	return out, err
}

func (t *tx) usagePlan(id string) (*domain.UsagePlan, error) {
	r, ok, err := get[apigw.UsagePlan, domain.OrderExt](t, t.scope.UsagePlanKey(id))
	if err == nil && !ok {
		err = errNoUsagePlan()
	}
	return r, err
}

// GetUsagePlan answers one plan. Recorded: it shows empty tags.
func (s *Service) GetUsagePlan(ctx context.Context, in *apigw.GetUsagePlanRequest) (*apigw.UsagePlan, error) {
	var out *apigw.UsagePlan
	err := s.read(ctx, func(t *tx) error {
		r, err := t.usagePlan(in.UsagePlanId)
		if err == nil {
			r.Shape.Tags = presentTags(r.Shape.Tags, true)
			out = &r.Shape
		}
		return err
	})
	return out, err
}

// GetUsagePlans lists plans by creation, all of them or those of an API key.
func (s *Service) GetUsagePlans(ctx context.Context, in *apigw.GetUsagePlansRequest) (*apigw.UsagePlans, error) {
	out := &apigw.UsagePlans{Items: []apigw.UsagePlan{}}
	err := s.read(ctx, func(t *tx) error {
		items := []*domain.UsagePlan{}
		for r, err := range scan[apigw.UsagePlan, domain.OrderExt](t, t.scope.UsagePlans()) {
			if err != nil {
				return err
			}
			if in.KeyId == nil || t.exists(t.scope.PlanKey(*r.Shape.Id, *in.KeyId)) {
				items = append(items, r)
			}
		}
		key := func(r *domain.UsagePlan) string { return newestFirst(-r.Ext.Order, r.Shape.Id) }
		sortBy(items, key)
		shown, position, err := page(items, key, in.Position, in.Limit)
		for _, r := range shown {
			r.Shape.Tags = presentTags(r.Shape.Tags, false)
			out.Items = append(out.Items, r.Shape)
		}
		out.Position = position
		return err
	})
	return out, err
}

// UpdateUsagePlan patches a plan.
func (s *Service) UpdateUsagePlan(ctx context.Context, in *apigw.UpdateUsagePlanRequest) (*apigw.UsagePlan, error) {
	var out *apigw.UsagePlan
	err := s.update(ctx, "usage-plans", in.PatchOperations, func(t *tx) error {
		r, err := t.usagePlan(in.UsagePlanId)
		if err != nil {
			return err
		}
		throttles := throttleCounts(r.Shape.ApiStages)
		if err := usagePlanPatch.Apply(&usagePlanDraft{&r.Shape, t}, in.PatchOperations); err != nil {
			return err
		}
		if err := s.checkThrottles(throttles, r.Shape.ApiStages); err != nil {
			return err
		}
		t.put(t.scope.UsagePlanKey(in.UsagePlanId), r)
		r.Shape.Tags = presentTags(r.Shape.Tags, true)
		out = &r.Shape
		return nil
	})
	return out, err
}

// DeleteUsagePlan removes a plan that covers no stage. Quoted by users.
func (s *Service) DeleteUsagePlan(ctx context.Context, in *apigw.DeleteUsagePlanRequest) error {
	return s.change(ctx, "usage-plans", func(t *tx) error {
		r, err := t.usagePlan(in.UsagePlanId)
		if err != nil {
			return err
		}
		if len(r.Shape.ApiStages) > 0 {
			first := r.Shape.ApiStages[0]
			return fault.BadRequestf("Cannot delete Usage Plan %s because there are API Stages associated with it, including %s:%s",
				in.UsagePlanId, apigw.Val(first.ApiId), apigw.Val(first.Stage))
		}
		t.delete(t.scope.UsagePlanKey(in.UsagePlanId))
		t.deleteAll(t.scope.PlanKeys(in.UsagePlanId))
		t.deleteAll(t.scope.Usages(in.UsagePlanId))
		return nil
	})
}

// leavePlans takes the stages of an API, or one of them, out of all usage
// plans: an association goes with its stage.
func (t *tx) leavePlans(api, stage string) error {
	for r, err := range scan[apigw.UsagePlan, domain.OrderExt](t, t.scope.UsagePlans()) {
		if err != nil {
			return err
		}
		kept := slices.DeleteFunc(slices.Clone(r.Shape.ApiStages), func(s apigw.ApiStage) bool {
			return apigw.Val(s.ApiId) == api && (stage == "" || apigw.Val(s.Stage) == stage)
		})
		if len(kept) == len(r.Shape.ApiStages) {
			continue
		}
		// Read again, so that the commit depends on the plan.
		key := t.scope.UsagePlanKey(*r.Shape.Id)
		own, _, err := get[apigw.UsagePlan, domain.OrderExt](t, key)
		if err != nil {
			return err
		}
		own.Shape.ApiStages = kept
		t.put(key, own)
	}
	return nil
}
