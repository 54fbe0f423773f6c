// Package history is the record of changes: who changed what, when, from which
// client, with the state before and after.
//
// An event is written in the transaction that makes the change, so there is no
// change without an event and no event without a change.
package history
