package gateway

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/steps"
	"github.com/postern-gateway/postern/plan/spec"
)

func render(t *testing.T, f steps.Failure) *exchange.Response {
	t.Helper()
	g := New(Config{Table: &Table{}})
	x := &exchange.Exchange{}
	r := &steps.Request{X: x, Failure: f}
	g.respond(r)
	return &x.Response
}

// rendered is every type with its defaults, as the client sees it. Recorded:
// the statuses, and all of MISSING_AUTHENTICATION_TOKEN and the 500s; the
// blank of execution errors is described at spec.GatewayResponse.
const rendered = `
ACCESS_DENIED 403 AccessDeniedException {"Message":"User is not authorized to access this resource"}
API_CONFIGURATION_ERROR 500 InternalServerErrorException {"message": "Internal server error"}
AUTHORIZER_CONFIGURATION_ERROR 500 AuthorizerConfigurationException {"message":null}
AUTHORIZER_FAILURE 500 AuthorizerFailureException {"message":null}
BAD_REQUEST_BODY 400 BadRequestException {"message": "Invalid request body"}
BAD_REQUEST_PARAMETERS 400 BadRequestException {"message": "Missing required request parameters: []"}
DEFAULT_4XX 400 BadRequestException {"message":"Bad Request"}
DEFAULT_5XX 500 InternalServerErrorException {"message": "Internal server error"}
EXPIRED_TOKEN 403 ExpiredTokenException {"message":"The security token included in the request is expired"}
INTEGRATION_FAILURE 504 InternalServerErrorException {"message": "Network error communicating with endpoint"}
INTEGRATION_TIMEOUT 504 InternalServerErrorException {"message": "Endpoint request timed out"}
INVALID_API_KEY 403 ForbiddenException {"message":"Forbidden"}
INVALID_SIGNATURE 403 InvalidSignatureException {"message":"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."}
MISSING_AUTHENTICATION_TOKEN 403 MissingAuthenticationTokenException {"message":"Missing Authentication Token"}
QUOTA_EXCEEDED 429 LimitExceededException {"message":"Limit Exceeded"}
REQUEST_TOO_LARGE 413 RequestTooLargeException {"message":"Request Too Long"}
RESOURCE_NOT_FOUND 404 ResourceNotFoundException {"message":"Not Found"}
THROTTLED 429 TooManyRequestsException {"message":"Too Many Requests"}
UNAUTHORIZED 401 UnauthorizedException {"message":"Unauthorized"}
UNSUPPORTED_MEDIA_TYPE 415 BadRequestException {"message": "Unsupported Media Type"}
WAF_FILTERED 403 ForbiddenException {"message":"Forbidden"}
`

func TestDefaults(t *testing.T) {
	var b strings.Builder
	for _, response := range spec.GatewayResponses {
		res := render(t, steps.Failure{Response: response})
		fmt.Fprintf(&b, "%s %d %s %s\n", response.Type, res.Status, res.Header.Get("x-amzn-ErrorType"), res.Body)
	}
	if diff := cmp.Diff(rendered, "\n"+b.String()); diff != "" {
		t.Errorf("gateway responses (-want +got):\n%s", diff)
	}
}

// TestTypesAreThoseOfTheModel: none is missing, none is double, all in order.
func TestTypesAreThoseOfTheModel(t *testing.T) {
	var got []string
	for _, response := range spec.GatewayResponses {
		got = append(got, response.Type)
	}
	if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Errorf("types are not sorted or not unique: %v", got)
	}
	want := slices.Clone(apigw.Schema["GatewayResponseType"].Enum)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("types %v, the model has %v", got, want)
	}
}

func TestFailureOverrides(t *testing.T) {
	res := render(t, steps.Failure{
		Response: spec.IntegrationFailure, Status: 502, Message: "a \"quoted\" <text>\n", ErrorType: "OtherException",
	})
	const want = `{"message": "a \"quoted\" <text>\n"}`
	if res.Status != 502 || string(res.Body) != want || res.Header.Get("x-amzn-ErrorType") != "OtherException" {
		t.Errorf("got %d %s %v, want 502 %s", res.Status, res.Body, res.Header, want)
	}
}
