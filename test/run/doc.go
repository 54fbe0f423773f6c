// Command run runs go test and says at the end what was not run, and why.
//
//	go run ./test/run -- -race ./...
//	go run ./test/run -record -- -race ./...
//
// Its arguments are those of go test, and so is its exit code. With -record all
// answers of the AWS API in all tests go through a recorder at the encoder, and
// a run that passes ends with a check: a member of the model's outputs that no
// answer carried, without a written reason, fails it.
//
// It prints what go test prints, which keeps the reasons of skipped tests to
// itself unless it is asked for everything; here they are the last lines. A test
// that needs a program or a file which this machine lacks skips itself with
// t.Skip and a reason, in any package: there is nothing else to do to be listed.
package main
