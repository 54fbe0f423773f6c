package matrix

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/test/postern"
)

// edit is an off for a stage that needs nothing of the world.
func edit(f func(s *domain.Stage)) off {
	return off{stage: func(_ *world, s *domain.Stage) { f(s) }}
}

// editSettings is an off for every method setting of the stage.
func editSettings(f func(m *apigw.MethodSetting)) off {
	return edit(func(s *domain.Stage) {
		for key, setting := range s.Shape.MethodSettings {
			f(&setting)
			s.Shape.MethodSettings[key] = setting
		}
	})
}

// editAnswer is an off for outputs of the AWS API of one shape.
func editAnswer[T any](f func(out *T)) off {
	return off{answer: func(out any) {
		if typed, ok := out.(*T); ok {
			f(typed)
		}
	}}
}

// second makes another deployment, in which /mock says "two".
func (w *world) second() string {
	_, err := w.UpdateIntegrationResponse(w.ctx, &apigateway.UpdateIntegrationResponseInput{
		RestApiId: &w.api.ID, ResourceId: new(w.resource("/mock")), HttpMethod: new("GET"), StatusCode: new("200"),
		PatchOperations: []types.PatchOperation{postern.Replace("/responseTemplates/application~1json", "two")},
	})
	must(err)
	made, err := w.CreateDeployment(w.ctx, &apigateway.CreateDeploymentInput{RestApiId: &w.api.ID})
	must(err)
	return *made.Id
}

func (w *world) resource(path string) string {
	list, err := w.GetResources(w.ctx, &apigateway.GetResourcesInput{RestApiId: &w.api.ID})
	must(err)
	for _, r := range list.Items {
		if *r.Path == path {
			return *r.Id
		}
	}
	failf("no resource %s", path)
	return ""
}

// canary makes a canary of another deployment that gets all traffic.
func (w *world) canary(more ...string) {
	w.patch(append([]string{"/canarySettings/deploymentId", w.second(), "/canarySettings/percentTraffic", "100"}, more...)...)
}

const isoDate = time.RFC3339

