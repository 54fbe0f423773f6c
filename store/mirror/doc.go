// Package mirror keeps the entries below a prefix in memory, for reading.
//
// A [Mirror] lists the store, then follows its watch. Each commit makes a new
// [View], an immutable state of all entries at one revision: take one and read
// it for as long as you like, without locks. [Mirror.Wait] is how a reader sees
// his own write. [Mirror.OnBatch] is how the rest of the program learns what
// changed.
package mirror
