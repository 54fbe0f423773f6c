// Package people holds the tests of the commands that people type, against the
// binary: postern up --watch, postern diff and postern lint.
package people
