package control

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/caller"
	"github.com/postern-gateway/postern/control/stagemodel"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/store"
)

// vector is one UpdateStage of a random history: how far the clock moves
// before it, and its list.
type vector struct {
	Advance int                    `json:"advance,omitempty"` // milliseconds
	Ops     []apigw.PatchOperation `json:"ops"`
}

func (v vector) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "after %d ms:", v.Advance)
	for _, o := range v.Ops {
		data, _ := json.Marshal(o)
		fmt.Fprintf(&out, "\n\t%s", data)
	}
	return out.String()
}

// The deployments that there are in a history, and the delay of its cache.
var vectorWorld = stagemodel.World{Deployments: []string{"dep001", "dep002", "dep003"}, CacheDelay: 1500 * time.Millisecond}

// stageRun is UpdateStage without a store and a wire: the table on a draft that
// went through the encoding of the store, and the answer of it. The mutation
// test replays some thousands of histories and has no time for more.
type stageRun struct {
	service Service
	now     time.Time
	record  []byte
}

const stageRunAPI = "api0000001"

func newStageRun() *stageRun {
	r := &stageRun{now: epoch, service: Service{CacheDelay: vectorWorld.CacheDelay}}
	r.record = r.tx().newStage("prod", "dep001").Encode()
	return r
}

func (r *stageRun) tx() *tx {
	t := &tx{
		scope: domain.Scope{Account: testAccount, Region: testRegion}, caller: caller.Caller{},
		now:   apigw.Timestamp{Time: r.now},
		conds: map[string]store.Cond{}, index: map[string]int{},
	}
	for _, id := range vectorWorld.Deployments {
		t.put(t.scope.DeploymentKey(stageRunAPI, id), domain.New(apigw.Deployment{Id: &id}, domain.DeploymentExt{}))
	}
	return t
}

func (r *stageRun) load() *domain.Stage {
	stage, err := domain.Decode[apigw.Stage, domain.StageExt]("stage", r.record)
	if err != nil {
		panic(err)
	}
	return stage
}

func (r *stageRun) get() *apigw.Stage { return presentStage(r.load(), r.now) }

func (r *stageRun) update(ops []apigw.PatchOperation) (*apigw.Stage, error) {
	t, stage := r.tx(), r.load()
	if err := stagePatch.Apply(r.service.stageDraft(t, stageRunAPI, stage), ops); err != nil {
		return nil, err
	}
	stage.Shape.LastUpdatedDate = &t.now
	r.record = stage.Encode()
	return presentStage(stage, r.now), nil
}

// modelOf is the naive model of the stage that newStageRun makes.
func modelOf(stage *apigw.Stage) *stagemodel.Stage { return stagemodel.New(plain(stage), vectorWorld) }

// plain is a shape as a client sees it.
func plain(v any) map[string]any {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	var out map[string]any
	if err := json.Unmarshal(data, &out); err != nil {
		panic(err)
	}
	return out
}

func modelOps(ops []apigw.PatchOperation) []stagemodel.Op {
	out := make([]stagemodel.Op, len(ops))
	for i, o := range ops {
		out[i] = stagemodel.Op{Op: o.Op, Path: o.Path, Value: o.Value, From: o.From}
	}
	return out
}

// step runs one vector on both and returns how they differ.
func (r *stageRun) step(model *stagemodel.Stage, v vector) string {
	r.now = r.now.Add(time.Duration(v.Advance) * time.Millisecond)
	if diff := cmp.Diff(model.Get(r.now), plain(r.get())); diff != "" {
		return "GetStage before (-model +got):\n" + diff
	}
	want, refusal := model.Update(r.now, modelOps(v.Ops))
	got, err := r.update(v.Ops)
	if diff := cmp.Diff(refusal, refusalOf(err)); diff != "" {
		return "refusal (-model +got):\n" + diff
	}
	if err == nil {
		if diff := cmp.Diff(want, plain(got)); diff != "" {
			return "answer (-model +got):\n" + diff
		}
	}
	if diff := cmp.Diff(model.Get(r.now), plain(r.get())); diff != "" {
		return "GetStage after (-model +got):\n" + diff
	}
	return ""
}

func refusalOf(err error) *stagemodel.Refusal {
	if err == nil {
		return nil
	}
	f := fault.From(err)
	return &stagemodel.Refusal{Status: f.Kind.Status(), Code: f.Kind.Code(), Message: f.Message}
}

// draw is a generator of vectors. It is biased to what can be right: a list of
// nonsense fails at its first operation and tells little.
type draw struct{ *rapid.T }

func (d draw) of(label string, choices ...string) string {
	return rapid.SampledFrom(choices).Draw(d.T, label)
}

// odds is true in one of n cases.
func (d draw) odds(n int, label string) bool { return rapid.IntRange(1, n).Draw(d.T, label) == 1 }

