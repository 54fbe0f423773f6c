package metrics

import "time"

// Sample is what a series is told of one request.
type Sample struct {
	At      time.Time     // of the answer: it falls into this minute
	Status  int           // of the answer
	Latency time.Duration // from the head of the request to the answer

	// Backend is the kind of the integration that was called, and
	// BackendLatency how long that took.
	Backend        Backend
	BackendLatency time.Duration

	Cache     Cache
	Throttled Layer
	// Shard spreads writers: requests that run at the same time should have
	// different ones. Any value is right.
	Shard uint32
}

// Backend is a kind of integration.
type Backend uint8

// The kinds. NoBackend was called: no integration, a MOCK, or an answer from
// the cache.
const (
	NoBackend Backend = iota
	HTTP
	HTTPProxy
	AWS
	AWSProxy
	backends
)

var backendNames = [backends]string{HTTP: "HTTP", HTTPProxy: "HTTP_PROXY", AWS: "AWS", AWSProxy: "AWS_PROXY"}

// String is the name as the API spells it.
func (b Backend) String() string { return backendNames[b] }

// BackendOf returns the kind of an integration type.
func BackendOf(integrationType string) Backend {
	for b, name := range backendNames {
		if name == integrationType {
			return Backend(b)
		}
	}
	return NoBackend
}

// Cache says what the cache did for a request.
type Cache uint8

// The results. Uncached: the method has no cache. Bypass: the caller may not
// read the entry, or made it invalid.
const (
	Uncached Cache = iota
	Hit
	Miss
	Bypass
	caches
)

// String is the value of the label "result".
func (c Cache) String() string { return [caches]string{Hit: "hit", Miss: "miss", Bypass: "bypass"}[c] }

// Layer says which limit refused a request.
type Layer uint8

// The layers. NotThrottled: none did.
const (
	NotThrottled Layer = iota
	AccountLimit
	StageLimit
	PlanLimit
	QuotaLimit
	layers
)

// String is the value of the label "layer".
func (l Layer) String() string {
	return [layers]string{AccountLimit: "account", StageLimit: "stage", PlanLimit: "plan", QuotaLimit: "quota"}[l]
}
