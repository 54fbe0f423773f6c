// Package awsmodel turns a public AWS service model into Go, and holds our
// overrides to it.
//
// The generator (awsmodel/gen) reads a model from a path given to it and
// writes facts only: shapes, enum values, the operation table and the
// constraint table. Neither the model file nor any of its documentation text
// is part of this repository. Read [Model] first, then [Emit].
package awsmodel
