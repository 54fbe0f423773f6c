// Package members tells which members of the model's outputs answers carry.
//
// With the build tag "record" the encoder of package wire hands it each answer,
// in tests and in the binaries that tests start, and what was carried is written
// to files. A run of all tests ends with the question what no answer ever
// carried; see test/run and test/complete. Without the tag nothing is recorded,
// and the program has none of this.
package members
