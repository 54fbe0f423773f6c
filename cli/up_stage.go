package cli

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/template"
)

// upStage is a stage that was made here, with the settings that it has.
type upStage struct{ settings template.Stage }

// bringStage gives a stage a deployment and its settings in one UpdateStage, and
// returns the paths of the settings that changed.
func (u *up) bringStage(ctx context.Context, api *upAPI, want template.Stage, deployment string) ([]string, error) {
	i := slices.IndexFunc(api.stages, func(s *upStage) bool { return s.settings.Name == want.Name })
	if i < 0 {
		err := u.client.call(ctx, "CreateStage", &apigw.CreateStageRequest{RestApiId: api.id, StageName: &want.Name, DeploymentId: &deployment}, nil)
		if err != nil {
			return nil, err
		}
		i = len(api.stages)
		api.stages = append(api.stages, &upStage{settings: template.Stage{Name: want.Name}})
	}
	stage := api.stages[i]
	patch := stagePatch(&stage.settings, &want, deployment)
	var changed []string
	for _, op := range patch {
		changed = append(changed, want.Name+": "+*op.Op+" "+*op.Path)
	}
	patch = append([]apigw.PatchOperation{replace("/deploymentId", deployment)}, patch...)
	if want.Canary != nil {
		// A template has one deployment, so a canary differs in its variables only.
		patch = append(patch, replace("/canarySettings/deploymentId", deployment))
	}
	err := u.client.call(ctx, "UpdateStage", &apigw.UpdateStageRequest{RestApiId: api.id, StageName: want.Name, PatchOperations: patch}, nil)
	if err != nil {
		return nil, err
	}
	if err := u.tag(ctx, "/restapis/"+api.id+"/stages/"+want.Name, stage.settings.Tags, want.Tags); err != nil {
		return nil, err
	}
	stage.settings = want
	return changed, nil
}

// removeStages deletes the stages that the file does not have any more.
func (u *up) removeStages(ctx context.Context, api *upAPI, s source) error {
	var left []*upStage
	for _, stage := range api.stages {
		if slices.ContainsFunc(s.Stages, func(want template.Stage) bool { return want.Name == stage.settings.Name }) {
			left = append(left, stage)
			continue
		}
		name := stage.settings.Name
		if err := u.client.call(ctx, "DeleteStage", &apigw.DeleteStageRequest{RestApiId: api.id, StageName: name}, nil); err != nil {
			return err
		}
		if err := u.reportRemoved(api, name); err != nil {
			return err
		}
	}
	api.stages = left
	return nil
}

func replace(path, value string) apigw.PatchOperation {
	return apigw.PatchOperation{Op: new(string(apigw.Op_replace)), Path: &path, Value: &value}
}

func remove(path string) apigw.PatchOperation {
	return apigw.PatchOperation{Op: new(string(apigw.Op_remove)), Path: &path}
}

// stagePatch lists what turns the settings of a stage into others. The
// deployment is that of a new canary.
func stagePatch(before, after *template.Stage, deployment string) []apigw.PatchOperation {
	var out []apigw.PatchOperation
	change := func(path, from, to string) {
		if from != to {
			out = append(out, replace(path, to))
		}
	}
	change("/description", before.Description, after.Description)
	out = append(out, mapPatch("/variables/", before.Variables, after.Variables)...)
	change("/tracingEnabled", flag(before.TracingEnabled), flag(after.TracingEnabled))
	if after.CacheClusterSize != "" {
		change("/cacheClusterSize", before.CacheClusterSize, after.CacheClusterSize)
	}
	change("/cacheClusterEnabled", flag(before.CacheClusterEnabled), flag(after.CacheClusterEnabled))
	switch {
	case after.AccessLog == nil && before.AccessLog != nil:
		out = append(out, remove("/accessLogSettings"))
	case after.AccessLog != nil:
		old := template.AccessLog{}
		if before.AccessLog != nil {
			old = *before.AccessLog
		}
		change("/accessLogSettings/destinationArn", old.DestinationArn, after.AccessLog.DestinationArn)
		change("/accessLogSettings/format", old.Format, after.AccessLog.Format)
	}
	out = append(out, methodSettingsPatch(before.MethodSettings, after.MethodSettings)...)
	return append(out, canaryPatch(before.Canary, after.Canary, deployment)...)
}

