package mapping

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Context is the facts of one request behind the $context variables. They are
// kept as they are known and become text only when a variable is read.
type Context struct {
	AccountID    string
	APIID        string
	Stage        string
	DeploymentID string // the one in use, canary or not
	ResourceID   string
	ResourcePath string // as configured: "/pets/{id}"
	HTTPMethod   string // after X-HTTP-Method-Override
	Host         string // as sent, with its port
	// Rest is the raw path after the stage, with its slashes.
	Rest string
	// Custom says that the host is a custom domain name, Base by which base
	// path the API was found there: "/v1", or "" for "(none)".
	Custom    bool
	Base      string
	RequestID string
	// IDReplaced says that the client sent an id that is none.
	IDReplaced bool
	ExtendedID string
	UserAgent  string
	APIKey     string // that let the caller in
	APIKeyID   string
	Remote     netip.Addr
	Received   time.Time
	// Caller is who signed the request; nil: nobody.
	Caller *Caller
	// HasCanary says that the stage has canary settings, Canary that this
	// request was drawn for it.
	HasCanary, Canary bool
	// Test says that this is a test invocation: it has no stage and comes from
	// nowhere.
	Test bool
	// EndpointType is that of the API: EDGE, REGIONAL or PRIVATE.
	EndpointType string
	// TraceRoot is the id of the trace if the request is traced.
	TraceRoot string
	// Extra are variables that only this request has, by their names: those that
	// a test of an authorizer is given.
	Extra map[string]string
	// Failure is set while the gateway answers with a response of its own.
	Failure Failure
	Outcome Outcome
}

// Caller is an identity that a signature proved.
type Caller struct {
	AccessKey, AccountID string
	// ID is that of the principal, User and ARN are its names.
	ID, User, ARN string
}

// Failure is what $context.error tells.
type Failure struct {
	Message       string
	MessageString string // in JSON quotes, with the blank of execution errors
	ResponseType  string
	// ValidationErrors are those of a body that does not match its model.
	ValidationErrors string
}

// Outcome is how a request ended. Only access logs read it.
type Outcome struct {
	Status  int
	Length  int64         // bytes of the body
	Latency time.Duration // from the head of the request to the answer

	// Called says that a backend was asked; the rest is about that call.
	Called        bool
	CalledAt      time.Time
	BackendStatus int // 0: it did not answer
	// ServiceStatus is the status of the service in front of the backend: of
	// Lambda for a function. 0: there is none.
	ServiceStatus    int
	BackendLatency   time.Duration
	BackendRequestID string // of the answer of an AWS service
	BackendError     string
}

// Slot is the number of a variable; expressions hold it instead of the name.
type Slot uint8

// The slots. NoSlot has never a value.
const (
	NoSlot Slot = iota
	slotAccountID
	slotAPIID
	slotDeploymentID
	slotDomainName
	slotDomainPrefix
	slotExtendedRequestID
	slotHTTPMethod
	slotSourceIP
	slotUserAgent
	slotAPIKey
	slotAPIKeyID
	slotAccessKey
	slotCallerAccount
	slotCaller
	slotUser
	slotUserARN
	slotIsCanaryRequest
	slotPath
	slotProtocol
	slotRequestID
	slotRequestTime
	slotRequestTimeEpoch
	slotResourceID
	slotResourcePath
	slotStage
	slotAWSRequestID
	slotErrorMessage
	slotErrorMessageString
	slotErrorResponseType
	slotErrorValidation

	// These are for access logs only.
	slotEndpointType
	slotBasePath
	slotTraceID
	slotStatus
	slotResponseLength
	slotResponseLatency
	slotBackendStatus
	slotServiceStatus
	slotBackendLatency
	slotBackendError
)

// slots names the variables that have values. Other names are those of
// authorizers, of private APIs and of web ACLs.
var slots = map[string]Slot{
	"accountId":          slotAccountID,
	"apiId":              slotAPIID,
	"deploymentId":       slotDeploymentID,
	"domainName":         slotDomainName,
	"domainPrefix":       slotDomainPrefix,
	"extendedRequestId":  slotExtendedRequestID,
	"httpMethod":         slotHTTPMethod,
	"identity.sourceIp":  slotSourceIP,
	"identity.userAgent": slotUserAgent,
	"identity.apiKey":    slotAPIKey,
	"identity.apiKeyId":  slotAPIKeyID,
	"identity.accessKey": slotAccessKey,
	"identity.accountId": slotCallerAccount,
	"identity.caller":    slotCaller,
	"identity.user":      slotUser,
	"identity.userArn":   slotUserARN,
	"isCanaryRequest":    slotIsCanaryRequest,
	"path":               slotPath,
	"protocol":           slotProtocol,
	"requestId":          slotRequestID,
	"requestTime":        slotRequestTime,
	"requestTimeEpoch":   slotRequestTimeEpoch,
	"resourceId":         slotResourceID,
	"resourcePath":       slotResourcePath,
	"stage":              slotStage,

	"awsEndpointRequestId": slotAWSRequestID,

	"error.message":       slotErrorMessage,
	"error.messageString": slotErrorMessageString,
	"error.responseType":  slotErrorResponseType,

	"error.validationErrorString": slotErrorValidation,
}

