package steps

import (
	"context"
	"fmt"
	"strconv"

	"github.com/postern-gateway/postern/counter"
	"github.com/postern-gateway/postern/gateway/live"
	"github.com/postern-gateway/postern/observe/metrics"
	"github.com/postern-gateway/postern/plan/spec"
)

// throttle lets a request pass if there is a token in the method's bucket.
type throttle struct {
	bucket counter.Limiter
	from   string // key of the setting
	// log begins the line of the execution log. The text is the service's.
	log string
}

// Throttle builds the limit that a stage sets on a method. The guide: each
// method has a bucket of its own, also where the setting is that of all.
func Throttle(m *spec.Method, s *spec.Settings, state *live.State) Step {
	if !s.Throttle.Limited || s.Test || state == nil {
		return nil
	}
	limit := counter.Limit{Rate: s.Throttle.Rate, Burst: s.Throttle.Burst}
	return throttle{
		bucket: state.Buckets.Get(live.BucketKey{
			StageKey: live.StageKey{Scope: live.Scope{Account: m.Account, Region: m.Region}, API: s.API, Stage: s.Stage},
			Resource: m.Resource, Verb: s.Verb,
		}, limit),
		from: s.From,
		log:  "Key throttle limit exceeded for RestApi " + s.API + ", Stage " + s.Stage + ", Resource " + m.Resource + ", HttpMethod " + s.Verb + ". ",
	}
}

func (throttle) Name() string { return "throttle" }

func (s throttle) String() string { return limitText(s.bucket.Limit()) + " (" + s.from + ")" }

// Run implements Step.
func (s throttle) Run(ctx context.Context, r *Request) Outcome {
	if takeToken(ctx, r, s.bucket, s.Name(), s.from) {
		return Next
	}
	l := s.bucket.Limit()
	r.Throttled = metrics.StageLimit
	return r.Fail(spec.Throttled, s.log+fmt.Sprintf("Limit: %.2f Burst: %d", l.Rate, l.Burst))
}

// accountThrottle is the limit of everything that an account serves in a
// region; the gateway says which bucket that is.
type accountThrottle struct{}

// AccountThrottle builds the limit of the account. The guide: it comes after
// that of the method.
func AccountThrottle(*spec.Method, Report) Step { return accountThrottle{} }

func (accountThrottle) Name() string   { return "account-throttle" }
func (accountThrottle) String() string { return "" }

// Run implements Step.
func (s accountThrottle) Run(ctx context.Context, r *Request) Outcome {
	if r.Account == nil || takeToken(ctx, r, r.Account, s.Name(), "account") {
		return Next
	}
	l := r.Account.Limit()
	r.Throttled = metrics.AccountLimit
	return r.Fail(spec.Throttled, fmt.Sprintf("Account throttle limit exceeded. Limit: %.2f Burst: %d", l.Rate, l.Burst)) // assumed
}

// takeToken reports whether a request may pass. A limit that cannot be asked
// about refuses nobody.
func takeToken(ctx context.Context, r *Request, bucket counter.Limiter, step, from string) bool {
	now := r.Clock.Now()
	ok, err := bucket.Take(ctx, now)
	if r.Explain.Wanted() {
		left, _ := bucket.Tokens(ctx, now)
		r.Explain.Add(now, step, fmt.Sprintf("%s (%s), %.2f tokens left", limitText(bucket.Limit()), from, left))
	}
	return ok || err != nil
}

func limitText(l counter.Limit) string {
	return "rate " + strconv.FormatFloat(l.Rate, 'f', -1, 64) + " burst " + strconv.Itoa(l.Burst)
}
