// Package text is the sink that writes lines for people: to standard output,
// one for each event.
package text
