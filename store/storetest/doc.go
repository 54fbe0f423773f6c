// Package storetest is the contract of store.Store as a suite of tests, for
// every implementation and every way to reach one.
package storetest
