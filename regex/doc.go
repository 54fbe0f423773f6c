// Package regex compiles regular expressions of Java within bounds: a pattern
// has a greatest length and a match a longest time.
//
// The engine backtracks, as Java's does, so that there are patterns and texts
// that would keep it busy for years. The time of a match is the engine's own
// clock, which one goroutine of the process advances while patterns are used;
// it cannot be injected.
package regex
