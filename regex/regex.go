package regex

import (
	"fmt"
	"time"

	"github.com/dlclark/regexp2"
)

// MaxPattern is the length of the longest pattern, in bytes (assumed).
const MaxPattern = 16 << 10

const (
	// maxMatch is how long one match may take before it fails. Serious patterns
	// over bodies of the largest size stay far below it.
	maxMatch = 15 * time.Millisecond
	// tick is how exactly the engine measures it: a match ends at the latest
	// two ticks after its time.
	tick = 5 * time.Millisecond
)

func init() { regexp2.SetTimeoutCheckPeriod(tick) } // before the engine's clock is used

// Compile compiles a pattern that is searched for in a text.
func Compile(pattern string, options regexp2.RegexOptions) (*regexp2.Regexp, error) {
	if len(pattern) > MaxPattern {
		return nil, fmt.Errorf("a pattern of %d bytes is too long", len(pattern))
	}
	re, err := regexp2.Compile(pattern, options)
	if err != nil {
		return nil, err
	}
	re.MatchTimeout = maxMatch
	return re, nil
}

// Whole compiles a pattern that must match all of a text.
func Whole(pattern string, options regexp2.RegexOptions) (*regexp2.Regexp, error) {
	// By itself first: "a)|(b" is not a pattern.
	if _, err := Compile(pattern, options); err != nil {
		return nil, err
	}
	return Compile(`\A(?:`+pattern+`)\z`, options)
}
