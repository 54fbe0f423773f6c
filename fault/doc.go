// Package fault is the error value of the control plane.
//
// Handlers and rules return a fault with its final text; package wire turns it
// into an answer, in one place. An error that is not a fault is a defect of
// ours: the client gets a bare 500 and the cause goes to the log.
package fault
