//go:build record

package postern

import "github.com/postern-gateway/postern/wire/members"

// tags are build tags of the binary. With this one it records which members its
// answers carry, in the file of the package under test.
func tags() string {
	members.File()
	return "record"
}
