// Package bench measures a running postern as a whole: start, latency of
// changes, memory, and processor time per request beside nginx. It prints the
// figures of docs/performance.md and judges none of them.
//
// The measurements run only with POSTERN_BENCH=1, on Linux.
package bench
