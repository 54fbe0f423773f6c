// Package lambda names Lambda functions and runs those that are programs of
// this machine.
//
// A [Runtime] holds functions, each a command. It starts a process of a
// function when it is first called and speaks the Lambda Runtime API
// (2018-06-01) to it, so that handlers built with the runtime clients of AWS
// run unchanged. A process serves one call at a time; more are started while
// all are busy, up to a limit, and idle ones are kept.
//
// Functions that are reached by the Invoke API are not called from here: a
// [Ref] says which function is meant, package gateway/integration/aws sends the
// request.
package lambda
