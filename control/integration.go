package control

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/caller"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

const (
	defaultTimeout   = 29000 // milliseconds
	minimalTimeout   = 50
	streamingTimeout = 900_000
)

// PutIntegration sets the integration of a method; the one before it goes,
// with its responses.
func (s *Service) PutIntegration(ctx context.Context, in *apigw.PutIntegrationRequest) (*apigw.Integration, error) {
	var out *apigw.Integration
	err := s.changeMethod(ctx, in.RestApiId, in.ResourceId, in.HttpMethod, func(t *tx, _ domain.Parts, m *apigw.Method) error {
		i := newIntegration(in)
		if err := s.checkIntegration(t.scope.Account, m, i); err != nil {
			return err
		}
		m.MethodIntegration = i
		out = i
		return nil
	})
	return out, err
}

// newIntegration fills in the defaults. Recorded: put-integration.
func newIntegration(in *apigw.PutIntegrationRequest) *apigw.Integration {
	i := &apigw.Integration{
		Type:                 in.Type,
		HttpMethod:           apigw.Text(apigw.Val(in.IntegrationHttpMethod)),
		Uri:                  in.Uri,
		ConnectionId:         apigw.Text(apigw.Val(in.ConnectionId)),
		Credentials:          apigw.Text(apigw.Val(in.Credentials)),
		RequestParameters:    in.RequestParameters,
		RequestTemplates:     in.RequestTemplates,
		PassthroughBehavior:  apigw.Text(apigw.Val(in.PassthroughBehavior)),
		ContentHandling:      in.ContentHandling,
		TimeoutInMillis:      in.TimeoutInMillis,
		CacheNamespace:       apigw.Text(apigw.Val(in.CacheNamespace)),
		CacheKeyParameters:   in.CacheKeyParameters,
		TlsConfig:            in.TlsConfig,
		ResponseTransferMode: in.ResponseTransferMode,
		IntegrationTarget:    apigw.Text(apigw.Val(in.IntegrationTarget)),
	}
	if *i.Type == apigw.IntegrationType_MOCK {
		i.Uri, i.HttpMethod = nil, nil // recorded
	}
	if isHTTP(i) {
		i.ConnectionType = in.ConnectionType
		if i.ConnectionType == nil {
			i.ConnectionType = new(apigw.ConnectionType_INTERNET)
		}
	}
	if i.PassthroughBehavior == nil {
		i.PassthroughBehavior = new("WHEN_NO_MATCH")
	}
	if i.TimeoutInMillis == nil {
		i.TimeoutInMillis = new(int32(defaultTimeout))
	}
	if i.CacheNamespace == nil {
		i.CacheNamespace = &in.ResourceId
	}
	if i.CacheKeyParameters == nil {
		i.CacheKeyParameters = []string{}
	}
	return i
}

func isHTTP(i *apigw.Integration) bool {
	return *i.Type == apigw.IntegrationType_HTTP || *i.Type == apigw.IntegrationType_HTTP_PROXY
}

// checkIntegration holds the rules over the whole of an integration. The order
// of the first two is recorded. A role has to be one of the account, which is
// empty if the role was looked at before.
func (s *Service) checkIntegration(account string, m *apigw.Method, i *apigw.Integration) error {
	if *i.Type != apigw.IntegrationType_MOCK {
		verb := apigw.Val(i.HttpMethod)
		if verb == "" {
			return fault.BadRequestf("Enumeration value for HttpMethod must be non-empty")
		}
		if !slices.Contains(verbs, verb) {
			return fault.BadRequestf("Invalid HttpMethod specified. Valid options are %s", strings.Join(verbs, ","))
		}
	}
	checks := []func(*apigw.Integration) error{
		checkURI,
		func(i *apigw.Integration) error { return checkCredentials(account, i) },
		checkConnection, s.checkTimeout,
		func(i *apigw.Integration) error { return checkCacheKeys(m, i) },
		checkPassthrough, checkRequestMapping, checkTLS, checkTransferMode,
		func(i *apigw.Integration) error { return checkTemplates(i.RequestTemplates) },
	}
	for _, check := range checks {
		if err := check(i); err != nil {
			return err
		}
	}
	return nil
}

