// Package pattern is the filter patterns of CloudWatch Logs: terms, patterns
// for JSON messages and patterns for messages of fields.
//
//	ERROR -"by design"                    terms: all, but none with a minus
//	?ERROR ?WARN                          any of the terms
//	{ $.status = 5* && $.latency > 100 }  members of a JSON message
//	[ip, ..., status = 5*, bytes]         fields between blanks
//
// What is known of the language is what the guide says; the rest is assumed,
// and listed in docs/divergences.md.
package pattern
