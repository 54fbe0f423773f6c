// Package history holds the answers of the control plane against a sequential
// model: many clients change the same things at once, and there must be one
// order of their calls, in which no call is before another one that ended
// before it began, that explains every answer. A lost update, an answer that
// shows half a change and a change that is gone after a kill have no such order.
//
// POSTERN_FULL=1 asks for many kills and long histories.
package history
