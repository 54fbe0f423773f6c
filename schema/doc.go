// Package schema reads the JSON schemas of models (draft 4).
//
// It is the one place that knows the schema library. References between models
// have the service's own URL form and are never fetched.
package schema
