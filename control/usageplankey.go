package control

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/patch"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

// keyType is the one kind of keys that a usage plan has.
const keyType = "API_KEY"

// addPlanKey puts an API key into a plan. The guide: of the plans with one
// stage, a key is in one at most. The texts are assumed.
func (s *Service) addPlanKey(t *tx, plan, key string) error {
	p, err := t.usagePlan(plan)
	if err != nil {
		return err
	}
	place := t.scope.PlanKey(plan, key)
	if t.exists(place) {
		return fault.Conflictf("Usage Plan %s already contains API Key %s", plan, key)
	}
	plans := 1
	for _, w := range t.writes { // an import adds several at once
		if k, _ := domain.ParseKey(w.Key); strings.HasPrefix(w.Key, t.scope.AllPlanKeys()) && k.Rest[1] == key {
			plans++
		}
	}
	t.settled(t.scope.AllPlanKeys())
	for entry := range t.view.Scan(t.scope.AllPlanKeys()) {
		k, _ := domain.ParseKey(entry.Key)
		if k.Rest[1] != key {
			continue
		}
		plans++
		other, err := t.usagePlan(k.Rest[0])
		if err != nil {
			return err
		}
		for _, stage := range p.Shape.ApiStages {
			if slices.ContainsFunc(other.Shape.ApiStages, func(s apigw.ApiStage) bool {
				return *s.ApiId == *stage.ApiId && *s.Stage == *stage.Stage
			}) {
				return fault.Conflictf("API Key %s is already in Usage Plan %s with API Stage %s:%s", key, k.Rest[0], *stage.ApiId, *stage.Stage)
			}
		}
	}
	if err := s.Quotas.check(UsagePlansPerKey, plans); err != nil {
		return err
	}
	t.put(place, domain.New(apigw.UsagePlanKey{Id: &key, Type: new(keyType)}, t.order()))
	return nil
}

// presentPlanKey returns a key of a plan as answers show it.
func (t *tx) presentPlanKey(id string) (*apigw.UsagePlanKey, error) {
	k, err := t.apiKey(id)
	if err != nil {
		return nil, err
	}
	return &apigw.UsagePlanKey{Id: k.Shape.Id, Type: new(keyType), Name: k.Shape.Name, Value: new(k.Ext.Value)}, nil
}

// CreateUsagePlanKey puts an API key into a plan.
func (s *Service) CreateUsagePlanKey(ctx context.Context, in *apigw.CreateUsagePlanKeyRequest) (*apigw.UsagePlanKey, error) {
	var out *apigw.UsagePlanKey
	err := s.change(ctx, "api-keys", func(t *tx) error {
		if _, err := t.usagePlan(in.UsagePlanId); err != nil {
			return err
		}
		if apigw.Val(in.KeyType) != keyType {
			return fault.BadRequestf("Usage Plan Keys must be of type API_KEY") // assumed
		}
		if _, err := t.apiKey(apigw.Val(in.KeyId)); err != nil {
			return err
		}
		if err := s.addPlanKey(t, in.UsagePlanId, *in.KeyId); err != nil {
			return err
		}
		var err error
		out, err = t.presentPlanKey(*in.KeyId)
		return err
	})
	return out, err
}

func (t *tx) planKey(plan, key string) error {
	if _, err := t.usagePlan(plan); err != nil {
		return err
	}
	if !t.exists(t.scope.PlanKey(plan, key)) {
		return fault.NotFoundf("Invalid Usage Plan Key identifier specified") // assumed
	}
	return nil
}

// GetUsagePlanKey answers one key of a plan.
func (s *Service) GetUsagePlanKey(ctx context.Context, in *apigw.GetUsagePlanKeyRequest) (*apigw.UsagePlanKey, error) {
	var out *apigw.UsagePlanKey
	err := s.read(ctx, func(t *tx) error {
		err := t.planKey(in.UsagePlanId, in.KeyId)
		if err == nil {
			out, err = t.presentPlanKey(in.KeyId)
		}
		return err
	})
	return out, err
}

// GetUsagePlanKeys lists the keys of a plan, the newest first. Recorded, and
// that an unknown plan has none.
func (s *Service) GetUsagePlanKeys(ctx context.Context, in *apigw.GetUsagePlanKeysRequest) (*apigw.UsagePlanKeys, error) {
	out := &apigw.UsagePlanKeys{}
	err := s.read(ctx, func(t *tx) error {
		type entry struct {
			order int64
			shown apigw.UsagePlanKey
		}
		items := []entry{}
		for r, err := range scan[apigw.UsagePlanKey, domain.OrderExt](t, t.scope.PlanKeys(in.UsagePlanId)) {
			if err != nil {
				return err
			}
			shown, err := t.presentPlanKey(*r.Shape.Id)
			if err != nil {
				return err
			}
			if strings.HasPrefix(apigw.Val(shown.Name), apigw.Val(in.NameQuery)) {
				items = append(items, entry{r.Ext.Order, *shown})
			}
		}
		key := func(e entry) string { return newestFirst(e.order, e.shown.Id) }
		sortBy(items, key)
		part, position, err := page(items, key, in.Position, in.Limit)
		out.Items, out.Position = []apigw.UsagePlanKey{}, position
		for _, e := range part {
			out.Items = append(out.Items, e.shown)
		}
		return err
	})
	return out, err
}

