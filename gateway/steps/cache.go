package steps

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/live"
	"github.com/postern-gateway/postern/iam"
	"github.com/postern-gateway/postern/mapping"
	"github.com/postern-gateway/postern/observe/metrics"
	"github.com/postern-gateway/postern/plan/spec"
	"github.com/postern-gateway/postern/respcache"
)

// cache is what looking up and keeping answers have in common.
type cache struct {
	store    respcache.Store
	settings spec.Cache
	parts    respcache.Parts // of the method; release and parameters are the request's
	keys     []mapping.Expr  // of the cache key parameters, in their order
	names    []string        // of keys
	region   string
}

// newCache returns nil if the method's answers are not kept.
func newCache(m *spec.Method, s *spec.Settings, state *live.State) *cache {
	// The guide: a streamed answer is not kept.
	if s.Cache == nil || s.Test || state == nil || m.Integration == nil || m.Integration.Stream {
		return nil
	}
	c := &cache{
		store:    state.Caches.Get(live.StageKey{Scope: live.Scope{Account: m.Account, Region: m.Region}, API: s.API, Stage: s.Stage}, s.Cache.Size, s.Cache.Generation),
		settings: *s.Cache,
		parts: respcache.Parts{
			Account: m.Account, API: s.API, Stage: s.Stage, Generation: s.Cache.Generation,
			Namespace: m.Integration.CacheNamespace, Verb: s.Verb,
		},
		region: m.Region,
	}
	for _, name := range m.Integration.CacheKeys {
		if expr, ok := cacheKey(m.Integration, name); ok {
			c.keys, c.names = append(c.keys, expr), append(c.names, name)
		}
	}
	return c
}

// cacheKey reads the name of a cache key parameter: one of the method, or one
// of the integration, which stands for what is mapped to it (guide). A name
// that is neither has no value in any request.
func cacheKey(in *spec.Integration, name string) (mapping.Expr, bool) {
	if strings.HasPrefix(name, "integration.request.") {
		i := slices.IndexFunc(in.Parameters, func(p spec.Parameter) bool { return p.Target == name })
		if i < 0 {
			return mapping.Expr{}, false
		}
		name = in.Parameters[i].Value
	}
	expr, err := mapping.ParseRequest(name)
	return expr, err == nil
}

func (c *cache) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "for %v namespace %s", c.settings.TTL, c.parts.Namespace)
	if c.settings.Encrypt {
		b.WriteString(" encrypted")
	}
	if c.settings.Authorize {
		b.WriteString(" renewed by authorized callers, else " + c.settings.Strategy)
	}
	for _, name := range c.names {
		b.WriteString("\nkey " + name)
	}
	return b.String()
}

// key tells the request apart from those that get another answer.
func (c *cache) key(r *Request) respcache.Key {
	parts := c.parts
	parts.Release = r.Context.DeploymentID
	if len(c.keys) > 0 {
		parts.Parameters = make([][]string, len(c.keys))
		for i := range c.keys {
			parts.Parameters[i] = c.keys[i].Presence(&r.Source)
		}
	}
	return parts.Key()
}

// cached is what the lookup leaves for keeping the answer.
type cached struct {
	result metrics.Cache
	key    respcache.Key // empty: the answer is not kept
	warn   bool          // the client is told that it may not renew an entry
}

// lookup answers with what was kept for an equal request.
type lookup struct{ *cache }

// CacheLookup builds the step that answers from the stage's cache.
func CacheLookup(m *spec.Method, s *spec.Settings, state *live.State) Step {
	if c := newCache(m, s, state); c != nil {
		return lookup{c}
	}
	return nil
}

func (lookup) Name() string { return "cache" }

// Run implements Step.
func (s lookup) Run(ctx context.Context, r *Request) Outcome {
	now := r.Clock.Now()
	switch {
	case now.Before(s.settings.Ready): // the guide: all requests go to the backend, and none counts
		s.note(r, now, "the cluster is not available yet")
		return Next
	case r.Context.Canary && !s.settings.Canary:
		s.note(r, now, "the canary does not use the stage's cache")
		return Next
	}
	if renews(r.Header) {
		if outcome, done := s.renew(r, now); done {
			return outcome
		}
	}
	key := s.key(r)
	r.Cached.key = key
	found, err := s.store.Get(ctx, key, s.settings.Encrypt, now)
	if found == nil {
		r.Cached.result = metrics.Miss
		s.note(r, now, missText(err))
		return Next
	}
	r.Cached.result = metrics.Hit
	s.note(r, now, "hit: "+key.String())
	s.replay(r, found)
	return Answer
}

