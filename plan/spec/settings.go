package spec

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
	// Test says that a test invocation runs the method: nobody asks who calls.
	Test bool
}

// Throttle is the rate in requests per second and the burst in requests of a
// bucket that the method has for itself.
type Throttle struct {
	Limited bool // false: there is none
	Rate    float64
	Burst   int
}
