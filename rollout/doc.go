// Package rollout brings changes of the store to the data plane: which stages
// changed, compile, swap.
//
// It is the only bridge between the planes. It runs in the goroutine of the
// mirror, so plans follow the store in its order; a stage that cannot be
// compiled keeps the plan that it has, and other stages are not touched. What a
// node finds at its start is the exception: it is compiled when the first
// request or the first change comes.
package rollout
