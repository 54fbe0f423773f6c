// Package store is what the product knows: read at a revision, compare and
// commit, watch.
//
// Keys are text with slashes, values are bytes. All writes of one [Tx] happen
// at one revision or not at all. The implementation is package store/etcd;
// package store/mirror keeps the keys in memory for reading.
package store