// flag is a switch as the value of a patch operation. Absent is off.
func flag(b *bool) string { return strconv.FormatBool(apigw.Val(b)) }

func mapPatch(prefix string, before, after map[string]string) []apigw.PatchOperation {
	var out []apigw.PatchOperation
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if _, ok := after[name]; !ok {
			out = append(out, remove(prefix+name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if old, ok := before[name]; !ok || old != after[name] {
			out = append(out, replace(prefix+name, after[name]))
		}
	}
	return out
}

// methodSettingsPatch begins with "*/*", which sorts first: other new entries
// begin as copies of it. An entry that loses a member is made anew.
func methodSettingsPatch(before, after map[string]apigw.MethodSetting) []apigw.PatchOperation {
	var out []apigw.PatchOperation
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if _, ok := after[key]; !ok {
			out = append(out, remove("/"+key))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(after)) {
		old, now := settingTexts(before[key]), settingTexts(after[key])
		for path := range old {
			if _, ok := now[path]; !ok {
				out, old = append(out, remove("/"+key)), nil
				break
			}
		}
		out = append(out, mapPatch("/"+key+"/", old, now)...)
	}
	return out
}

// settingTexts are the members of a method setting that are set, by the ends of
// their patch paths.
func settingTexts(m apigw.MethodSetting) map[string]string {
	out := map[string]string{}
	for path, b := range map[string]*bool{
		"metrics/enabled": m.MetricsEnabled, "logging/dataTrace": m.DataTraceEnabled, "caching/enabled": m.CachingEnabled,
		"caching/dataEncrypted": m.CacheDataEncrypted, "caching/requireAuthorizationForCacheControl": m.RequireAuthorizationForCacheControl,
	} {
		if b != nil {
			out[path] = strconv.FormatBool(*b)
		}
	}
	for path, n := range map[string]*int32{"throttling/burstLimit": m.ThrottlingBurstLimit, "caching/ttlInSeconds": m.CacheTtlInSeconds} {
		if n != nil {
			out[path] = strconv.Itoa(int(*n))
		}
	}
	for path, s := range map[string]*string{
		"logging/loglevel": m.LoggingLevel, "caching/unauthorizedCacheControlHeaderStrategy": m.UnauthorizedCacheControlHeaderStrategy,
	} {
		if s != nil {
			out[path] = *s
		}
	}
	if m.ThrottlingRateLimit != nil {
		out["throttling/rateLimit"] = strconv.FormatFloat(float64(*m.ThrottlingRateLimit), 'g', -1, 64)
	}
	return out
}

func canaryPatch(before, after *template.Canary, deployment string) []apigw.PatchOperation {
	if after == nil {
		if before == nil {
			return nil
		}
		return []apigw.PatchOperation{remove("/canarySettings")}
	}
	old := cmp.Or(before, &template.Canary{})
	var out []apigw.PatchOperation
	if before == nil {
		out = append(out, replace("/canarySettings/deploymentId", deployment))
	}
	if now := apigw.Val(after.PercentTraffic); before == nil || now != apigw.Val(old.PercentTraffic) {
		out = append(out, replace("/canarySettings/percentTraffic", strconv.FormatFloat(now, 'g', -1, 64)))
	}
	if now := flag(after.UseStageCache); now != flag(old.UseStageCache) {
		out = append(out, replace("/canarySettings/useStageCache", now))
	}
	return append(out, mapPatch("/canarySettings/stageVariableOverrides/", old.StageVariableOverrides, after.StageVariableOverrides)...)
}
