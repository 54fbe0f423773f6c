package spec

// GatewayResponse is a type of answer that the gateway makes by itself.
type GatewayResponse struct {
	Type      string // as the control plane spells it; empty for an answer nobody can customise
	Status    int    // default; zero if only the failure knows it
	Message   string // default text; empty with Null set: the text is null
	Null      bool
	ErrorType string // x-amzn-ErrorType
	// Blank puts a blank before the text: the failure happens after execution
	// began. Recorded for 500 (36 bytes), seen live for 400 and 504, assumed for 415.
	Blank bool
	// Key is the member that holds the text, if it is not "message".
	Key string
}

// CustomResponse is a gateway response that an API defines itself.
type CustomResponse struct {
	Type       string
	Status     string      // empty: that of the failure
	Parameters []Parameter // sorted by target
	Templates  []Template  // sorted by content type
}

const internalError = "Internal server error"

// The types. Statuses are recorded (GetGatewayResponses); where a text or an
// error type comes from is said in the table of the specification: recorded
// for MISSING_AUTHENTICATION_TOKEN and the 500s, reported by users for most,
// and assumed for AUTHORIZER_FAILURE, EXPIRED_TOKEN and REQUEST_TOO_LARGE.
var (
	AccessDenied                 = &GatewayResponse{Type: "ACCESS_DENIED", Status: 403, Message: "User is not authorized to access this resource", ErrorType: "AccessDeniedException", Key: "Message"}
	APIConfigurationError        = &GatewayResponse{Type: "API_CONFIGURATION_ERROR", Status: 500, Message: internalError, ErrorType: "InternalServerErrorException", Blank: true}
	AuthorizerConfigurationError = &GatewayResponse{Type: "AUTHORIZER_CONFIGURATION_ERROR", Status: 500, Null: true, ErrorType: "AuthorizerConfigurationException"}
	AuthorizerFailure            = &GatewayResponse{Type: "AUTHORIZER_FAILURE", Status: 500, Null: true, ErrorType: "AuthorizerFailureException"}
	BadRequestBody               = &GatewayResponse{Type: "BAD_REQUEST_BODY", Status: 400, Message: "Invalid request body", ErrorType: "BadRequestException", Blank: true}
	BadRequestParameters         = &GatewayResponse{Type: "BAD_REQUEST_PARAMETERS", Status: 400, Message: "Missing required request parameters: []", ErrorType: "BadRequestException", Blank: true}
	Default4XX                   = &GatewayResponse{Type: "DEFAULT_4XX", Status: 400, Message: "Bad Request", ErrorType: "BadRequestException"}
	Default5XX                   = &GatewayResponse{Type: "DEFAULT_5XX", Status: 500, Message: internalError, ErrorType: "InternalServerErrorException", Blank: true}
	ExpiredToken                 = &GatewayResponse{Type: "EXPIRED_TOKEN", Status: 403, Message: "The security token included in the request is expired", ErrorType: "ExpiredTokenException"}
	IntegrationFailure           = &GatewayResponse{Type: "INTEGRATION_FAILURE", Status: 504, Message: "Network error communicating with endpoint", ErrorType: "InternalServerErrorException", Blank: true}
	IntegrationTimeout           = &GatewayResponse{Type: "INTEGRATION_TIMEOUT", Status: 504, Message: "Endpoint request timed out", ErrorType: "InternalServerErrorException", Blank: true}
	InvalidAPIKey                = &GatewayResponse{Type: "INVALID_API_KEY", Status: 403, Message: "Forbidden", ErrorType: "ForbiddenException"}
	InvalidSignature             = &GatewayResponse{Type: "INVALID_SIGNATURE", Status: 403, Message: "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.", ErrorType: "InvalidSignatureException"}
	MissingAuthenticationToken   = &GatewayResponse{Type: "MISSING_AUTHENTICATION_TOKEN", Status: 403, Message: "Missing Authentication Token", ErrorType: "MissingAuthenticationTokenException"}
	QuotaExceeded                = &GatewayResponse{Type: "QUOTA_EXCEEDED", Status: 429, Message: "Limit Exceeded", ErrorType: "LimitExceededException"}
	RequestTooLarge              = &GatewayResponse{Type: "REQUEST_TOO_LARGE", Status: 413, Message: "Request Too Long", ErrorType: "RequestTooLargeException"}
	ResourceNotFound             = &GatewayResponse{Type: "RESOURCE_NOT_FOUND", Status: 404, Message: "Not Found", ErrorType: "ResourceNotFoundException"}
	Throttled                    = &GatewayResponse{Type: "THROTTLED", Status: 429, Message: "Too Many Requests", ErrorType: "TooManyRequestsException"}
	Unauthorized                 = &GatewayResponse{Type: "UNAUTHORIZED", Status: 401, Message: "Unauthorized", ErrorType: "UnauthorizedException"}
	UnsupportedMediaType         = &GatewayResponse{Type: "UNSUPPORTED_MEDIA_TYPE", Status: 415, Message: "Unsupported Media Type", ErrorType: "BadRequestException", Blank: true}
	WAFFiltered                  = &GatewayResponse{Type: "WAF_FILTERED", Status: 403, Message: "Forbidden", ErrorType: "ForbiddenException"}
)

// GatewayResponses lists all types, sorted by name.
var GatewayResponses = []*GatewayResponse{
	AccessDenied, APIConfigurationError, AuthorizerConfigurationError, AuthorizerFailure,
	BadRequestBody, BadRequestParameters, Default4XX, Default5XX, ExpiredToken,
	IntegrationFailure, IntegrationTimeout, InvalidAPIKey, InvalidSignature,
	MissingAuthenticationToken, QuotaExceeded, RequestTooLarge, ResourceNotFound,
	Throttled, Unauthorized, UnsupportedMediaType, WAFFiltered,
}
