// Package lab runs mapping templates over events, without a gateway: to see
// what a template does, and to test it.
//
// An [Event] is what a template reads, as JSON. [Run] renders a template over
// an event and keeps each step; [Test] runs a folder of templates with their
// events, compares with what was expected and tells which branches no event
// took. Templates are compiled and rendered as the data plane does it.
package lab
