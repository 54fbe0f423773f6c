// Package scale runs postern with as much in its store as a large installation
// has: many APIs, many keys, one very large API. It must start soon, list
// everything once, stay small, and a change must cost no more than its own
// stage.
//
// By default it is a twentieth of the full size, which POSTERN_FULL=1 asks for
// together with the bounds on time and memory.
package scale