// rows are in the order of no importance: the document has that of the model.
var rows = []row{
	{"Stage.deploymentId", traffic, "which deployment answers; a change holds for the next request", func(w *world) {
		expect("first deployment", w.get("/mock").Body, "one")
		w.patch("/deploymentId", w.second())
		expect("second deployment", w.get("/mock").Body, "two")
	}, off{stage: func(w *world, s *domain.Stage) {
		if w.first != "" {
			s.Shape.DeploymentId = &w.first
		}
	}}},
	{"Stage.stageName", traffic, "the segment of the address by which the stage is reached", func(w *world) {
		expect("by its name", w.get("/mock").Status, http.StatusOK)
	}, edit(func(s *domain.Stage) { s.Shape.DeploymentId = new("none") })}, // such a stage is not served
	{"Stage.variables", traffic, "in mappings, templates, addresses of backends and gateway responses", func(w *world) {
		w.patch("/variables/v", "value")
		expect("header", w.get("/mock").Header.Get("X-Variable"), "value")
	}, edit(func(s *domain.Stage) { s.Shape.Variables = nil })},
	{"Stage.clientCertificateId", traffic, "shown to HTTPS backends that ask for a certificate", testCertificate,
		edit(func(s *domain.Stage) { s.Shape.ClientCertificateId = nil })},
	{"Stage.cacheClusterEnabled", traffic, "answers of methods that cache are kept", func(w *world) {
		w.cacheOn()
		expect("first call", w.called("/pets"), 1)
		expect("second call", w.called("/pets"), 0)
		w.patch("/cacheClusterEnabled", "false")
		expect("without a cluster", w.called("/pets"), 1)
	}, edit(func(s *domain.Stage) { s.Shape.CacheClusterEnabled = new(false) })},
	{"Stage.cacheClusterSize", traffic, "how many bytes of answers are kept; another size begins empty", func(w *world) {
		w.cacheOn("/cacheClusterSize", "0.5")
		w.called("/pets")
		w.patch("/cacheClusterSize", "1.6")
		w.clock(`{"advance": "1s"}`)
		expect("after another size", w.called("/pets"), 1)
	}, edit(func(s *domain.Stage) { s.Ext.CacheSize, s.Ext.CacheGeneration = "0.5", 0 })},
	{"Stage.cacheClusterStatus", answer, "whether the cluster is there, and works", func(w *world) {
		expect("at first", w.stage().CacheClusterStatus, types.CacheClusterStatusNotAvailable)
		w.clock(`{"frozen": true}`)
		expect("being made", w.patch("/cacheClusterEnabled", "true").CacheClusterStatus, types.CacheClusterStatusCreateInProgress)
		w.clock(`{"advance": "1s"}`)
		expect("made", w.stage().CacheClusterStatus, types.CacheClusterStatusAvailable)
	}, editAnswer(func(s *apigw.Stage) { s.CacheClusterStatus = nil })},
	{"Stage.methodSettings", traffic, "settings of all methods (*/*) and of single ones; the rows of MethodSetting say which", func(w *world) {
		w.patch("/*/*/throttling/burstLimit", "0", "/~1mock/GET/throttling/burstLimit", "100")
		expect("the setting of all methods", w.get("/pets").Status, http.StatusTooManyRequests)
		expect("the method's own", w.get("/mock").Status, http.StatusOK)
	}, edit(func(s *domain.Stage) { s.Shape.MethodSettings = nil })},
	{"Stage.canarySettings", traffic, "a part of the requests goes to another release; the rows of CanarySettings say how", func(w *world) {
		w.canary()
		expect("the canary", w.get("/mock").Body, "two")
		_, err := w.UpdateStage(w.ctx, &apigateway.UpdateStageInput{RestApiId: &w.api.ID, StageName: new(stageName), PatchOperations: []types.PatchOperation{postern.Remove("/canarySettings")}})
		must(err)
		expect("after the canary", w.get("/mock").Body, "one")
	}, edit(func(s *domain.Stage) { s.Shape.CanarySettings = nil })},
	{"Stage.description", answer, "shown", func(w *world) {
		w.patch("/description", "text")
		expect("description", *orEmpty(w.stage().Description), "text")
	}, editAnswer(func(s *apigw.Stage) { s.Description = nil })},
	{"Stage.documentationVersion", answer, "its parts are in exports of the stage", testDocumentation, editAnswer(func(e *apigw.ExportResponse) {
		e.Body = bytes.ReplaceAll(e.Body, []byte("the documented API"), nil)
	})},
	{"Stage.tags", answer, "shown with the stage and by GetTags", func(w *world) {
		arn := "arn:aws:apigateway:" + postern.Region + "::/restapis/" + w.api.ID + "/stages/" + stageName
		_, err := w.TagResource(w.ctx, &apigateway.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"team": "pets"}})
		must(err)
		expect("tags of the stage", w.stage().Tags["team"], "pets")
		tags, err := w.GetTags(w.ctx, &apigateway.GetTagsInput{ResourceArn: &arn})
		must(err)
		expect("GetTags", tags.Tags["team"], "pets")
	}, editAnswer(func(s *apigw.Stage) { s.Tags = nil })},
	{"Stage.createdDate", answer, "when the stage was made", func(w *world) {
		before := w.stage()
		w.clock(`{"frozen": true, "advance": "1h"}`)
		w.patch("/description", "later")
		expect("after a change", date(w.stage().CreatedDate), date(before.CreatedDate))
		expect("a date", w.stage().CreatedDate != nil, true)
	}, editAnswer(func(s *apigw.Stage) { s.CreatedDate = nil })},
	{"Stage.lastUpdatedDate", answer, "when the stage was last changed", func(w *world) {
		before := w.stage()
		w.clock(`{"frozen": true, "advance": "1h"}`)
		w.patch("/description", "later")
		expect("it moves", w.stage().LastUpdatedDate.After(orNever(before.LastUpdatedDate).Add(50*time.Minute)), true)
	}, editAnswer(func(s *apigw.Stage) { s.LastUpdatedDate = s.CreatedDate })},
	{"Stage.tracingEnabled", traffic, "sampled requests are spans; their backends see them as parents", func(w *world) {
		const client = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
		traced := func() string { return w.get("/pets", "X-Amzn-Trace-Id", client).Header.Get("X-Trace") }
		expect("without tracing", traced(), client)
		w.patch("/tracingEnabled", "true")
		expect("the client's parent with tracing", strings.Contains(traced(), "Parent=53995c3f42cd8ad8"), false)
	}, edit(func(s *domain.Stage) { s.Shape.TracingEnabled = nil })},
	{"MethodSetting.metricsEnabled", traffic, "the method has metrics of its own besides those of the stage", func(w *world) {
		own := func() bool {
			return strings.Contains(w.own("/metrics"), `method="GET",release="production",resource="/mock"`)
		}
		w.get("/mock")
		expect("without the setting", own(), false)
		w.patch("/~1mock/GET/metrics/enabled", "true")
		w.get("/mock")
		expect("with the setting", own(), true)
	}, editSettings(func(m *apigw.MethodSetting) { m.MetricsEnabled = nil })},
	{"Stage.webAclArn", gap, "web ACLs are not evaluated", nil, off{}},

	{"MethodSetting.throttlingBurstLimit", traffic, "requests that a method takes at once", func(w *world) {
		w.clock(`{"frozen": true}`)
		w.patch("/*/*/throttling/rateLimit", "1", "/*/*/throttling/burstLimit", "3")
		expect("admitted at once", w.admitted("/mock"), 3)
	}, editSettings(func(m *apigw.MethodSetting) { m.ThrottlingBurstLimit = new(int32(50)) })},
	{"MethodSetting.throttlingRateLimit", traffic, "requests a second that a method takes", func(w *world) {
		w.clock(`{"frozen": true}`)
		w.patch("/*/*/throttling/rateLimit", "2", "/*/*/throttling/burstLimit", "3")
		w.admitted("/mock")
		w.clock(`{"advance": "1s"}`)
		expect("admitted a second later", w.admitted("/mock"), 2)
	}, editSettings(func(m *apigw.MethodSetting) { m.ThrottlingRateLimit = new(apigw.Double(1)) })},
	{"MethodSetting.cachingEnabled", traffic, "answers of the method are kept", func(w *world) {
		w.cacheOn()
		w.called("/pets")
		expect("second call", w.called("/pets"), 0)
	}, editSettings(func(m *apigw.MethodSetting) { m.CachingEnabled = new(false) })},
	{"MethodSetting.cacheTtlInSeconds", traffic, "how long an answer is kept", func(w *world) {
		w.cacheOn()
		w.called("/pets")
		w.clock(`{"advance": "99s"}`)
		expect("after 99 of 100 s", w.called("/pets"), 0)
		w.clock(`{"advance": "1s"}`)
		expect("after 100 s", w.called("/pets"), 1)
	}, editSettings(func(m *apigw.MethodSetting) { m.CacheTtlInSeconds = new(int32(300)) })},
	{"MethodSetting.cacheDataEncrypted", traffic, "answers are kept encrypted (AES-256-GCM); those of the other kind are misses", func(w *world) {
		w.cacheOn("/*/*/caching/dataEncrypted", "true")
		w.called("/pets")
		if list := w.own("/_postern/cache/" + w.api.ID + "/" + stageName); !strings.Contains(list, `"encrypted":true`) {
			failf("entries: %s", list)
		}
	}, editSettings(func(m *apigw.MethodSetting) { m.CacheDataEncrypted = new(false) })},
	{"MethodSetting.requireAuthorizationForCacheControl", traffic, "whether clients need a permission to renew an entry", func(w *world) {
		w.cacheOn("/*/*/caching/requireAuthorizationForCacheControl", "true")
		w.called("/pets")
		expect("without the permission", w.called("/pets", "Cache-Control", "max-age=0"), 0)
	}, editSettings(func(m *apigw.MethodSetting) { m.RequireAuthorizationForCacheControl = new(false) })},
	{"MethodSetting.unauthorizedCacheControlHeaderStrategy", traffic, "what clients get who may not renew an entry", func(w *world) {
		w.cacheOn("/*/*/caching/unauthorizedCacheControlHeaderStrategy", "FAIL_WITH_403")
		expect("status", w.get("/pets", "Cache-Control", "max-age=0").Status, http.StatusForbidden)
	}, editSettings(func(m *apigw.MethodSetting) {
		m.UnauthorizedCacheControlHeaderStrategy = new("SUCCEED_WITHOUT_RESPONSE_HEADER")
	})},

	{"Stage.accessLogSettings", traffic, "one line for each request goes to a log group or delivery stream", func(w *world) {
		w.accessLog("$context.requestId $context.status")
		w.get("/mock")
		expect("lines", len(w.lines("/access")), 1)
	}, edit(func(s *domain.Stage) { s.Shape.AccessLogSettings = nil })},
	{"AccessLogSettings.format", traffic, "what the line says, in $context variables", func(w *world) {
		w.accessLog("$context.requestId $context.httpMethod $context.resourcePath $context.status")
		id := w.get("/mock").Header.Get("x-amzn-RequestId")
		expect("line", w.lines("/access")[0], id+" GET /mock 200")
	}, edit(func(s *domain.Stage) {
		if log := s.Shape.AccessLogSettings; log != nil {
			log.Format = new("$context.requestId")
		}
	})},
	{"AccessLogSettings.destinationArn", traffic, "the log group or the Firehose delivery stream of the lines", func(w *world) {
		w.accessLog("$context.requestId")
		w.patch("/accessLogSettings/destinationArn", logGroup("/other"))
		w.get("/mock")
		expect("lines", len(w.lines("/other")), 1)
	}, edit(func(s *domain.Stage) {
		if log := s.Shape.AccessLogSettings; log != nil {
			log.DestinationArn = new(logGroup("/access"))
		}
	})},
	{"MethodSetting.loggingLevel", traffic, "the lines of the execution log: OFF, ERROR (failures and final statuses) or INFO", func(w *world) {
		w.patch("/*/*/logging/loglevel", "INFO")
		w.get("/mock")
		expect("it tells that it begins", w.logged("Starting execution for request: "), true)
	}, editSettings(func(m *apigw.MethodSetting) { m.LoggingLevel = new("ERROR") })},
	{"MethodSetting.dataTraceEnabled", traffic, "the execution log has payloads and headers too", func(w *world) {
		w.patch("/*/*/logging/loglevel", "INFO", "/*/*/logging/dataTrace", "true")
		w.get("/mock")
		expect("it tells the answer", w.logged("Method response body after transformations: one"), true)
	}, editSettings(func(m *apigw.MethodSetting) { m.DataTraceEnabled = new(false) })},

	{"CanarySettings.percentTraffic", traffic, "the canary's share of the requests, fractions included", func(w *world) {
		w.canary()
		expect("all", w.get("/mock").Body, "two")
		w.patch("/canarySettings/percentTraffic", "0")
		expect("none", w.get("/mock").Body, "one")
	}, edit(func(s *domain.Stage) {
		if c := s.Shape.CanarySettings; c != nil {
			c.PercentTraffic = new(apigw.Double(100))
		}
	})},
	{"CanarySettings.deploymentId", traffic, "what the canary runs", func(w *world) {
		w.canary()
		expect("the canary", w.get("/mock").Body, "two")
	}, edit(func(s *domain.Stage) {
		if c := s.Shape.CanarySettings; c != nil {
			c.DeploymentId = s.Shape.DeploymentId
		}
	})},
	{"CanarySettings.stageVariableOverrides", traffic, "variables that the canary sees instead", func(w *world) {
		w.canary("/variables/v", "stage", "/canarySettings/stageVariableOverrides/v", "canary")
		expect("header", w.get("/mock").Header.Get("X-Variable"), "canary")
	}, edit(func(s *domain.Stage) {
		if c := s.Shape.CanarySettings; c != nil {
			c.StageVariableOverrides = nil
		}
	})},
	{"CanarySettings.useStageCache", traffic, "whether the canary uses the stage's cache", func(w *world) {
		w.cacheOn()
		w.canary("/canarySettings/useStageCache", "true")
		w.called("/pets")
		expect("second call", w.called("/pets"), 0)
		w.patch("/canarySettings/useStageCache", "false")
		expect("without it", w.called("/pets"), 1)
	}, edit(func(s *domain.Stage) {
		if c := s.Shape.CanarySettings; c != nil {
			c.UseStageCache = new(false)
		}
	})},
}

func orEmpty(s *string) *string {
	if s == nil {
		return new("")
	}
	return s
}

func orNever(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func date(t *time.Time) string { return orNever(t).Format(isoDate) }
