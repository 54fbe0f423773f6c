// Package moto runs an emulator of services of AWS, the server of the Python
// library moto, for tests that need other services than API Gateway. Where it is
// not installed, such tests are skipped.
package moto
