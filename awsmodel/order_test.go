package awsmodel

import (
	"strings"
	"testing"
)

// The wanted orders are those of recorded answers of the real service.
func TestWireEnumOrder(t *testing.T) {
	tests := []struct{ name, model, want string }{
		{"patch operation", "add remove replace move copy test", "add remove move test replace copy"},
		{"endpoint type", "REGIONAL EDGE PRIVATE", "PRIVATE EDGE REGIONAL"},
		{"ip address type", "ipv4 dualstack", "ipv4 dualstack"},
		{"integration type", "HTTP AWS MOCK HTTP_PROXY AWS_PROXY", "HTTP MOCK AWS_PROXY HTTP_PROXY AWS"},
		{
			"documentation part type",
			"API AUTHORIZER MODEL RESOURCE METHOD PATH_PARAMETER QUERY_PARAMETER REQUEST_HEADER REQUEST_BODY RESPONSE RESPONSE_HEADER RESPONSE_BODY",
			"RESPONSE_BODY RESPONSE METHOD MODEL AUTHORIZER RESPONSE_HEADER RESOURCE PATH_PARAMETER REQUEST_BODY QUERY_PARAMETER API REQUEST_HEADER",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.Join(wireEnumOrder(strings.Fields(tt.model)), " ")
			if got != tt.want {
				t.Errorf("order of %q\n got %s\nwant %s", tt.model, got, tt.want)
			}
		})
	}
}
