package aws

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/gateway/integration"
)

// jsonServices are the services whose actions are named in X-Amz-Target.
var jsonServices = map[string]struct{ prefix, version string }{
	"cognito-idp":    {"AWSCognitoIdentityProviderService.", "1.1"},
	"dynamodb":       {"DynamoDB_20120810.", "1.0"},
	"events":         {"AWSEvents.", "1.1"},
	"firehose":       {"Firehose_20150804.", "1.1"},
	"kinesis":        {"Kinesis_20131202.", "1.1"},
	"kms":            {"TrentService.", "1.1"},
	"logs":           {"Logs_20140328.", "1.1"},
	"secretsmanager": {"secretsmanager.", "1.1"},
	ssmService:       {"AmazonSSM.", "1.1"},
	"states":         {"AWSStepFunctions.", "1.0"},
}

// queryVersions are the versions of the services whose actions are parameters.
var queryVersions = map[string]string{
	"autoscaling":    "2011-01-01",
	"cloudformation": "2010-05-15",
	"ec2":            "2016-11-15",
	"iam":            "2010-05-08",
	"monitoring":     "2010-08-01",
	"rds":            "2014-10-31",
	"sns":            "2010-03-31",
	"sqs":            "2012-11-05",
	"sts":            "2011-06-15",
}

// frame puts the name of an action where the service looks for it. What a
// mapping has set stays.
func frame(req *integration.Request) {
	call := &req.AWS
	service, isJSON := jsonServices[call.Service]
	if !isJSON {
		frameQuery(req)
		return
	}
	req.Method = "POST"
	if !req.Header.Has("X-Amz-Target") {
		req.Header.Add("X-Amz-Target", service.prefix+call.Action)
	}
	if !req.Header.Has("Content-Type") {
		req.Header.Add("Content-Type", "application/x-amz-json-"+service.version)
	}
	if call.Service == ssmService {
		base, query, _ := strings.Cut(req.URL, "?")
		req.URL = base
		if query != "" {
			req.Body = parametersJSON(query)
		}
	}
	if len(req.Body) == 0 {
		req.Body = []byte("{}")
	}
}

const formType = "application/x-www-form-urlencoded"

// frameQuery names an action by parameters: in the form that is the body of a
// POST, else in the query. A body that no mapping declares as something else or
// as a form is not sent: these services read nothing but forms.
func frameQuery(req *integration.Request) {
	call := &req.AWS
	base, query, _ := strings.Cut(req.URL, "?")
	action := "Action=" + url.QueryEscape(call.Action)
	if version := queryVersions[call.Service]; version != "" && !slices.ContainsFunc(strings.Split(query, "&"), isVersion) {
		action += "&Version=" + version
	}
	parameters := join(action, query)
	switch mapped := req.Header.Get("Content-Type"); {
	case req.Method != "POST":
		req.URL = base + "?" + parameters
	case mapped == "":
		req.Header.Add("Content-Type", formType)
		req.URL, req.Body = base, []byte(parameters)
	case strings.HasPrefix(mapped, formType):
		req.URL, req.Body = base, []byte(join(parameters, string(req.Body)))
	default:
		req.URL = base + "?" + parameters
	}
}

func isVersion(parameter string) bool { return strings.HasPrefix(parameter, "Version=") }

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "&" + b
}

// notText are the parameters of Systems Manager that are no texts; true: they
// are numbers, else booleans.
var notText = map[string]bool{
	"Detailed": false, "MaxResults": true, "Overwrite": false, "Recursive": false, "WithDecryption": false,
}

// parametersJSON makes the document of an action of Systems Manager from the
// parameters of a query: in AWS these integrations speak a protocol that the
// service has for nobody else (recorded).
func parametersJSON(query string) []byte {
	values, _ := url.ParseQuery(query) // what was read counts
	document := map[string]any{}
	// "Names.member.1" and so on are a list; shorter numbers come first.
	names := slices.SortedFunc(maps.Keys(values), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
	for _, name := range names {
		list := values[name]
		if field, _, isList := strings.Cut(name, ".member."); isList {
			items, _ := document[field].([]string)
			document[field] = append(items, list...)
			continue
		}
		last := list[len(list)-1]
		document[name] = last
		if number, known := notText[name]; known && json.Valid([]byte(last)) && (number || last == "true" || last == "false") {
			document[name] = json.RawMessage(last)
		}
	}
	body, _ := json.Marshal(document) // strings and valid JSON always encode
	return body
}
