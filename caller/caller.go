package caller

import (
	"context"
)

// Caller is the identity and origin of one call.
type Caller struct {
	Account   string // twelve digits
	Region    string // of the credential scope
	AccessKey string // id of the key that signed the call
	Identity  string // name of the identity that has the key; empty if signatures are not verified
	UserAgent string
	Remote    string // address of the connection
	RequestID string
	Operation string // name of the operation, as the service model spells it
}

// DefaultAccount is the account of callers that nothing else is known of.
const DefaultAccount = "000000000000"

type contextKey struct{}

// With returns a context that carries c.
func With(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, contextKey{}, c)
}

// From returns the caller of a context; the zero value if it has none.
func From(ctx context.Context) Caller {
	c, _ := ctx.Value(contextKey{}).(Caller)
	return c
}
