// Package etcdtest gives tests a real store: one embedded member per test
// binary, one namespace per test.
//
// A package that uses it has this TestMain:
//
//	func TestMain(m *testing.M) { etcdtest.Main(m) }
package etcdtest
