// Package examples runs what lies in the folder examples, and the Containerfile
// as far as that goes without a container engine.
package examples
