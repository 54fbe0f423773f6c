// Package clock is time, injected: nothing else of the program reads the wall
// clock, so that tests move time instead of waiting for it.
package clock
