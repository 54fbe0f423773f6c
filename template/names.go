package template

import "strings"

// physical says what Ref and Fn::GetAtt give for a type of resource. In the
// patterns {n} is the resource's name, {i} its logical id, {p}, {r} and {a} the
// partition, the region and the account.
type physical struct {
	name       string // the property that names the resource
	ref        string // empty: {n}
	attributes map[string]string
}

// arn is the pattern of an ARN.
func arn(service, resource string) string { return "arn:{p}:" + service + ":{r}:{a}:" + resource }

var (
	functionNames = physical{"FunctionName", "", map[string]string{"Arn": arn("lambda", "function:{n}")}}
	apiNames      = physical{"", "{i}", map[string]string{"RootResourceId": "{i}.RootResourceId", "RestApiId": "{i}"}}
	machineNames  = physical{"StateMachineName", arn("states", "stateMachine:{n}"), map[string]string{
		"Arn": arn("states", "stateMachine:{n}"), "Name": "{n}"}}
	tableNames = physical{"TableName", "", map[string]string{"Arn": arn("dynamodb", "table/{n}")}}
)

// names are the types that templates refer to from an API. Other resources have
// a Ref, but no attributes.
var names = map[string]physical{
	"AWS::Lambda::Function":            functionNames,
	"AWS::Serverless::Function":        functionNames,
	"AWS::Serverless::Api":             apiNames,
	"AWS::ApiGateway::RestApi":         apiNames,
	"AWS::ApiGateway::Resource":        {"", "{i}", map[string]string{"ResourceId": "{i}"}},
	"AWS::ApiGateway::Deployment":      {"", "{i}", map[string]string{"DeploymentId": "{i}"}},
	"AWS::ApiGateway::Authorizer":      {"", "{i}", map[string]string{"AuthorizerId": "{i}"}},
	"AWS::ApiGateway::Stage":           {"StageName", "", nil},
	"AWS::ApiGateway::Model":           {"Name", "", nil},
	"AWS::StepFunctions::StateMachine": machineNames,
	"AWS::Serverless::StateMachine":    machineNames,
	"AWS::DynamoDB::Table":             tableNames,
	"AWS::Serverless::SimpleTable":     tableNames,
	"AWS::IAM::Role":                   {"RoleName", "", map[string]string{"Arn": "arn:{p}:iam::{a}:role/{n}"}},
	"AWS::SQS::Queue": {"QueueName", "https://sqs.{r}.amazonaws.com/{a}/{n}", map[string]string{
		"Arn": arn("sqs", "{n}"), "QueueName": "{n}", "QueueUrl": "https://sqs.{r}.amazonaws.com/{a}/{n}"}},
	"AWS::SNS::Topic":      {"TopicName", arn("sns", "{n}"), map[string]string{"TopicArn": arn("sns", "{n}"), "TopicName": "{n}"}},
	"AWS::Kinesis::Stream": {"Name", "", map[string]string{"Arn": arn("kinesis", "stream/{n}")}},
	"AWS::KinesisFirehose::DeliveryStream": {"DeliveryStreamName", "", map[string]string{
		"Arn": arn("firehose", "deliverystream/{n}")}},
	"AWS::Events::EventBus": {"Name", "", map[string]string{"Arn": arn("events", "event-bus/{n}"), "Name": "{n}"}},
	"AWS::Logs::LogGroup":   {"LogGroupName", "", map[string]string{"Arn": arn("logs", "log-group:{n}:*")}},
	"AWS::S3::Bucket": {"BucketName", "", map[string]string{
		"Arn": "arn:{p}:s3:::{n}", "DomainName": "{n}.s3.amazonaws.com", "RegionalDomainName": "{n}.s3.{r}.amazonaws.com"}},
	"AWS::Cognito::UserPool": {"", "{r}_{i}", map[string]string{
		"Arn": arn("cognito-idp", "userpool/{r}_{i}"), "ProviderName": "cognito-idp.{r}.amazonaws.com/{r}_{i}",
		"ProviderURL": "https://cognito-idp.{r}.amazonaws.com/{r}_{i}", "UserPoolId": "{r}_{i}"}},
}

// refResource is the Ref of a resource, or of one that SAM makes for it.
func (r *resolver) refResource(id string, at *value) (string, error) {
	if res := r.resources[id]; res != nil {
		switch res.kind {
		case "AWS::Lambda::Alias":
			return r.qualified(res, "Name", at)
		case "AWS::Lambda::Version":
			return r.qualified(res, "", at)
		}
		known := names[res.kind]
		pattern := known.ref
		if pattern == "" {
			pattern = "{n}"
		}
		return r.fill(pattern, res, at)
	}
	if made, ok := r.generated(id); ok {
		return made(at)
	}
	return "", at.errorf("%s is neither a parameter nor a resource of this template", id)
}

