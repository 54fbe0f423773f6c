// Package node is one running postern: it wires the components from a [Config]
// and owns everything that they need, so that a test can run several nodes in
// one process.
//
// Start listens first, so that health can be asked from the beginning, then
// opens the store, and is ready when the plans of all stages are in the table.
package node
