// Package secret keeps secrets sealed at rest: what the store holds of them is
// of no use without the key file.
package secret
