package spec

// Authorizer is a Lambda authorizer: a function that says who may call.
type Authorizer struct {
	Account, Region string
	API             string // id of the REST API
	ID              string
	Type            string // TOKEN or REQUEST
	URI             string // of the function; may hold stage variables
	Credentials     string // role to call it with; empty: none
	// Sources are the mapping keys of what identifies a caller
	// ("method.request.header.Authorization").
	Sources []string
	// Pattern is what the token must match as a whole; empty: anything.
	Pattern string
	// Optional says that a request may lack sources: nothing is cached by them.
	Optional bool
}

// The types of authorizers.
const (
	TokenAuthorizer   = "TOKEN"
	RequestAuthorizer = "REQUEST"
	UserPools         = "COGNITO_USER_POOLS"
)
