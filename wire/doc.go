// Package wire is the protocol of the control plane: it turns HTTP requests
// into inputs of operations and outputs and faults into answers.
//
// It knows operations only through the generated tables of package apigw.
// A request goes through [Server.ServeHTTP]: identity, route, decoding,
// constraints, handler, encoding. Every fault is written by renderFault and by
// nothing else.
package wire
