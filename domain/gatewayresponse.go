package domain

// gatewayResponseStatus is the status of each type of gateway response. The
// two families have none of their own. Recorded: get-gateway-responses.
var gatewayResponseStatus = map[string]string{
	"ACCESS_DENIED":                  "403",
	"API_CONFIGURATION_ERROR":        "500",
	"AUTHORIZER_CONFIGURATION_ERROR": "500",
	"AUTHORIZER_FAILURE":             "500",
	"BAD_REQUEST_BODY":               "400",
	"BAD_REQUEST_PARAMETERS":         "400",
	"EXPIRED_TOKEN":                  "403",
	"INTEGRATION_FAILURE":            "504",
	"INTEGRATION_TIMEOUT":            "504",
	"INVALID_API_KEY":                "403",
	"INVALID_SIGNATURE":              "403",
	"MISSING_AUTHENTICATION_TOKEN":   "403",
	"QUOTA_EXCEEDED":                 "429",
	"REQUEST_TOO_LARGE":              "413",
	"RESOURCE_NOT_FOUND":             "404",
	"THROTTLED":                      "429",
	"UNAUTHORIZED":                   "401",
	"UNSUPPORTED_MEDIA_TYPE":         "415",
	"WAF_FILTERED":                   "403",
}

// GatewayResponseStatus returns the default status of a type, or "" for a family.
func GatewayResponseStatus(responseType string) string { return gatewayResponseStatus[responseType] }

// GatewayResponseFamily returns the family that a type falls back to:
// DEFAULT_4XX, DEFAULT_5XX, or "" for a family itself.
func GatewayResponseFamily(responseType string) string {
	switch status := gatewayResponseStatus[responseType]; {
	case status == "":
		return ""
	case status[0] == '4':
		return "DEFAULT_4XX"
	}
	return "DEFAULT_5XX"
}
