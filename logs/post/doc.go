// Package post sends requests of sinks over HTTP, and again if that may help.
package post
