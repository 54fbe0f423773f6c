package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind is a class of refusal. It decides the error code and the status.
type Kind int

// The kinds: the modelled exceptions, those of the layer in front of the
// operations, those of authentication, and one of ours for what is not served.
const (
	Internal Kind = iota
	BadRequest
	Validation
	Serialization
	Unauthorized
	NotFound
	Conflict
	LimitExceeded
	TooManyRequests
	ServiceUnavailable
	MissingAuthenticationToken
	IncompleteSignature
	InvalidSignature
	UnrecognizedClient
	ExpiredToken
	AccessDenied
	RequestTooLarge
	NotImplemented
)

// kinds is the one table of codes and statuses.
// Recorded for the first six, the model for the other exceptions; the
// authentication family follows general practice of the service (assumed).
var kinds = map[Kind]struct {
	code   string
	status int
}{
	Internal:                   {"InternalFailure", 500},
	BadRequest:                 {"BadRequestException", 400},
	Validation:                 {"ValidationException", 400},
	Serialization:              {"SerializationException", 400},
	Unauthorized:               {"UnauthorizedException", 401},
	NotFound:                   {"NotFoundException", 404},
	Conflict:                   {"ConflictException", 409},
	LimitExceeded:              {"LimitExceededException", 429},
	TooManyRequests:            {"TooManyRequestsException", 429},
	ServiceUnavailable:         {"ServiceUnavailableException", 503},
	MissingAuthenticationToken: {"MissingAuthenticationTokenException", 403},
	IncompleteSignature:        {"IncompleteSignatureException", 403},
	InvalidSignature:           {"InvalidSignatureException", 403},
	UnrecognizedClient:         {"UnrecognizedClientException", 403},
	ExpiredToken:               {"ExpiredTokenException", 403},
	AccessDenied:               {"AccessDeniedException", 403},
	RequestTooLarge:            {"RequestEntityTooLargeException", 413},
	NotImplemented:             {"NotImplementedException", 501},
}

// Code is the value of x-amzn-ErrorType.
func (k Kind) Code() string { return kinds[k].code }

// Status is the HTTP status.
func (k Kind) Status() int { return kinds[k].status }

// Error is a refusal with its final text.
type Error struct {
	Kind       Kind
	Message    string        // goes to the client as it stands
	RetryAfter time.Duration // whole seconds; zero: not sent
	Cause      error         // goes to the log only
}

// Error implements error.
func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Kind.Code(), e.Message, e.Cause)
	}
	return e.Kind.Code() + ": " + e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// New returns a fault; with args the text is a format.
func New(kind Kind, text string, args ...any) *Error {
	if len(args) > 0 {
		text = fmt.Sprintf(text, args...)
	}
	return &Error{Kind: kind, Message: text}
}

// BadRequestf returns a BadRequestException.
func BadRequestf(text string, args ...any) *Error { return New(BadRequest, text, args...) }

// NotFoundf returns a NotFoundException.
func NotFoundf(text string, args ...any) *Error { return New(NotFound, text, args...) }

// Conflictf returns a ConflictException.
func Conflictf(text string, args ...any) *Error { return New(Conflict, text, args...) }

// ConcurrentModification is the answer to a write that lost against others
// until its time was up. Recorded: create-authorizer on an unknown API.
func ConcurrentModification() *Error {
	return New(Conflict, "Unable to complete operation due to concurrent modification. Please try again later.")
}

// From returns err as a fault; anything else becomes Internal with err as its cause.
func From(err error) *Error {
	var f *Error
	if errors.As(err, &f) {
		return f
	}
	return &Error{Kind: Internal, Message: "Internal failure", Cause: err}
}
