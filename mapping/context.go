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
	Rest       string
	RequestID  string
	ExtendedID string
	UserAgent  string
	APIKey     string // that let the caller in
	APIKeyID   string
	Remote     netip.Addr
	Received   time.Time
	// HasCanary says that the stage has canary settings, Canary that this
	// request was drawn for it.
	HasCanary, Canary bool
	// Failure is set while the gateway answers with a response of its own.
	Failure Failure
}

// Failure is what $context.error tells.
type Failure struct {
	Message       string
	MessageString string // in JSON quotes, with the blank of execution errors
	ResponseType  string
	// ValidationErrors are those of a body that does not match its model.
	ValidationErrors string
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
	slotIsCanaryRequest
	slotPath
	slotProtocol
	slotRequestID
	slotRequestTime
	slotRequestTimeEpoch
	slotResourceID
	slotResourcePath
	slotStage
	slotErrorMessage
	slotErrorMessageString
	slotErrorResponseType
	slotErrorValidation
)

// slots names the variables that have values. Other names are those of
// callers who were identified, of private APIs and of web ACLs.
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
	"isCanaryRequest":    slotIsCanaryRequest,
	"path":               slotPath,
	"protocol":           slotProtocol,
	"requestId":          slotRequestID,
	"requestTime":        slotRequestTime,
	"requestTimeEpoch":   slotRequestTimeEpoch,
	"resourceId":         slotResourceID,
	"resourcePath":       slotResourcePath,
	"stage":              slotStage,

	"error.message":       slotErrorMessage,
	"error.messageString": slotErrorMessageString,
	"error.responseType":  slotErrorResponseType,

	"error.validationErrorString": slotErrorValidation,
}

// Lookup returns the slot of a name without "context."; NoSlot if it never
// has a value.
func Lookup(name string) Slot { return slots[name] }

// Value returns a variable, and whether it is set.
func (c *Context) Value(slot Slot) (string, bool) {
	value := c.text(slot)
	return value, value != ""
}

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
		if !c.Remote.IsValid() {
			return ""
		}
		return c.Remote.Unmap().WithZone("").String()
	case slotUserAgent:
		return c.UserAgent
	case slotAPIKey:
		return c.APIKey
	case slotAPIKeyID:
		return c.APIKeyID
	case slotIsCanaryRequest:
		if !c.HasCanary {
			return ""
		}
		return strconv.FormatBool(c.Canary)
	case slotPath:
		// Recorded: slashes before the stage are gone, those after it stay.
		return "/" + c.Stage + c.Rest
	case slotProtocol:
		return "HTTP/1.1" // the guide: for HTTP/2 clients as well
	case slotRequestID:
		return c.RequestID
	case slotRequestTime:
		return c.Received.UTC().Format("02/Jan/2006:15:04:05 +0000")
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
	return ""
}

// withoutPort cuts the port off a host, also off a bracketed address.
func withoutPort(host string) string {
	if i := strings.LastIndexByte(host, ':'); i >= 0 && strings.IndexByte(host[i:], ']') < 0 {
		return host[:i]
	}
	return host
}
