package plan

import (
	"maps"
	"strings"
	"time"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/counter"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/gateway/live"
	"github.com/postern-gateway/postern/logs"
	"github.com/postern-gateway/postern/mapping"
	"github.com/postern-gateway/postern/observe/metrics"
	"github.com/postern-gateway/postern/plan/spec"
)

// Stage is the runnable form of a stage.
type Stage struct {
	Name       string
	Production Release
	// Canary is nil if the stage has no canary settings. It gets Percent of
	// the requests, 0 to 100; with 0 it is there and gets none.
	Canary  *Release
	Percent float64

	// Account is the bucket of the stage's account; nil: it has no limit.
	Account counter.Limiter
	// Identity is shown to HTTPS backends; nil: none is.
	Identity *integration.Identity
	// AccessLog is nil if the stage has none.
	AccessLog *AccessLog
	// ExecutionLog is where the journals of methods that log go, without a stream.
	ExecutionLog logs.Destination
}

// Release is what one request runs: a deployment and the variables it sees.
type Release struct {
	DeploymentID string
	API          *API
	Variables    map[string]string // read only
	// Series counts the requests whose method has no series of its own.
	Series *metrics.Series

	bound []bounds // by number of the method; nil: as the deployment made them
}

// Bound returns a method as it runs in this release, for a verb that it serves.
func (r *Release) Bound(m *Method, verb string) *Bound {
	if r.bound == nil {
		return m.plain
	}
	number, _ := verbNumber(verb)
	return r.bound[m.number][number]
}

// StageInput is what a stage is made of.
type StageInput struct {
	API *API // of the stage's deployment
	// Canary is the plan of the canary's deployment; nil if there is no canary
	// or it runs the stage's deployment.
	Canary *API
	Stage  *apigw.Stage
	// Account is the throttle of the stage's account; not limited: none.
	Account spec.Throttle
	// Identity is the stage's client certificate; nil: none.
	Identity *integration.Identity
	// Cluster is the stage's cache cluster; nil: it has none.
	Cluster *Cluster
	// Live is what outlives plans; nil for a plan that only gets printed.
	Live *live.State
}

// Cluster is the cache cluster of a stage.
type Cluster struct {
	Bytes      int64
	Generation uint64    // of its entries
	Ready      time.Time // when it begins to work
}

// CompileStage makes the plan of a stage. It costs little: a method's steps are
// those of its deployment with what the stage's settings add, and variables are
// read when a request runs.
func CompileStage(in StageInput) *Stage {
	s := &Stage{
		Name: apigw.Val(in.Stage.StageName), Identity: in.Identity,
		Production: Release{
			DeploymentID: apigw.Val(in.Stage.DeploymentId), API: in.API,
			Variables: maps.Clone(in.Stage.Variables),
		},
	}
	// The name of the group is the service's.
	s.ExecutionLog = logs.Destination{
		Account: in.API.Account, Region: in.API.Region, Group: "API-Gateway-Execution-Logs_" + in.API.ID + "/" + s.Name,
	}
	if in.Live != nil && in.Account.Limited {
		s.Account = in.Live.Buckets.Get(live.BucketKey{StageKey: live.StageKey{Scope: live.Scope{Account: in.API.Account, Region: in.API.Region}}},
			counter.Limit{Rate: in.Account.Rate, Burst: in.Account.Burst})
	}
	if in.Live != nil {
		key := live.StageKey{Scope: live.Scope{Account: in.API.Account, Region: in.API.Region}, API: in.API.ID, Stage: s.Name}
		in.Live.Buckets.Begin(key)
		defer in.Live.Buckets.End(key)
	}
	b := newBinder(in)
	s.Production.Series = b.series(in.API, false)
	s.Production.bound = b.bindAll(in.API)
	s.AccessLog = newAccessLog(in.Stage.AccessLogSettings)
	settings := in.Stage.CanarySettings
	if settings == nil {
		return s
	}
	canary := s.Production
	if id := apigw.Val(settings.DeploymentId); id != "" {
		canary.DeploymentID = id
	}
	if in.Canary != nil {
		canary.API, canary.bound = in.Canary, b.bindAll(in.Canary)
	}
	canary.Series = b.series(canary.API, true)
	if len(settings.StageVariableOverrides) > 0 {
		// Recorded: overrides lie over the stage's variables, the others stay visible.
		canary.Variables = maps.Clone(in.Stage.Variables)
		if canary.Variables == nil {
			canary.Variables = map[string]string{}
		}
		maps.Copy(canary.Variables, settings.StageVariableOverrides)
	}
	s.Canary, s.Percent = &canary, float64(apigw.Val(settings.PercentTraffic))
	return s
}

// Draw returns the release for a request that drew u, 0 <= u < 100, and
// whether it is the canary.
func (s *Stage) Draw(u float64) (*Release, bool) {
	if s.Canary != nil && u < s.Percent {
		return s.Canary, true
	}
	return &s.Production, false
}

// AccessLog is where the lines about a stage's requests go, and what they say.
type AccessLog struct {
	To     logs.Destination // without a stream
	Format mapping.LogFormat
}

// newAccessLog reads the settings; nil if they are not complete (assumed:
// either half may be stored alone).
func newAccessLog(s *apigw.AccessLogSettings) *AccessLog {
	if s == nil || apigw.Val(s.DestinationArn) == "" || apigw.Val(s.Format) == "" {
		return nil
	}
	arn := strings.SplitN(*s.DestinationArn, ":", 6) // arn:aws:logs:region:account:...
	if len(arn) < 6 {
		return nil // the control plane takes no such destination
	}
	log := &AccessLog{
		To:     logs.Destination{Region: arn[3], Account: arn[4]},
		Format: mapping.ParseLogFormat(strings.TrimRight(*s.Format, "\r\n")),
	}
	if name, ok := strings.CutPrefix(arn[5], "log-group:"); ok {
		log.To.Group = name
	} else {
		log.To.Delivery = strings.TrimPrefix(arn[5], "deliverystream/")
	}
	return log
}
