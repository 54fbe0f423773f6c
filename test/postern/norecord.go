//go:build !record

package postern

// tags are build tags of the binary.
func tags() string { return "" }