func missText(err error) string {
	if err != nil {
		return "miss: " + err.Error()
	}
	return "miss: nothing was kept for the key, or not long enough"
}

func (s lookup) note(r *Request, now time.Time, text string) {
	if r.Explain.Wanted() {
		r.Explain.Add(now, s.Name(), text)
	}
}

// renews reports whether the client asks for a new answer. The guide names
// this one directive.
func renews(h exchange.Header) bool {
	for value := range h.Values("Cache-Control", false) {
		for directive := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.ReplaceAll(strings.TrimSpace(directive), " ", ""), "max-age=0") {
				return true
			}
		}
	}
	return false
}

// renew lets the request pass the cache, if the caller may. done is false if
// the request goes on as if it had not asked.
func (s lookup) renew(r *Request, now time.Time) (outcome Outcome, done bool) {
	if !s.settings.Authorize || s.mayRenew(r) {
		r.Cached.result, r.Cached.key = metrics.Bypass, s.key(r)
		s.note(r, now, "the caller renews the entry: "+r.Cached.key.String())
		return Next, true
	}
	s.note(r, now, "the caller may not renew entries: "+s.settings.Strategy)
	switch s.settings.Strategy {
	case spec.FailWith403:
		r.Fail(spec.AccessDenied, "")
		r.Failure.Message = "User is not authorized to invalidate the cache" // assumed
		return Fail, true
	case spec.SucceedWithoutHeader:
	default:
		r.Cached.warn = true
	}
	return Next, false
}

// mayRenew: the guide asks for a caller of the account who signed the request
// and whom a policy allows it.
func (s lookup) mayRenew(r *Request) bool {
	key, err := r.Signatures.signer(r)
	return err == nil && key.Identity.Account == r.Context.AccountID &&
		r.Signatures.allowed(key, "execute-api:InvalidateCache", r, r.methodARN(s.region)) == iam.Allowed
}

// replay makes the answer of one that was kept, with what is of this request
// alone.
func (s lookup) replay(r *Request, found *respcache.Response) {
	h := r.Begin(found.Status)
	for _, field := range found.Header {
		if field.Name == traceHeader {
			field.Value = r.TraceID()
		}
		*h = append(*h, field)
	}
	// Whoever writes the answer does not change its body; a copy would cost more
	// than the lookup.
	r.X.Response.Body = found.Body
	r.warn()
}

// warn tells a client that it may not renew entries. Widely known, not recorded.
func (r *Request) warn() {
	if r.Cached.warn {
		r.X.Response.Header.Add("Warning", "199 Cache-control headers were ignored because the caller was unauthorized.")
	}
}

// keep puts an answer of the backend into the cache.
type keep struct{ *cache }

// CacheStore builds the step that keeps answers.
func CacheStore(m *spec.Method, s *spec.Settings, state *live.State) Step {
	if c := newCache(m, s, state); c != nil {
		return keep{c}
	}
	return nil
}

func (keep) Name() string   { return "cache-store" }
func (keep) String() string { return "" }

// Run implements Step. Every status of an integration is kept (reported by
// users); answers that the gateway makes itself never get here.
func (s keep) Run(ctx context.Context, r *Request) Outcome {
	if r.Cached.key != "" {
		res := &r.X.Response
		now := r.Clock.Now()
		err := s.store.Put(ctx, r.Cached.key, respcache.Entry{
			Response: &respcache.Response{
				Status: res.Status, Header: ownHeader(res.Header[min(BeginHeaders, len(res.Header)):]), Body: bytes.Clone(res.Body),
			},
			Method: strings.Clone(r.Context.HTTPMethod), Path: cmp.Or(strings.Clone(r.Context.Rest), "/"), For: s.settings.TTL, Encrypt: s.settings.Encrypt,
		}, now)
		if r.Explain.Wanted() {
			text := "kept for " + s.settings.TTL.String()
			if err != nil {
				text = "not kept: " + err.Error()
			}
			r.Explain.Add(now, s.Name(), text)
		}
	}
	r.warn()
	return Next
}

// ownHeader copies a header with its texts. Those of a request or of an answer
// are parts of its whole head, which would stay in memory as long as one of
// them, and which no budget counts.
func ownHeader(h exchange.Header) exchange.Header {
	out := make(exchange.Header, len(h))
	for i, field := range h {
		out[i] = exchange.Field{Name: strings.Clone(field.Name), Value: strings.Clone(field.Value)}
	}
	return out
}
