package rollout

import (
	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/gateway/live"
	"github.com/postern-gateway/postern/store/mirror"
)

// applyKey brings a change of an API key, of a usage plan, of a key's place in a
// plan, of a VPC link or of a custom domain name to the data plane. Entries come
// sorted by key, so a key is known before its places in plans are.
func (r *Rollout) applyKey(k domain.Key, key string, now mirror.View) {
	scope := live.Scope{Account: k.Account, Region: k.Region}
	switch {
	case k.Kind == "apikey" && len(k.Rest) == 1:
		r.applyAPIKey(scope, k, key, now)
	case k.Kind == "plan" && len(k.Rest) == 1:
		r.applyPlan(scope, k.Rest[0], key, now)
	case k.Kind == "plankey" && len(k.Rest) == 2:
		_, member := now.Get(key)
		r.keys.SetMember(scope, k.Rest[0], k.Rest[1], member)
	case k.Kind == "domain" || k.Kind == "mapping":
		r.names.apply(k, key, now)
	case k.Kind == "vpclink" && len(k.Rest) == 1:
		r.applyLink(scope, k.Rest[0], key, now)
	}
}

func (r *Rollout) applyLink(scope live.Scope, id, key string, now mirror.View) {
	entry, ok := now.Get(key)
	if !ok {
		r.live.Links.Remove(scope, id)
		return
	}
	record, err := domain.Decode[apigw.VpcLink, domain.VPCLinkExt](key, entry.Value)
	if err != nil {
		r.log.Error("a VPC link keeps its old state", "id", id, "error", err)
		return
	}
	link := live.Link{Ready: record.Ext.Ready}
	if targets := record.Shape.TargetArns; len(targets) > 0 {
		link.Target = targets[0]
	}
	r.live.Links.Set(scope, id, link)
}

func (r *Rollout) applyAPIKey(scope live.Scope, k domain.Key, key string, now mirror.View) {
	id := k.Rest[0]
	entry, ok := now.Get(key)
	if !ok {
		r.keys.RemoveKey(scope, id)
		return
	}
	record, err := domain.Decode[apigw.ApiKey, domain.APIKeyExt](key, entry.Value)
	if err != nil {
		r.log.Error("an API key keeps its old state", "id", id, "error", err)
		return
	}
	r.keys.SetKey(scope, id, record.Ext.Value, apigw.Val(record.Shape.Enabled))
}

func (r *Rollout) applyPlan(scope live.Scope, id, key string, now mirror.View) {
	entry, ok := now.Get(key)
	if !ok {
		r.keys.RemovePlan(scope, id)
		return
	}
	record, err := domain.Decode[apigw.UsagePlan, domain.OrderExt](key, entry.Value)
	if err != nil {
		r.log.Error("a usage plan keeps its old state", "id", id, "error", err)
		return
	}
	plan := &live.Plan{Stages: map[live.Stage]bool{}}
	for _, stage := range record.Shape.ApiStages {
		plan.Stages[live.Stage{API: apigw.Val(stage.ApiId), Stage: apigw.Val(stage.Stage)}] = true
	}
	r.keys.SetPlan(scope, id, plan)
}
