// Package sinktest is the contract of logs.Sink as a test: every sink runs it.
package sinktest
