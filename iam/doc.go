// Package iam decides whether identity policies allow a request: documents in
// the language of AWS Identity and Access Management.
//
// Parse refuses by name what it does not know, so that no statement means less
// than it says. Evaluate follows the documented rules: an explicit deny wins,
// and what nothing allows is denied.
package iam