// logSlots are the variables that only access logs know.
var logSlots = map[string]Slot{
	"endpointType":                  slotEndpointType,
	"customDomain.basePathMatched":  slotBasePath,
	"xrayTraceId":                   slotTraceID,
	"status":                        slotStatus,
	"responseLength":                slotResponseLength,
	"responseLatency":               slotResponseLatency,
	"integration.status":            slotBackendStatus,
	"integration.integrationStatus": slotServiceStatus,
	"integrationStatus":             slotServiceStatus,
	"integration.latency":           slotBackendLatency,
	"integrationLatency":            slotBackendLatency,
	"integration.error":             slotBackendError,
	"integrationErrorMessage":       slotBackendError,
	"integration.requestId":         slotAWSRequestID,
}

// Lookup returns the slot of a name without "context."; NoSlot if it never
// has a value.
func Lookup(name string) Slot { return slots[name] }

// lookupLog is Lookup for access logs.
func lookupLog(name string) Slot {
	if slot, ok := logSlots[name]; ok {
		return slot
	}
	return slots[name]
}

// Value returns a variable, and whether it is set.
func (c *Context) Value(slot Slot) (string, bool) {
	value := c.text(slot)
	return value, value != ""
}

// What $context says of a test invocation. Widely known.
const (
	TestStage    = "test-invoke-stage"
	TestSourceIP = "test-invoke-source-ip"
	TestAPIKey   = "test-invoke-api-key"
	TestAPIKeyID = "test-invoke-api-key-id"
	TestHost     = "testPrefix.testDomainName"
)

func (c *Context) text(slot Slot) string {
	switch slot {
	case slotAccountID:
		return c.AccountID
	case slotAPIID:
		return c.APIID
	case slotDeploymentID:
		return c.DeploymentID
	case slotDomainName:
		return withoutPort(c.Host)
	case slotDomainPrefix:
		prefix, _, _ := strings.Cut(withoutPort(c.Host), ".")
		return prefix
	case slotExtendedRequestID:
		return c.ExtendedID
	case slotHTTPMethod:
		return c.HTTPMethod
	case slotSourceIP:
		switch {
		case c.Test:
			return TestSourceIP
		case !c.Remote.IsValid():
			return ""
		}
		return c.Remote.Unmap().WithZone("").String()
	case slotUserAgent:
		return c.UserAgent
	case slotAPIKey:
		return c.APIKey
	case slotAPIKeyID:
		return c.APIKeyID
	case slotAccessKey, slotCallerAccount, slotCaller, slotUser, slotUserARN:
		return c.callerText(slot)
	case slotIsCanaryRequest:
		if !c.HasCanary {
			return ""
		}
		return strconv.FormatBool(c.Canary)
	case slotPath:
		if c.Test || c.Custom {
			return c.Base + c.Rest // the guide: without the stage
		}
		// Recorded: slashes before the stage are gone, those after it stay.
		return "/" + c.Stage + c.Rest
	case slotProtocol:
		return "HTTP/1.1" // the guide: for HTTP/2 clients as well
	case slotRequestID:
		return c.RequestID
	case slotRequestTime:
		return c.Received.UTC().Format(requestTime)
	case slotRequestTimeEpoch:
		return strconv.FormatInt(c.Received.UnixMilli(), 10)
	case slotResourceID:
		return c.ResourceID
	case slotResourcePath:
		return c.ResourcePath
	case slotStage:
		return c.Stage
	case slotErrorMessage:
		return c.Failure.Message
	case slotErrorMessageString:
		return c.Failure.MessageString
	case slotErrorResponseType:
		return c.Failure.ResponseType
	case slotErrorValidation:
		return c.Failure.ValidationErrors
	}
	return c.outcomeText(slot)
}

const requestTime = "02/Jan/2006:15:04:05 +0000"

func (c *Context) callerText(slot Slot) string {
	if c.Caller == nil {
		return ""
	}
	switch slot {
	case slotAccessKey:
		return c.Caller.AccessKey
	case slotCallerAccount:
		return c.Caller.AccountID
	case slotCaller:
		return c.Caller.ID
	case slotUser:
		return c.Caller.User
	}
	return c.Caller.ARN
}

func (c *Context) outcomeText(slot Slot) string {
	o := &c.Outcome
	switch slot {
	case slotEndpointType:
		return c.EndpointType
	case slotBasePath:
		if c.Custom && c.Base == "" {
			return "(none)" // seen in logs of the service
		}
		return strings.TrimPrefix(c.Base, "/")
	case slotTraceID:
		return c.TraceRoot
	case slotStatus:
		return number(o.Status)
	case slotResponseLength:
		return strconv.FormatInt(o.Length, 10)
	case slotResponseLatency:
		return strconv.FormatInt(o.Latency.Milliseconds(), 10)
	case slotBackendStatus:
		return number(o.BackendStatus)
	case slotServiceStatus:
		return number(o.ServiceStatus)
	case slotBackendLatency:
		if o.Called {
			return strconv.FormatInt(o.BackendLatency.Milliseconds(), 10)
		}
	case slotBackendError:
		return o.BackendError
	case slotAWSRequestID:
		return o.BackendRequestID
	}
	return ""
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// withoutPort cuts the port off a host, also off a bracketed address.
func withoutPort(host string) string {
	if i := strings.LastIndexByte(host, ':'); i >= 0 && strings.IndexByte(host[i:], ']') < 0 {
		return host[:i]
	}
	return host
}
