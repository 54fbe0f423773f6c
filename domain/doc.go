// Package domain holds the records that the store keeps, their keys and their
// rules; it does no I/O.
//
// A record is a shape of package apigw, as the wire shows it, in an envelope
// ([Record]) with what the wire never shows. Keys are made in key.go and
// nowhere else. [Snapshot] is what a deployment freezes.
package domain