var (
	httpURI        = regexp.MustCompile(`^(https?://[^/\s]|\$\{stageVariables\.\w+\})`)
	anyARN         = regexp.MustCompile(`^arn:[^:]+:[^:]*:[^:]*:`)
	integrationARN = regexp.MustCompile(`^arn:[^:]+:apigateway:[^:]+:([^:]+):(path|action)/(.+)$`)
	lambdaPath     = regexp.MustCompile(`^/?(2015-03-31/functions/.+/invocations|2021-11-15/functions/.+/response-streaming-invocations)$`)
	firehoseAction = regexp.MustCompile(`^PutRecord(Batch)?(&.*)?$`)
)

func checkURI(i *apigw.Integration) error {
	uri := apigw.Val(i.Uri)
	switch {
	case *i.Type == apigw.IntegrationType_MOCK:
		return nil
	case isHTTP(i):
		if !httpURI.MatchString(uri) {
			return fault.BadRequestf("Invalid HTTP endpoint specified for URI")
		}
		return nil
	case !anyARN.MatchString(uri):
		return fault.BadRequestf("Invalid ARN specified in the request")
	}
	target := integrationARN.FindStringSubmatch(uri)
	if target == nil {
		return fault.BadRequestf("AWS ARN for integration must contain path or action")
	}
	service, form, rest := target[1], target[2], target[3]
	lambda := service == "lambda" && form == "path" && lambdaPath.MatchString(rest)
	firehose := service == "firehose" && form == "action" && firehoseAction.MatchString(rest)
	if *i.Type == apigw.IntegrationType_AWS_PROXY && !lambda && !firehose {
		return fault.BadRequestf("Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.")
	}
	return nil
}

var credentialsARN = regexp.MustCompile(`^(arn:[^:]+:iam::[^:]*:(role|user)/.+|arn:[^:]+:iam::\$\{stageVariables\.\w+\}.*|\$\{stageVariables\.\w+\})$`)

// roleAccount finds the account of a role. Users are the caller's own
// credentials, and what a stage variable says is not known yet.
var roleAccount = regexp.MustCompile(`^arn:[^:]+:iam::(\d+):role/`)

func checkCredentials(account string, i *apigw.Integration) error {
	credentials := apigw.Val(i.Credentials)
	if credentials != "" && !credentialsARN.MatchString(credentials) {
		return fault.BadRequestf("Invalid ARN specified in the request")
	}
	// Whoever has not said which account this is may name the roles of any.
	role := roleAccount.FindStringSubmatch(credentials)
	if role != nil && account != "" && account != caller.DefaultAccount && role[1] != account {
		return fault.New(fault.AccessDenied, "Cross-account pass role is not allowed.") // quoted by users
	}
	target := integrationARN.FindStringSubmatch(apigw.Val(i.Uri))
	if *i.Type == apigw.IntegrationType_AWS && credentials == "" && target != nil && target[1] != "lambda" {
		return fault.BadRequestf("Role ARN must be specified for AWS integrations")
	}
	return nil
}

func checkConnection(i *apigw.Integration) error {
	if apigw.Val(i.ConnectionType) == apigw.ConnectionType_VPC_LINK && apigw.Val(i.ConnectionId) == "" {
		return fault.BadRequestf("ConnectionId should be set to the vpcLinkId or stage variable on connection type VPC_LINK")
	}
	return nil
}

func (s *Service) checkTimeout(i *apigw.Integration) error {
	ceiling := int32(defaultTimeout)
	if s.IntegrationTimeout > 0 {
		ceiling = int32(s.IntegrationTimeout / time.Millisecond)
	}
	if apigw.Val(i.ResponseTransferMode) == apigw.ResponseTransferMode_STREAM {
		ceiling = max(ceiling, streamingTimeout)
	}
	if *i.TimeoutInMillis < minimalTimeout || *i.TimeoutInMillis > ceiling {
		return fault.BadRequestf("Timeout should be between %d ms and %d ms", minimalTimeout, ceiling)
	}
	return nil
}

func checkPassthrough(i *apigw.Integration) error {
	switch *i.PassthroughBehavior {
	case "WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER":
		return nil
	}
	return fault.BadRequestf("Invalid passthrough behavior specified. Valid options are WHEN_NO_MATCH,WHEN_NO_TEMPLATES,NEVER") // assumed
}

// errMapping. Recorded: put-integration and put-method with a wrong expression.
func errMapping(expression string) error {
	return fault.BadRequestf("Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: %s]", expression)
}

