package gaps

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is what happens to a call or a request that meets a gap.
type Kind string

// The kinds of gaps.
const (
	// NotServed: the operation answers NotImplementedException, status 501.
	NotServed Kind = "not served"
	// FailsClosed: the setting is taken, and requests that depend on it are
	// refused rather than served without it.
	FailsClosed Kind = "fails closed"
	// Inert: the member is stored and returned, and has no effect yet.
	Inert Kind = "no effect yet"
)

// Gap is one entry of the register.
type Gap struct {
	Kind Kind
	// Subject is what does not work, for a reader of the README.
	Subject string
	// Meaning is what a user sees instead.
	Meaning string
	// Operations are the operations of a NotServed gap.
	Operations []string
}

// Register lists all gaps.
var Register = []Gap{
	{Kind: NotServed, Subject: "Client SDKs", Meaning: "501", Operations: []string{"GetSdk"}},
	{Kind: FailsClosed, Subject: "TestInvokeAuthorizer with user pools", Meaning: "400: their keys are not fetched yet"},

	{Kind: FailsClosed, Subject: "authorizationType AWS_IAM", Meaning: "403: signatures of requests to stages are not verified yet"},
	{Kind: FailsClosed, Subject: "authorizationType CUSTOM and COGNITO_USER_POOLS", Meaning: "401 without credentials, else 403: authorizers are not called yet"},

	{Kind: FailsClosed, Subject: "apiKeyRequired with apiKeySource AUTHORIZER", Meaning: "403: authorizers are not called yet"},
	{Kind: FailsClosed, Subject: "Resource policies and PRIVATE APIs", Meaning: "403 for every request: policies are not evaluated yet"},
	{Kind: FailsClosed, Subject: "responseTransferMode STREAM of AWS_PROXY", Meaning: "500"},
	{Kind: FailsClosed, Subject: "Private custom domain names, DomainNameAccessAssociation", Meaning: "can be made; requests to their hosts are answered as for an unknown host"},

	{Kind: Inert, Subject: "Integration credentials", Meaning: "services of AWS are called with the credentials of postern, whatever role is named"},
	{Kind: Inert, Subject: "RestApi securityPolicy, endpointAccessMode, vpcEndpointIds", Meaning: ""},
	{Kind: Inert, Subject: "RestApi endpointConfiguration EDGE and REGIONAL, ipAddressType", Meaning: "all endpoints are served alike"},
	{Kind: Inert, Subject: "Method requestModels, response models", Meaning: "as with AWS, they act through a validator only"},
	{Kind: Inert, Subject: "Stage webAclArn", Meaning: "read-only; there is no WAFv2 API to make the association with"},
	{Kind: Inert, Subject: "Usage plan throttle and quota", Meaning: "keys are let in without limits, and their use is not counted"},
	{Kind: Inert, Subject: "DomainName managementPolicy", Meaning: "any account of this postern may make an association"},
	{Kind: Inert, Subject: "DomainName endpointAccessMode, ownershipVerificationCertificateArn, truststoreVersion, ipAddressType", Meaning: "a trust store is the file that is configured for its URI"},
	{Kind: Inert, Subject: "/ping and /sping of custom domains", Meaning: "AWS keeps them for health checks; here they reach the API"},
	{Kind: Inert, Subject: "$context.identity.clientCert", Meaning: "empty, with mutual TLS too"},
	{Kind: Inert, Subject: "Account cloudwatchRoleArn", Meaning: ""},
}

// Explain is the message of an operation that is not served.
func Explain(operation string) string {
	for _, gap := range Register {
		if slices.Contains(gap.Operations, operation) {
			return fmt.Sprintf("%s is not served by this version of postern (%s)", operation, gap.Subject)
		}
	}
	return operation + " is not served by this version of postern"
}

// Markdown returns the register as the table of the README.
func Markdown() string {
	var out strings.Builder
	out.WriteString("| What | How | What you see |\n| --- | --- | --- |\n")
	for _, gap := range Register {
		subject := gap.Subject
		if len(gap.Operations) > 0 {
			subject += ": `" + strings.Join(gap.Operations, "`, `") + "`"
		}
		fmt.Fprintf(&out, "| %s | %s | %s |\n", subject, gap.Kind, gap.Meaning)
	}
	return out.String()
}
