// Command run runs go test and says at the end what was not run, and why.
//
//	go run ./test/run -race ./...
//
// Its arguments are those of go test, and so is its exit code. It prints what go
// test prints, which keeps the reasons of skipped tests to itself unless it is
// asked for everything; here they are the last lines. A test that needs a program
// or a file which this machine lacks skips itself with t.Skip and a reason, in
// any package: there is nothing else to do to be listed.
package main