func checkRequestMapping(i *apigw.Integration) error {
	for _, key := range sortedKeys(i.RequestParameters) {
		if !domain.ValidIntegrationTarget(key) {
			return errMapping(key)
		}
		if value := i.RequestParameters[key]; !domain.ValidRequestSource(value) {
			return errMapping(value)
		}
	}
	return nil
}

func checkTLS(i *apigw.Integration) error {
	if i.TlsConfig != nil && !isHTTP(i) {
		return fault.BadRequestf("TLS configuration is only valid for integrations of type HTTP and HTTP_PROXY") // assumed
	}
	return nil
}

func checkTransferMode(i *apigw.Integration) error {
	proxy := *i.Type == apigw.IntegrationType_HTTP_PROXY || *i.Type == apigw.IntegrationType_AWS_PROXY
	if apigw.Val(i.ResponseTransferMode) == apigw.ResponseTransferMode_STREAM && !proxy {
		return fault.BadRequestf("Response transfer mode STREAM is only valid for integrations of type HTTP_PROXY and AWS_PROXY") // guide for the rule, assumed for the text
	}
	return nil
}

// checkCacheKeys: a cache key parameter is declared on the method or mapped by
// the integration.
func checkCacheKeys(m *apigw.Method, i *apigw.Integration) error {
	for _, parameter := range i.CacheKeyParameters {
		_, declared := m.RequestParameters[parameter]
		_, mapped := i.RequestParameters[parameter]
		if !declared && !mapped {
			return fault.BadRequestf("Invalid cache key parameter specified")
		}
	}
	return nil
}

// errNoIntegration. Recorded: get-integration of a method without one.
func errNoIntegration() error { return fault.NotFoundf("Invalid Integration identifier specified") }

// GetIntegration answers the integration of a method.
func (s *Service) GetIntegration(ctx context.Context, in *apigw.GetIntegrationRequest) (*apigw.Integration, error) {
	var out *apigw.Integration
	err := s.read(ctx, func(t *tx) error {
		_, m, err := t.method(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err != nil {
			return err
		}
		if m.Shape.MethodIntegration == nil {
			return errNoIntegration()
		}
		out = m.Shape.MethodIntegration
		return nil
	})
	return out, err
}

// UpdateIntegration patches the integration of a method.
func (s *Service) UpdateIntegration(ctx context.Context, in *apigw.UpdateIntegrationRequest) (*apigw.Integration, error) {
	var out *apigw.Integration
	err := s.update(ctx, in.RestApiId, in.PatchOperations, editIntegration(in.RestApiId, in.ResourceId, in.HttpMethod, errNoIntegration(), func(m *apigw.Method) error {
		draft := integrationDraft{Integration: m.MethodIntegration, method: m, service: s, resource: in.ResourceId, account: caller.From(ctx).Account}
		if err := integrationPatch.Apply(&draft, in.PatchOperations); err != nil {
			return err
		}
		out = m.MethodIntegration
		return nil
	}))
	return out, err
}

// changeIntegration is a change by editIntegration.
func (s *Service) changeIntegration(ctx context.Context, api, resource, verb string, missing error, f func(*apigw.Method) error) error {
	return s.change(ctx, api, editIntegration(api, resource, verb, missing, f))
}

// editIntegration runs f on the draft of a method that has an integration.
// What is missing below the resource gives the same refusal, whether it is the
// method or its integration.
func editIntegration(api, resource, verb string, missing error, f func(*apigw.Method) error) func(*tx) error {
	return func(t *tx) error {
		parts, _, err := t.resource(api, resource)
		if err != nil {
			return err
		}
		key := parts.Method(resource, verb)
		m, ok, err := get[apigw.Method, domain.None](t, key)
		if err != nil {
			return err
		}
		if !ok || m.Shape.MethodIntegration == nil {
			return missing
		}
		if err := f(&m.Shape); err != nil {
			return err
		}
		t.put(key, m)
		return nil
	}
}

// DeleteIntegration removes the integration of a method. Whatever is missing
// gives one and the same refusal.
func (s *Service) DeleteIntegration(ctx context.Context, in *apigw.DeleteIntegrationRequest) error {
	return s.changeIntegration(ctx, in.RestApiId, in.ResourceId, in.HttpMethod, errNoResource(), func(m *apigw.Method) error {
		m.MethodIntegration = nil
		return nil
	})
}
