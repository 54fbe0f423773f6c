package services

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/postern-gateway/postern/test/postern"
)

// TestSignedCall: an endpoint that verifies what it gets, for functions and for
// other services; and the signature is made with the keys of the environment.
func TestSignedCall(t *testing.T) {
	endpoint := newVerifier(t, "AKIDEXAMPLE", "wJalrXUtnFEMI", "session+token")
	server := postern.StartCommand(t, []string{"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI", "AWS_SESSION_TOKEN=session+token"},
		"serve", "--listen", "127.0.0.1:0", "--ephemeral", "--account", account,
		"--aws-endpoint", endpoint.url, "--lambda-endpoint", "*:function:mine="+endpoint.url+"/mine")
	client := server.Client()
	api := postern.NewAPI(t, client, "signed")
	proxy(t, api, "POST", "/theirs", functionURI("theirs"))
	proxy(t, api, "POST", "/mine", functionURI("mine"))
	for path, uri := range map[string]string{"/sqs": "sqs:path/1/q", "/sns": "sns:action/Publish", "/s3/{key+}": "s3:path/b/{key}"} {
		custom(t, api, client, "POST", path, &apigateway.PutIntegrationInput{
			Uri: new("arn:aws:apigateway:eu-west-1:" + uri), Credentials: new("arn:aws:iam::" + account + ":role/r"),
			RequestParameters: map[string]string{
				"integration.request.path.key": "method.request.path.key", "integration.request.header.X-Amz-Meta": "'m'",
				"integration.request.querystring.x": "'a/b c'",
			},
		}, map[string]string{"200": "2.."})
	}
	api.Deploy(t, "dev")
	const invoke = "/2015-03-31/functions/arn:aws:lambda:us-east-1:" + account + ":function:"
	for path, want := range map[string]string{
		"/theirs":         invoke + "theirs/invocations lambda us-east-1",
		"/mine":           "/mine" + invoke + "mine/invocations lambda us-east-1",
		"/sqs":            "/1/q?x=a%2Fb%20c sqs eu-west-1",
		"/sns":            "/?Action=Publish&Version=2010-03-31&x=a%2Fb%20c sns eu-west-1",
		"/s3/a%20b/c+(d)": "/b/a%20b/c+(d)?x=a%2Fb%20c s3 eu-west-1",
	} {
		answer := post(t, server, api, path, `{"a":"b"}`)
		if got := endpoint.last(); answer.Status != 200 || got != want {
			t.Errorf("%s: %d %s; the endpoint saw %q, want %q", path, answer.Status, answer.Body, got, want)
		}
	}
}

// TestTestInvoke: a test invocation calls the same backends, and its log shows
// the call.
func TestTestInvoke(t *testing.T) {
	_, api, client := start(t, map[string]string{"hello": goFunction(t)})
	proxy(t, api, "GET", "/x/{id}", functionURI("hello"))
	out, err := client.TestInvokeMethod(t.Context(), &apigateway.TestInvokeMethodInput{
		RestApiId: &api.ID, ResourceId: new(api.Resource(t, "/x/{id}")), HttpMethod: new("GET"), PathWithQueryString: new("/x/7?a=b"),
	})
	if err != nil {
		t.Fatal(err)
	}
	var got answered
	if err := json.Unmarshal([]byte(*out.Body), &got); err != nil || out.Status != 201 {
		t.Fatalf("%d %s: %v", out.Status, *out.Body, err)
	}
	if got.Event.PathParameters["id"] != "7" || got.Event.RequestContext.Stage != "test-invoke-stage" {
		t.Errorf("event %+v", got.Event)
	}
	for _, line := range []string{
		"Sending request to https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/arn:aws:lambda:us-east-1:" + account + ":function:hello/invocations",
		"Received response. Status: 200, Integration latency: ",
	} {
		if !strings.Contains(*out.Log, line) {
			t.Errorf("the log lacks %q:\n%s", line, *out.Log)
		}
	}
}

// TestVPCLink: the way through a link, with a target that is down.
func TestVPCLink(t *testing.T) {
	var hosts []string
	backend := newBackend(t, func(w http.ResponseWriter, r *http.Request) {
		hosts = append(hosts, r.Host)
		fmt.Fprint(w, r.URL.RequestURI())
	})
	down, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = down.Close()
	const arn = "arn:aws:elasticloadbalancing:us-east-1:" + account + ":loadbalancer/net/pets/50dc6c495c0c9188"
	server := postern.Start(t, "--ephemeral", "--account", account, "--vpc-link-target", arn+"="+down.Addr().String()+","+backend)
	client := server.Client()
	link, err := client.CreateVpcLink(t.Context(), &apigateway.CreateVpcLinkInput{Name: new("pets"), TargetArns: []string{arn}})
	if err != nil {
		t.Fatal(err)
	}
	for status := ""; status != "AVAILABLE"; {
		got, err := client.GetVpcLink(t.Context(), &apigateway.GetVpcLinkInput{VpcLinkId: link.Id})
		if err != nil {
			t.Fatal(err)
		}
		status = string(got.Status)
	}
	api := postern.NewAPI(t, client, "linked")
	api.Method(t, "GET", "/pets", &apigateway.PutIntegrationInput{
		Type: "HTTP_PROXY", IntegrationHttpMethod: new("GET"), Uri: new("http://pets.internal/list"),
		ConnectionType: "VPC_LINK", ConnectionId: new("${stageVariables.link}"),
	})
	api.Deploy(t, "dev")
	if answer := server.Get(t, api.ID, "dev", "/pets"); answer.Status != 500 {
		t.Errorf("without the variable: %d %s", answer.Status, answer.Body)
	}
	api.Patch(t, "dev", postern.Replace("/variables/link", *link.Id))
	for range 3 {
		if answer := server.Get(t, api.ID, "dev", "/pets"); answer.Status != 200 || answer.Body != "/list" {
			t.Errorf("%d %s, want the answer of the backend", answer.Status, answer.Body)
		}
	}
	for _, host := range hosts {
		if host != "pets.internal" {
			t.Errorf("the backend was asked for host %q", host)
		}
	}
}
