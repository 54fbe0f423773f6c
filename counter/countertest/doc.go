// Package countertest is the contract of counter.Limiter as tests.
package countertest