// generated finds what SAM makes beside a resource of its own, by the logical
// ids that its guide lists: Function.Alias, FunctionAliaslive, FunctionRole,
// Api.Stage, ApiProdStage and so on.
func (r *resolver) generated(id string) (func(at *value) (string, error), bool) {
	if base, property, ok := strings.Cut(id, "."); ok {
		res := r.resources[base]
		switch {
		case res == nil:
		case res.kind == functionType && property == "Alias":
			return func(at *value) (string, error) { return r.published(res, at) }, true
		case res.kind == apiType && property == "Stage":
			return func(at *value) (string, error) { return r.property(res, "StageName", at) }, true
		case res.kind == apiType && property == "Deployment":
			return func(*value) (string, error) { return id, nil }, true
		}
		return nil, false
	}
	if base, ok := strings.CutSuffix(id, "Role"); ok && r.isKind(base, functionType) {
		return func(*value) (string, error) { return id, nil }, true
	}
	if i := strings.LastIndex(id, "Alias"); i > 0 && r.isKind(id[:i], functionType) {
		return func(at *value) (string, error) { return r.published(r.resources[id[:i]], at) }, true
	}
	if base, ok := strings.CutSuffix(id, "Deployment"); ok && r.isKind(base, apiType) {
		return func(*value) (string, error) { return id, nil }, true
	}
	if head, ok := strings.CutSuffix(id, "Stage"); ok {
		for i := range head {
			if base := head[:i]; r.isKind(base, apiType) {
				return func(at *value) (string, error) { return r.property(r.resources[base], "StageName", at) }, true
			}
		}
	}
	return nil, false
}

func (r *resolver) isKind(id, kind string) bool {
	res := r.resources[id]
	return res != nil && res.kind == kind
}

// attribute is an attribute of a resource.
func (r *resolver) attribute(id, attribute string, at *value) (string, error) {
	res := r.resources[id]
	if res == nil {
		if base, ok := strings.CutSuffix(id, "Role"); ok && attribute == "Arn" && r.isKind(base, functionType) {
			return r.patterns("arn:{p}:iam::{a}:role/{n}", id, id), nil
		}
		return "", at.errorf("%s is not a resource of this template", id)
	}
	if pattern, ok := names[res.kind].attributes[attribute]; ok {
		return r.fill(pattern, res, at)
	}
	return "", &unknown{at, "the attribute " + attribute + " of " + id + " (" + res.kind + ") is known to AWS only"}
}

// fill computes a pattern for a resource.
func (r *resolver) fill(pattern string, res *resource, at *value) (string, error) {
	name := res.id
	if property := names[res.kind].name; property != "" && strings.Contains(pattern, "{n}") {
		given, err := r.property(res, property, at)
		if err != nil {
			return "", err
		}
		if given != "" {
			name = given
		}
	}
	return r.patterns(pattern, name, res.id), nil
}

func (r *resolver) patterns(pattern, name, id string) string {
	return strings.NewReplacer("{n}", name, "{i}", id,
		"{p}", r.options.Partition, "{r}", r.options.Region, "{a}", r.options.Account).Replace(pattern)
}

// property computes a text property of a resource, empty if it has none. What
// it refers to may lead back to it: that is a circle.
func (r *resolver) property(res *resource, name string, at *value) (string, error) {
	given := res.raw.get(name)
	if given == nil {
		return "", nil
	}
	key := res.id + "." + name
	if s, ok := r.named[key]; ok {
		return s, nil
	}
	done, err := r.enter("property "+key, at)
	if err != nil {
		return "", err
	}
	defer done()
	x, err := r.value(given, nil)
	if err != nil {
		return "", err
	}
	r.named[key] = x.str()
	return x.str(), nil
}

// qualified is the ARN of an alias or a version of a function.
func (r *resolver) qualified(res *resource, property string, at *value) (string, error) {
	function, err := r.property(res, "FunctionName", at)
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(function, "arn:") {
		function = r.patterns(arn("lambda", "function:{n}"), function, "")
	}
	qualifier := "1" // the first version
	if property != "" {
		if qualifier, err = r.property(res, property, at); err != nil {
			return "", err
		}
	}
	return function + ":" + qualifier, nil
}

// published is the ARN by which SAM calls a function: that of its alias, if it
// publishes one.
func (r *resolver) published(res *resource, at *value) (string, error) {
	plain, err := r.attribute(res.id, "Arn", at)
	if err != nil {
		return "", err
	}
	alias, err := r.property(res, "AutoPublishAlias", at)
	if err != nil || alias == "" {
		return plain, err
	}
	return plain + ":" + alias, nil
}
