package spec

import "time"

// LogLevel says how much of a method's execution is logged.
type LogLevel uint8

// The levels. LogErrors is failures and final statuses only.
const (
	LogOff LogLevel = iota
	LogErrors
	LogInfo
)

// Settings is what a stage says of one of its methods: the entry of its
// methodSettings, or what stands in for it.
type Settings struct {
	API, Stage string // id and name
	Verb       string // of the request; never "ANY"
	// From is the key of the entry of methodSettings; empty: there is none.
	From string

	Throttle  Throttle
	Log       LogLevel
	DataTrace bool // payloads and headers are logged too
	Metrics   bool // the method has metrics of its own
	Tracing   bool // the stage traces requests
	// Cache is nil if the method's answers are not kept.
	Cache *Cache
	// Test says that a test invocation runs the method: nobody asks who calls.
	Test bool
}

// Cache is how a stage keeps the answers of a method.
type Cache struct {
	Size       int64  // bytes of the stage's cluster
	Generation uint64 // of the stage's entries
	TTL        time.Duration
	Encrypt    bool
	// Ready is when the stage's cluster begins to work.
	Ready time.Time
	// Canary says that requests of the canary use the cache too.
	Canary bool
	// Authorize says that clients must be allowed to renew an entry; Strategy is
	// what those who are not get.
	Authorize bool
	Strategy  string
}

// What clients get who are not allowed to renew an entry.
const (
	FailWith403          = "FAIL_WITH_403"
	SucceedWithHeader    = "SUCCEED_WITH_RESPONSE_HEADER"
	SucceedWithoutHeader = "SUCCEED_WITHOUT_RESPONSE_HEADER"
)

// Throttle is the rate in requests per second and the burst in requests of a
// bucket that the method has for itself.
type Throttle struct {
	Limited bool // false: there is none
	Rate    float64
	Burst   int
}
