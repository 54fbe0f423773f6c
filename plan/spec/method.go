package spec

import "time"

// Method is everything that steps must know of one method.
type Method struct {
	Account      string
	Region       string
	API          string // id of the REST API
	Resource     string // id of the resource
	ResourcePath string // as configured: "/pets/{id}"
	Verb         string // as configured: "GET", or "ANY"

	// Closed says why nobody may call the API at all ("a resource policy"), or
	// is empty.
	Closed        string
	Authorization string // NONE, AWS_IAM, CUSTOM or COGNITO_USER_POOLS; empty is NONE
	APIKey        bool   // the caller must show an API key
	// KeyFromAuthorizer says that an authorizer tells the key, not a header.
	KeyFromAuthorizer bool
	// Validator is what is checked of a request before its integration; nil:
	// nothing.
	Validator *Validator
	// BinaryTypes are the API's binaryMediaTypes.
	BinaryTypes MediaTypes
	Operation   string // operationName; empty: none

	Integration *Integration // nil if the method has none
	// Responses are the status codes that the method declares.
	Responses map[string]bool
}

// Validator is what a request must have.
type Validator struct {
	// Missing says why nothing can be checked, or is empty.
	Missing string
	// Required are the mapping keys of the parameters that must be there and
	// not be blank ("method.request.header.X-Id"), sorted.
	Required []string
	// Bodies are the checks of bodies by content type; nil: bodies are not checked.
	Bodies map[string]BodyCheck
}

// BodyCheck checks a body and returns a list of errors, or "".
type BodyCheck interface{ Validate(body []byte) string }

// Integration types.
const (
	HTTP      = "HTTP"
	HTTPProxy = "HTTP_PROXY"
	Mock      = "MOCK"
	AWS       = "AWS"
	AWSProxy  = "AWS_PROXY"
)

// Content handling.
const (
	ConvertToText   = "CONVERT_TO_TEXT"
	ConvertToBinary = "CONVERT_TO_BINARY"
)

// Values of passthroughBehavior.
const (
	WhenNoMatch     = "WHEN_NO_MATCH"
	WhenNoTemplates = "WHEN_NO_TEMPLATES"
	Never           = "NEVER"
)

// Integration is the backend of a method.
type Integration struct {
	Type   string
	Method string // verb towards the backend; "ANY": the client's
	URI    string
	// VPC says that the backend is reached through a VPC link: Connection is its
	// id, Target the ARN of a load balancer, which links of version 2 need.
	VPC                bool
	Connection, Target string
	// Credentials are those of an integration of AWS: a role, or the caller's.
	// Empty: functions trust the API itself.
	Credentials string
	Stream      bool // the answer is to be streamed

	// CacheNamespace and CacheKeys are what answers are kept by: the names of
	// parameters as configured ("method.request.querystring.a").
	CacheNamespace string
	CacheKeys      []string

	Parameters  []Parameter // sorted by target
	Templates   []Template  // sorted by content type
	Passthrough string
	Content     string // content handling; empty: none
	Timeout     time.Duration
	AnyIssuer   bool // insecureSkipVerification

	Responses []IntegrationResponse // sorted by status code, as numbers
}

// Parameter is one line of a parameter mapping, both sides as configured.
type Parameter struct{ Target, Value string }

// Template is a mapping template. An empty one passes the body through.
type Template struct{ ContentType, Text string }

// IntegrationResponse is one way of answering.
type IntegrationResponse struct {
	Status     string
	Pattern    string // empty: the default
	Parameters []Parameter
	Templates  []Template // sorted by content type
	Content    string
}
