// Package gateway is the data plane: it finds the plan of a request in a table
// and runs it.
//
// [Gateway] answers exchanges, whatever front they come from; [Table] holds
// the plans and is written by whoever follows the configuration. A request
// reads the table once and keeps what it found to its end.
package gateway
