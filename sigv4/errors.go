package sigv4

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

// Kind is a class of refusals; the service has an error code for each.
type Kind int

// The kinds of refusals.
const (
	Missing      Kind = iota // the request has no signature at all
	Incomplete               // it has one that cannot be read
	Invalid                  // it has one that is wrong, too old or for something else
	Unrecognized             // the access key or its session token is unknown
	Expired                  // the session token was good once
)

// Error is a refusal with a text for the client.
type Error struct {
	Kind Kind
	Text string
}

// Error implements error.
func (e *Error) Error() string { return e.Text }

func refuse(kind Kind, text string, args ...any) *Error {
	if len(args) > 0 {
		text = fmt.Sprintf(text, args...)
	}
	return &Error{kind, text}
}

// Refusals without variable parts.
var (
	ErrMissing      = refuse(Missing, "Missing Authentication Token")
	ErrUnrecognized = refuse(Unrecognized, "The security token included in the request is invalid.")
	ErrExpired      = refuse(Expired, "The security token included in the request is expired")
	ErrMismatch     = refuse(Invalid, "The request signature we calculated does not match the signature you provided. "+
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
)

// digest stands for a header in a text: the header itself may hold a secret of
// another scheme.
func digest(header string) string {
	sum := sha256.Sum256([]byte(header))
	return base64.StdEncoding.EncodeToString(sum[:])
}