func (d draw) vector() vector {
	v := vector{Advance: rapid.SampledFrom([]int{0, 1, 250, 300, 999, 1000, 1499, 1500, 1501, 60000}).Draw(d.T, "advance")}
	for range rapid.SampledFrom([]int{0, 1, 1, 1, 1, 2, 2, 3, 5}).Draw(d.T, "length") {
		v.Ops = append(v.Ops, d.op())
	}
	return v
}

func (d draw) op() apigw.PatchOperation {
	path, values := d.path()
	o := apigw.PatchOperation{Op: new("replace"), Path: &path, Value: new(d.of("value", values...))}
	switch d.of("op", "valid", "valid", "valid", "add", "remove", "any", "copy") {
	case "add":
		o.Op = new("add")
	case "remove":
		o.Op, o.Value = new("remove"), nil
	case "copy":
		d.copy(&o)
	case "any":
		o.Op = new(d.of("name", "add", "remove", "replace", "copy", "move", "test"))
	}
	switch {
	case d.odds(12, "wild"):
		o.Value = new(d.of("other", anyValue...))
	case d.odds(25, "null"):
		o.Value = nil
	case d.odds(80, "no op"):
		o.Op = nil
	case d.odds(80, "no path"):
		o.Path = nil
	case d.odds(30, "blanks"):
		o.Path = new(path + d.of("blank", " ", "   "))
	}
	return o
}

func (d draw) copy(o *apigw.PatchOperation) {
	const deployment, overrides = "/canarySettings/deploymentId", "/canarySettings/stageVariableOverrides"
	o.Op, o.Value = new("copy"), nil
	switch d.of("pair", "deployment", "variables", "crossed", "none", "other", "other path") {
	case "deployment":
		o.Path, o.From = new("/deploymentId"), new(deployment)
	case "variables":
		o.Path, o.From = new("/variables"), new(overrides)
	case "crossed":
		o.Path, o.From = new("/variables"), new(deployment)
	case "none":
		o.Path = new(d.of("path", "/variables", "/deploymentId"))
	case "other":
		o.Path, o.From = new("/deploymentId"), new("/deploymentId")
	default:
		o.From = new(d.of("from", deployment, overrides))
	}
}

var (
	texts       = []string{"", "one", "two words"}
	booleans    = []string{"true", "false", "TRUE", "True", "yes", ""}
	deployments = []string{"dep001", "dep002", "dep003", "dep009", ""}
	cacheSizes  = []string{"0.5", "1.6", "237", "118", "0.7", ""}
	variables   = []string{"1", "a b", "http://x/?a=b&c,d#~._-", "", "a+b", "é", strings.Repeat("v", 512), strings.Repeat("v", 513)}
	objects     = []string{`{}`, `{"a":"1"}`, `{"a":"2","B_2":"x y"}`, `{"a":1}`, `{"a b":"1"}`, `{"a":""}`, `[]`, `{`, "", manyVariables(99), manyVariables(100), manyVariables(101)}
	percents    = []string{"0", "0.0", "50", "66.660000", "100", "100.0001", "-0.1", "-1", "ten", "NaN", "Inf", "0x10", "0x1p4", "", "1e1"}
	limits      = []string{"0", "-1", "-1.000000", "3.500000", "5", "-2", "-0.5", "100000", "x", "", "2147483648", "0x10", "0x1p4", "Inf", "NaN", "1e3"}
	ttls        = []string{"0", "1", "300", "3600", "3601", "-1", "1.5", "", "x"}
	levels      = []string{"OFF", "ERROR", "INFO", "info", "", "DEBUG"}
	cacheRules  = []string{"FAIL_WITH_403", "SUCCEED_WITH_RESPONSE_HEADER", "SUCCEED_WITHOUT_RESPONSE_HEADER", "FAIL", ""}
	logARNs     = []string{
		"arn:aws:logs:eu-west-1:123456789012:log-group:access", "arn:aws:logs:eu-west-1:123456789012:log-group:/a/b_c.d#e-F",
		"arn:aws:firehose:eu-west-1:123456789012:deliverystream/amazon-apigateway-x", "arn:aws:firehose:eu-west-1:123456789012:deliverystream/other",
		"arn:aws:logs:eu-west-1:123456789012:log-group:access:*", "arn:aws:s3:::bucket", "no arn", "",
	}
	logFormats = []string{
		"$context.requestId", "$context.extendedRequestId\n", `{"id":"$context.requestId"}`, "$context.requestId\r\n",
		"a\n$context.requestId", "$context.path", "", "$context.requestId" + strings.Repeat("x", 3072), "$context.requestId" + strings.Repeat("x", 3054),
	}
	wholeSettings = []string{
		`{}`, `{"*/*":{"cachingEnabled":true}}`, `{"pets/GET":{"loggingLevel":"INFO","throttlingRateLimit":2.5,"unknown":1}}`,
		`{"~1pets/POST":{"cacheTtlInSeconds":60,"throttlingBurstLimit":-1,"unauthorizedCacheControlHeaderStrategy":"FAIL_WITH_403","metricsEnabled":true}}`,
		`{"pets/ANY":{}}`, `{"*/*":{"cacheTtlInSeconds":3601}}`, `{"*/*":{"loggingLevel":"LOUD"}}`, `{"*/*":{"throttlingBurstLimit":-2}}`,
		`{"*/*":{"throttlingRateLimit":-0.5}}`, `{"*/*":{"unauthorizedCacheControlHeaderStrategy":"x"}}`, `[]`, `{"*/*":[]}`, ``, `x`,
	}
	anyValue = []string{"", "true", "1", "dep002", "{}", "null", "é", "\x00"}
	keys     = []string{"/*/*", "/~1pets~1{id}/GET", "/pets/{id}/GET", "/pets/GET", "/~1/GET", "/~1pets/POST", "/{proxy+}/DELETE", "/GET/GET", "/pets/GET/HEAD"}
	badKeys  = []string{"//GET", "/pets/ANY", "/pets/get", "/*/GET", "/pets/*", "/pets//GET", "/GET", "/pets", "", "/*", "pets/GET", "/a/GET/b/ANY", "/*/*/GET", "/pets/GET/"}
	suffixes = []string{"metrics/enabled", "logging/loglevel", "logging/dataTrace", "throttling/burstLimit", "throttling/rateLimit", "caching/enabled",
		"caching/ttlInSeconds", "caching/dataEncrypted", "caching/requireAuthorizationForCacheControl", "caching/unauthorizedCacheControlHeaderStrategy"}
	badSuffixes = []string{"accessLogSettings/format", "logging/logLevel", "metrics", "caching/enabled/x", "metrics/", "/metrics/enabled", "variables/a", "throttling"}
	names       = []string{"a", "B_2", "v1", "a b", "a-b", "a~1b", "~0", "", strings.Repeat("n", 64), strings.Repeat("n", 65)}
	deadPaths   = []string{"/", "", "/stageName", "/webAclArn", "/tags", "/tags/a", "/createdDate", "/cacheClusterStatus", "/Description", "description", "/description/",
		"/variables/a/b", "/accessLogSettings/", "/accessLogSettings/x", "/accessLogSettings/format/x", "/canarySettings", "/canarySettings/", "/canarySettings/x",
		"/canarySettings/percentTraffic/x", "/canarySettings/stageVariableOverrides/a/b", "/accessLogSettings", "/deploymentId/x", "null"}
)

