// Package gaps is the register of what does not work yet: the one list of
// operations that are not served, features that fail closed and members that
// are stored without effect.
//
// The table in the README is made from it (make generate). A test compares it
// with the handlers: an operation without a handler and without an entry fails
// the build, and so does an entry that is no longer true.
package gaps
