package domain

import "regexp"

// The grammar of parameter mappings, as far as the control plane refuses what
// does not follow it. Package mapping gives the expressions their meaning.
// Guide for the forms and the set of names.
var (
	integrationTarget = regexp.MustCompile(`^integration\.request\.(path|querystring|header|multivaluequerystring|multivalueheader)\.[a-zA-Z0-9:._$-]+$`)
	requestSource     = regexp.MustCompile(`^(method\.request\.(path|querystring|multivaluequerystring|header|multivalueheader)\.[a-zA-Z0-9:._$-]+|method\.request\.body([.\[].*)?|context\.[a-zA-Z0-9:._$-]+|stageVariables\.\w+|'[^']*')$`)
	responseSource    = regexp.MustCompile(`^(integration\.response\.(header|multivalueheader)\.[a-zA-Z0-9:._$-]+|integration\.response\.body([.\[].*)?|context\.[a-zA-Z0-9:._$-]+|stageVariables\.\w+|'(?s:.*)')$`)
)

// ValidIntegrationTarget reports whether a key names a place of the request to
// the backend.
func ValidIntegrationTarget(key string) bool { return integrationTarget.MatchString(key) }

// ValidRequestSource reports whether a value can be mapped into a request.
func ValidRequestSource(value string) bool { return requestSource.MatchString(value) }

// ValidResponseSource reports whether a value can be mapped into a response.
func ValidResponseSource(value string) bool { return responseSource.MatchString(value) }
