// Package trace is how requests are traced: the header X-Amzn-Trace-Id and its
// counterpart of the W3C, which requests of a stage are sampled, and the spans
// that tell of them.
package trace
