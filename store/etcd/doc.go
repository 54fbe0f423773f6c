// Package etcd is the one implementation of the store: an embedded member by
// default, a cluster by URL.
//
// [Embedded] starts a single etcd member inside the process. It listens on
// nothing and is reached by function calls. [Dial] connects to a cluster. Both
// give a [Store] that talks through the same client type, so revisions, watches
// and transactions are the same code on a laptop and on a cluster.
//
// # Layout
//
// Everything lies below one namespace, "/postern/" by default: "d/KEY" is the
// entry KEY, and "t/NN" are the request slots (see commit.go). Every commit
// writes one slot, so the slots also tell the revision of the newest commit, and
// a watch of the namespace sees every commit, whatever it changed.
//
// # Failure
//
// The embedded member refuses writes before the disk is full rather than
// after (space.go): a member that meets a full disk in the middle of a write
// cannot go on. Should it fail nevertheless, its goroutines end instead of the
// process (log.go), the store answers ErrUnavailable, and the supervisor starts
// the member again as soon as that can succeed (supervise.go).
package etcd
