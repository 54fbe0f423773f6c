// Package cli is the commands that people type.
//
// serve and up run a node; everything else talks to a node through its public
// API, as any other client does. Settings come from flags, from POSTERN_*
// variables and from a configuration file, in this order.
package cli
