// Package stagemodel is a second, naive UpdateStage for tests: an interpreter
// of patch lists over the JSON of a stage.
//
// It is written from the description of the operation and shares nothing with
// package control, not even types: it imports the standard library only. Where
// both agree on random lists, a mistake would have to be made twice.
package stagemodel