func manyVariables(n int) string {
	all := map[string]string{}
	for i := range n {
		all[fmt.Sprintf("v%d", i)] = "x"
	}
	data, _ := json.Marshal(all)
	return string(data)
}

// path draws a path and the values that make sense there.
func (d draw) path() (string, []string) {
	family := d.of("family", "member", "member", "cache", "variable", "canary", "canary", "log", "setting", "setting", "setting", "entry", "whole", "dead", "near")
	switch family {
	case "member":
		return d.among("member", map[string][]string{
			"/description": texts, "/deploymentId": deployments, "/tracingEnabled": booleans, "/clientCertificateId": {"", "cert01"}, "/documentationVersion": {"", "v1"},
		})
	case "cache":
		return d.among("cache", map[string][]string{"/cacheClusterEnabled": booleans, "/cacheClusterSize": cacheSizes})
	case "variable":
		return d.among("variable", map[string][]string{"/variables/" + d.of("name", names...): variables, "/variables": objects})
	case "canary":
		return d.among("canary", map[string][]string{
			"/canarySettings/percentTraffic": percents, "/canarySettings/deploymentId": deployments, "/canarySettings/useStageCache": booleans,
			"/canarySettings/stageVariableOverrides/" + d.of("name", names...): variables, "/canarySettings/stageVariableOverrides": objects, "/canarySettings": {""},
		})
	case "log":
		return d.among("log", map[string][]string{"/accessLogSettings/destinationArn": logARNs, "/accessLogSettings/format": logFormats, "/accessLogSettings": {""}})
	case "setting":
		suffix := d.of("suffix", suffixes...)
		return d.of("key", keys...) + "/" + suffix, settingValues(suffix)
	case "entry":
		return d.of("key", keys...), []string{""}
	case "whole":
		return "/methodSettings", wholeSettings
	case "dead":
		return d.of("dead", deadPaths...), anyValue
	}
	if d.odds(2, "key or suffix") {
		return d.of("bad key", badKeys...) + "/" + d.of("suffix", suffixes...), booleans
	}
	return d.of("key", append(keys, badKeys...)...) + "/" + d.of("bad suffix", badSuffixes...), booleans
}

func settingValues(suffix string) []string {
	switch suffix {
	case "logging/loglevel":
		return levels
	case "throttling/burstLimit", "throttling/rateLimit":
		return limits
	case "caching/ttlInSeconds":
		return ttls
	case "caching/unauthorizedCacheControlHeaderStrategy":
		return cacheRules
	}
	return booleans
}

func (d draw) among(label string, choices map[string][]string) (string, []string) {
	path := d.of(label, sortedKeys(choices)...)
	return path, choices[path]
}
