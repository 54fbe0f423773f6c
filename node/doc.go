// Package node is one running postern: it wires the components from a [Config]
// and owns everything that they need, so that a test can run several nodes in
// one process.
//
// Start listens first, so that health can be asked from the beginning, then
// opens the store, and is ready when all stages are in the table. The plan of a
// stage that was there before is made when it is first needed.
package node
