// Package lint tells what is wrong with a document without importing it: what
// AWS would refuse, what it would drop, and which requests would fail.
//
// The rules are those of the import (package control), of the deployment after
// it, and of the compiler of the data plane (package plan); none are of this
// package. Nothing is kept, and no node runs.
package lint
