// Package services holds tests of integrations with services of AWS on the
// whole binary: Lambda functions that are programs built with AWS's own
// libraries, services as an emulator answers them where there is one, and an
// endpoint that verifies signatures.
package services
