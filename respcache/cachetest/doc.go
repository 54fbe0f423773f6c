// Package cachetest is the contract of respcache.Store: what a cache of
// responses does, wherever its entries are.
package cachetest
