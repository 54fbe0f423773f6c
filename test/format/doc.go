// Package format keeps what older versions wrote readable: testdata holds a data
// directory of each layout that was released, which the present binary must
// serve. It also checks that a store of a newer version is refused by name.
//
// A directory is made with "go test ./test/format -run TestServes -update" by
// the version whose layout it is to hold, and is never changed after.
package format
