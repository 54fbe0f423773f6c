package plan

import (
	"math"
	"strings"
	"time"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/gateway/live"
	"github.com/postern-gateway/postern/gateway/steps"
	"github.com/postern-gateway/postern/observe/metrics"
	"github.com/postern-gateway/postern/plan/spec"
)

// Bound is a method under the settings of a stage: what runs for a request.
type Bound struct {
	Method   *Method
	Settings spec.Settings
	Steps    []steps.Step
	// Backend is the kind of the integration.
	Backend metrics.Backend
	// Series count the requests of a method that has metrics of its own: those
	// of the stage and those of its canary. Nil: the release's counts them.
	Series, CanarySeries *metrics.Series
}

// bounds are the forms of one method by verb: one for each verb that a method
// ANY serves, all the same one for any other method.
type bounds [verbAny]*Bound

// binder makes the bound methods of one stage.
type binder struct {
	stage   *apigw.Stage
	api     string
	account spec.Throttle
	live    *live.State
	cluster *Cluster
	entries map[string]*apigw.MethodSetting // by verb and path: "GET /pets/{id}"
	general *apigw.MethodSetting            // of "*/*"; nil: none
}

func newBinder(in StageInput) *binder {
	b := &binder{stage: in.Stage, api: in.API.ID, account: in.Account, live: in.Live, cluster: in.Cluster, entries: map[string]*apigw.MethodSetting{}}
	for key, setting := range in.Stage.MethodSettings {
		if key == "*/*" {
			b.general = &setting
			continue
		}
		i := strings.LastIndexByte(key, '/')
		if i < 0 {
			continue // the control plane takes no such key
		}
		path, verb := key[:i], key[i+1:]
		escaped := strings.Contains(path, "~1")
		if path = strings.ReplaceAll(strings.ReplaceAll(path, "~1", "/"), "~0", "~"); !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
		// Of two spellings of one method the escaped one wins (assumed).
		if name := verb + " " + path; escaped || b.entries[name] == nil {
			b.entries[name] = &setting
		}
	}
	return b
}

// plain reports whether the stage has nothing to say of any method.
func (b *binder) plain() bool { return b.general == nil && len(b.entries) == 0 && !b.tracing() }

// tracing reports whether the stage traces requests.
func (b *binder) tracing() bool { return apigw.Val(b.stage.TracingEnabled) }

// series returns what counts the requests of a release.
func (b *binder) series(a *API, canary bool) *metrics.Series {
	return b.registry().Series(b.seriesKey(a, canary))
}

func (b *binder) seriesKey(a *API, canary bool) metrics.Key {
	return metrics.Key{
		Account: a.Account, Region: a.Region, API: a.ID, Name: metrics.DimensionName(a.Name, a.ID),
		Stage: apigw.Val(b.stage.StageName), Canary: canary,
	}
}

func (b *binder) registry() *metrics.Registry {
	if b.live == nil {
		return nil
	}
	return &b.live.Metrics
}

// bind makes the bound form of a method for a verb.
func (b *binder) bind(a *API, m *Method, verb string) *Bound {
	bound := m.bind(b.settings(m, verb), b.live)
	if !bound.Settings.Metrics {
		return bound
	}
	// Assumed: of a method ANY the verb of the request counts.
	key := b.seriesKey(a, false)
	key.Method, key.Resource = verb, m.Spec.ResourcePath
	bound.Series = b.registry().Series(key)
	if b.stage.CanarySettings != nil {
		key.Canary = true
		bound.CanarySeries = b.registry().Series(key)
	}
	return bound
}

// bindAll makes the bound methods of a release, by the methods' numbers; nil
// if all of them run as their deployment made them.
func (b *binder) bindAll(a *API) []bounds {
	if b.plain() {
		return nil
	}
	all := make([]bounds, len(a.methods))
	for i, m := range a.methods {
		if m.Spec.Verb != "ANY" {
			one := b.bind(a, m, m.Spec.Verb)
			for verb := range all[i] {
				all[i][verb] = one
			}
			continue
		}
		for number, verb := range verbNames {
			all[i][number] = b.bind(a, m, verb)
		}
	}
	return all
}

// settings resolves what holds for a method and a verb: its own entry, else
// the general one, else nothing. Entries are whole, so nothing is inherited
// member by member but a throttle of -1.
func (b *binder) settings(m *Method, verb string) spec.Settings {
	out := spec.Settings{API: b.api, Stage: apigw.Val(b.stage.StageName), Verb: verb, Tracing: b.tracing()}
	own := b.entries[verb+" "+m.Spec.ResourcePath]
	out.From = strings.TrimPrefix(m.Spec.ResourcePath, "/") + "/" + verb
	if own == nil {
		own, out.From = b.general, "*/*"
	}
	if own == nil {
		out.From = ""
		return out
	}
	out.Throttle = b.throttle(own)
	switch apigw.Val(own.LoggingLevel) {
	case "ERROR":
		out.Log = spec.LogErrors
	case "INFO":
		out.Log = spec.LogInfo
	}
	out.DataTrace = apigw.Val(own.DataTraceEnabled)
	out.Metrics = apigw.Val(own.MetricsEnabled)
	// The guide: a setting of all methods switches caching on for GET only.
	if verb == "GET" || out.From != "*/*" {
		out.Cache = b.cache(own)
	}
	return out
}

// cache returns how the answers of a method are kept; nil if they are not.
func (b *binder) cache(own *apigw.MethodSetting) *spec.Cache {
	ttl := time.Duration(apigw.Val(own.CacheTtlInSeconds)) * time.Second
	if b.cluster == nil || !apigw.Val(own.CachingEnabled) || ttl == 0 {
		return nil
	}
	canary := b.stage.CanarySettings
	return &spec.Cache{
		Size: b.cluster.Bytes, Generation: b.cluster.Generation, Ready: b.cluster.Ready,
		TTL: ttl, Encrypt: apigw.Val(own.CacheDataEncrypted),
		Canary:    canary != nil && apigw.Val(canary.UseStageCache),
		Authorize: apigw.Val(own.RequireAuthorizationForCacheControl),
		Strategy:  apigw.Val(own.UnauthorizedCacheControlHeaderStrategy),
	}
}

// throttle resolves the limits of a method. A limit that is the account's own
// needs no bucket: the account's is emptied first.
func (b *binder) throttle(own *apigw.MethodSetting) spec.Throttle {
	rate, burst := -1.0, -1
	for _, setting := range []*apigw.MethodSetting{own, b.general} {
		if setting == nil {
			continue
		}
		if rate == -1 && setting.ThrottlingRateLimit != nil {
			rate = float64(*setting.ThrottlingRateLimit)
		}
		if burst == -1 && setting.ThrottlingBurstLimit != nil {
			burst = int(*setting.ThrottlingBurstLimit)
		}
	}
	if rate == -1 && burst == -1 {
		return spec.Throttle{}
	}
	if rate == -1 {
		rate = b.account.Rate
	}
	if burst == -1 {
		burst = b.account.Burst
	}
	if rate == -1 { // half a limit, of an account without one
		rate = math.MaxInt32
	}
	if burst == -1 {
		burst = math.MaxInt32
	}
	t := spec.Throttle{Limited: true, Rate: rate, Burst: burst}
	if t == b.account {
		return spec.Throttle{}
	}
	return t
}
