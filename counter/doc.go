// Package counter counts requests against limits: token buckets for rates.
//
// Who asks for a token sees a [Limiter]. [Bucket] is the one of this process:
// a single atomic word, so that taking a token takes no lock and no memory.
// Time is an argument everywhere: nothing here reads a clock. Package
// countertest is the contract that every form keeps, one in a store that nodes
// share included.
package counter
