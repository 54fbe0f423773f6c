//go:build record

package wire

import "github.com/postern-gateway/postern/wire/members"

// record is told of every answer with an output.
var record = members.Record
