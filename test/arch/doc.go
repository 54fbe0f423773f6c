// Package arch holds the structure of the repository: who may import whom, what
// only one package may do, and what every file must look like.
//
// The rules are tests, so that a rule that is broken says why it exists. Run
// them with "go test ./test/arch".
package arch