// DeleteUsagePlanKey takes a key out of a plan.
func (s *Service) DeleteUsagePlanKey(ctx context.Context, in *apigw.DeleteUsagePlanKeyRequest) error {
	return s.change(ctx, "api-keys", func(t *tx) error {
		if err := t.planKey(in.UsagePlanId, in.KeyId); err != nil {
			return err
		}
		t.delete(t.scope.PlanKey(in.UsagePlanId, in.KeyId))
		t.delete(t.scope.Usage(in.UsagePlanId, in.KeyId))
		return nil
	})
}

const (
	day          = "2006-01-02"
	maxUsageDays = 90 // seen in an emulator
)

// GetUsage answers the use of a plan per key and day: what was used and what
// remained. Use is not counted yet; see the register of gaps.
func (s *Service) GetUsage(ctx context.Context, in *apigw.GetUsageRequest) (*apigw.Usage, error) {
	start, err1 := time.Parse(day, apigw.Val(in.StartDate))
	end, err2 := time.Parse(day, apigw.Val(in.EndDate))
	switch {
	case err1 != nil || err2 != nil || end.Before(start):
		return nil, fault.BadRequestf("Invalid date range specified. Dates must have the form YYYY-MM-DD and the end must not precede the start.") // assumed
	case end.Sub(start) > maxUsageDays*24*time.Hour:
		return nil, fault.BadRequestf("Invalid date range specified. The range must not exceed %d days.", maxUsageDays) // assumed
	}
	out := &apigw.Usage{UsagePlanId: &in.UsagePlanId, StartDate: in.StartDate, EndDate: in.EndDate, Items: map[string][][]int64{}}
	err := s.read(ctx, func(t *tx) error {
		p, err := t.usagePlan(in.UsagePlanId)
		if err != nil {
			return err
		}
		ids := []string{}
		for r, err := range scan[apigw.UsagePlanKey, domain.OrderExt](t, t.scope.PlanKeys(in.UsagePlanId)) {
			if err != nil {
				return err
			}
			if in.KeyId == nil || *in.KeyId == *r.Shape.Id {
				ids = append(ids, *r.Shape.Id)
			}
		}
		shown, position, err := page(ids, func(id string) string { return id }, in.Position, in.Limit)
		if err != nil {
			return err
		}
		out.Position = position
		for _, id := range shown {
			if out.Items[id], err = t.usage(p, id, start, end); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// usage returns a pair of used and remaining for each day.
func (t *tx) usage(p *domain.UsagePlan, key string, start, end time.Time) ([][]int64, error) {
	var limit int64
	if p.Shape.Quota != nil {
		limit = int64(apigw.Val(p.Shape.Quota.Limit))
	}
	set, isSet, err := get[domain.UsageState, domain.None](t, t.scope.Usage(*p.Shape.Id, key))
	if err != nil {
		return nil, err
	}
	var days [][]int64
	for at := start; !at.After(end); at = at.AddDate(0, 0, 1) {
		remaining := limit
		if isSet && set.Shape.Date == at.Format(day) {
			remaining = set.Shape.Remaining
		}
		days = append(days, []int64{0, remaining})
	}
	return days, nil
}

// usageDraft is the use of a plan by a key that is being patched.
type usageDraft struct{ remaining *int64 }

var usagePatch = patch.Table[usageDraft]{
	Refuse: patch.ListsPaths,
	Rows: []patch.Row[usageDraft]{
		{Path: "/remaining", Ops: patch.Replace, Apply: func(d *usageDraft, op patch.Op) error {
			n, ok := op.Int()
			if !ok || n < 0 {
				return fault.BadRequestf("Usage Plan remaining quota must be a non-negative integer") // assumed
			}
			d.remaining = new(int64(n))
			return nil
		}},
	},
}

// UpdateUsage sets what remains today of the quota of a key in a plan.
func (s *Service) UpdateUsage(ctx context.Context, in *apigw.UpdateUsageRequest) (*apigw.Usage, error) {
	var out *apigw.Usage
	err := s.update(ctx, "api-keys", in.PatchOperations, func(t *tx) error {
		if err := t.planKey(in.UsagePlanId, in.KeyId); err != nil {
			return err
		}
		p, err := t.usagePlan(in.UsagePlanId)
		if err != nil {
			return err
		}
		if p.Shape.Quota == nil {
			return fault.BadRequestf("Usage Plan %s has no quota", in.UsagePlanId) // assumed
		}
		draft := usageDraft{}
		if err := usagePatch.Apply(&draft, in.PatchOperations); err != nil {
			return err
		}
		today := t.now.Format(day)
		if draft.remaining != nil {
			t.put(t.scope.Usage(in.UsagePlanId, in.KeyId), domain.New(domain.UsageState{Date: today, Remaining: *draft.remaining}, domain.None{}))
		}
		date, err := time.Parse(day, today)
		if err != nil {
			return err
		}
		values, err := t.usage(p, in.KeyId, date, date)
		out = &apigw.Usage{
			UsagePlanId: &in.UsagePlanId, StartDate: &today, EndDate: &today,
			Items: map[string][][]int64{in.KeyId: values},
		}
		return err
	})
	return out, err
}
