package sdk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/postern-gateway/postern/test/postern"
)

// people are the identities of the tests below.
const people = `
identities:
  - name: admin
    account: "111111111111"
    keys:
      - {id: AKIDADMIN, secret: admin-secret}
      - {id: ASIAADMIN, secret: temporary-secret, sessionToken: a/session+token=}
      - {id: ASIAOLD, secret: old-secret, sessionToken: old, expires: 2020-01-01T00:00:00Z}
    policies:
      - {Version: 2012-10-17, Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}
  - name: reader
    account: "111111111111"
    keys: [{id: AKIDREADER, secret: reader-secret}]
    policies:
      - {Version: 2012-10-17, Statement: [{Effect: Allow, Action: "apigateway:GET", Resource: "*"}]}
  - name: other
    account: "222222222222"
    keys: [{id: AKIDOTHER, secret: other-secret}]
    policies:
      - {Version: 2012-10-17, Statement: [{Effect: Allow, Action: "apigateway:*", Resource: "*"}]}
`

// credentialsFile writes a file of credentials.
func credentialsFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "credentials.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// as makes a client act with other keys.
func as(id, secret, token string) func(*apigateway.Options) {
	return func(o *apigateway.Options) {
		o.Credentials = credentials.NewStaticCredentialsProvider(id, secret, token)
	}
}

func in(region string) func(*apigateway.Options) {
	return func(o *apigateway.Options) { o.Region = region }
}

// signedAt makes a client sign for another time.
func signedAt(at time.Time) func(*apigateway.Options) {
	return func(o *apigateway.Options) {
		o.HTTPSignerV4 = signerFunc(func(ctx context.Context, c aws.Credentials, r *http.Request, hash, service, region string, _ time.Time, options ...func(*v4.SignerOptions)) error {
			return v4.NewSigner().SignHTTP(ctx, c, r, hash, service, region, at, options...)
		})
	}
}

type signerFunc func(ctx context.Context, c aws.Credentials, r *http.Request, hash, service, region string, at time.Time, options ...func(*v4.SignerOptions)) error

func (f signerFunc) SignHTTP(ctx context.Context, c aws.Credentials, r *http.Request, hash, service, region string, at time.Time, options ...func(*v4.SignerOptions)) error {
	return f(ctx, c, r, hash, service, region, at, options...)
}

// TestSignatures: only right signatures by known keys pass, whatever the
// protocol, and policies are obeyed.
func TestSignatures(t *testing.T) {
	server := postern.Start(t, "--ephemeral", "--credentials-file", credentialsFile(t, people))
	if !strings.Contains(server.Log(), `"signatures":"verified"`) {
		t.Errorf("the log does not say that signatures are verified:\n%s", server.Log())
	}
	now := time.Now()
	for _, row := range []struct {
		name       string
		options    []func(*apigateway.Options)
		code, text string // parts of a refusal; empty: served
	}{
		{"right", []func(*apigateway.Options){as("AKIDADMIN", "admin-secret", "")}, "", ""},
		{"right, temporary", []func(*apigateway.Options){as("ASIAADMIN", "temporary-secret", "a/session+token=")}, "", ""},
		{"a clock that is behind", []func(*apigateway.Options){as("AKIDADMIN", "admin-secret", ""), signedAt(now.Add(-4 * time.Minute))}, "", ""},
		{"wrong secret", []func(*apigateway.Options){as("AKIDADMIN", "other-secret", "")}, "InvalidSignatureException", "does not match the signature you provided"},
		{"unknown key", []func(*apigateway.Options){as("test", "test", "")}, "UnrecognizedClientException", "The security token included in the request is invalid."},
		{"wrong token", []func(*apigateway.Options){as("ASIAADMIN", "temporary-secret", "x")}, "UnrecognizedClientException", "The security token included in the request is invalid."},
		{"expired token", []func(*apigateway.Options){as("ASIAOLD", "old-secret", "old")}, "ExpiredTokenException", "The security token included in the request is expired"},
		{"a clock far behind", []func(*apigateway.Options){as("AKIDADMIN", "admin-secret", ""), signedAt(now.Add(-time.Hour))}, "InvalidSignatureException", "Signature expired: "},
		{"a clock far ahead", []func(*apigateway.Options){as("AKIDADMIN", "admin-secret", ""), signedAt(now.Add(time.Hour))}, "InvalidSignatureException", "Signature not yet current: "},
		{"denied", []func(*apigateway.Options){as("AKIDREADER", "reader-secret", "")}, "AccessDeniedException",
			"User: arn:aws:iam::111111111111:user/reader is not authorized to perform: apigateway:POST on resource: arn:aws:apigateway:us-east-1::/restapis because no identity-based policy allows the apigateway:POST action"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := server.Client(row.options...).CreateRestApi(t.Context(), &apigateway.CreateRestApiInput{Name: new("n")})
			if row.code == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if got := refusalOf(t, err); got.status != http.StatusForbidden || got.code != row.code || !strings.Contains(got.message, row.text) {
				t.Errorf("%+v", got)
			}
		})
	}
	reader := server.Client(as("AKIDREADER", "reader-secret", ""))
	list, err := reader.GetRestApis(t.Context(), &apigateway.GetRestApisInput{})
	if err != nil || len(list.Items) != 3 {
		t.Errorf("the reader sees %+v, %v", list, err)
	}
}

// TestSignedCalls: the calls of a life of an API are signed with all that SDKs
// put into a request: queries, encoded labels, patches, bodies.
func TestSignedCalls(t *testing.T) {
	server := postern.Start(t, "--ephemeral", "--credentials-file", credentialsFile(t, people))
	client := server.Client(as("ASIAADMIN", "temporary-secret", "a/session+token="))
	api := hello(t, client)
	want(t, "traffic needs no signature", server.Get(t, api, "dev", "/hello"), http.StatusOK, "hello")
	arn := "arn:aws:apigateway:us-east-1::/restapis/" + api
	if _, err := client.TagResource(t.Context(), &apigateway.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"a": "b c"}}); err != nil {
		t.Error(err)
	}
	if _, err := client.UntagResource(t.Context(), &apigateway.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"x y", "z&=+/"}}); err != nil {
		t.Error(err)
	}
	if _, err := client.ImportRestApi(t.Context(), &apigateway.ImportRestApiInput{
		Body: []byte(`{"openapi":"3.0.1","info":{"title":"t","version":"1"},"paths":{}}`), Parameters: map[string]string{"endpointConfigurationTypes": "REGIONAL"},
	}); err != nil {
		t.Error(err)
	}
	if _, err := client.GetRestApis(t.Context(), &apigateway.GetRestApisInput{Limit: new(int32(1))}); err != nil {
		t.Error(err)
	}
	transport := clearHTTP2()
	defer transport.CloseIdleConnections()
	client = server.Client(as("AKIDADMIN", "admin-secret", ""), func(o *apigateway.Options) { o.HTTPClient = &http.Client{Transport: transport} })
	if _, err := client.CreateRestApi(t.Context(), &apigateway.CreateRestApiInput{Name: new("over HTTP/2")}); err != nil {
		t.Error(err)
	}
}

// clearHTTP2 speaks HTTP/2 without TLS.
func clearHTTP2() *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Transport{Protocols: protocols}
}

// TestPresigned: a URL that was signed is good for its time, for its path and
// method, over every protocol.
func TestPresigned(t *testing.T) {
	server := postern.Start(t, "--ephemeral", "--credentials-file", credentialsFile(t, people))
	empty := sha256.Sum256(nil)
	presign := func(path string, at time.Time) string {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.BaseURL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		keys := aws.Credentials{AccessKeyID: "ASIAADMIN", SecretAccessKey: "temporary-secret", SessionToken: "a/session+token="}
		uri, _, err := v4.NewSigner().PresignHTTP(t.Context(), keys, request, hex.EncodeToString(empty[:]), "apigateway", "us-east-1", at)
		if err != nil {
			t.Fatal(err)
		}
		return uri
	}
	good := presign("/restapis?limit=5&X-Amz-Expires=3600", time.Now().Add(-30*time.Minute))
	h2 := clearHTTP2()
	defer h2.CloseIdleConnections()
	for name, row := range map[string]struct {
		method, url string
		client      *http.Client
		status      int
	}{
		"right":         {"GET", good, http.DefaultClient, http.StatusOK},
		"HTTP/2":        {"GET", good, &http.Client{Transport: h2}, http.StatusOK},
		"other method":  {"DELETE", good, http.DefaultClient, http.StatusForbidden},
		"other path":    {"GET", strings.Replace(good, "/restapis?", "/apikeys?", 1), http.DefaultClient, http.StatusForbidden},
		"other query":   {"GET", strings.Replace(good, "limit=5", "limit=6", 1), http.DefaultClient, http.StatusForbidden},
		"longer":        {"GET", strings.Replace(good, "Expires=3600", "Expires=3601", 1), http.DefaultClient, http.StatusForbidden},
		"expired":       {"GET", presign("/restapis?X-Amz-Expires=60", time.Now().Add(-2*time.Minute)), http.DefaultClient, http.StatusForbidden},
		"own path":      {"GET", presign("/_postern/revision?X-Amz-Expires=60", time.Now()), http.DefaultClient, http.StatusOK},
		"for that path": {"GET", strings.Replace(good, "/restapis?", "/_postern/revision?", 1), http.DefaultClient, http.StatusForbidden},
	} {
		request, err := http.NewRequestWithContext(t.Context(), row.method, row.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := postern.Do(row.client, request)
		if err != nil || got.Status != row.status {
			t.Errorf("%s: %d %q, %v", name, got.Status, got.Body, err)
		}
	}
}

// TestAccountsAndRegions: nothing of one account or region shows in another.
func TestAccountsAndRegions(t *testing.T) {
	server := postern.Start(t, "--ephemeral", "--credentials-file", credentialsFile(t, people))
	ctx := t.Context()
	admin := as("AKIDADMIN", "admin-secret", "")
	client := server.Client(admin)
	api := hello(t, client)
	arn := "arn:aws:apigateway:us-east-1::/restapis/" + api
	for name, stranger := range map[string]*apigateway.Client{
		"other account": server.Client(as("AKIDOTHER", "other-secret", "")),
		"other region":  server.Client(admin, in("eu-west-1")),
	} {
		list, err := stranger.GetRestApis(ctx, &apigateway.GetRestApisInput{})
		if err != nil || len(list.Items) != 0 {
			t.Errorf("%s: sees %+v, %v", name, list, err)
		}
		_, getErr := stranger.GetRestApi(ctx, &apigateway.GetRestApiInput{RestApiId: &api})
		_, deleteErr := stranger.DeleteRestApi(ctx, &apigateway.DeleteRestApiInput{RestApiId: &api})
		_, stageErr := stranger.GetStage(ctx, &apigateway.GetStageInput{RestApiId: &api, StageName: new("dev")})
		_, resourcesErr := stranger.GetResources(ctx, &apigateway.GetResourcesInput{RestApiId: &api})
		_, deployErr := stranger.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: &api, StageName: new("dev")})
		_, tagErr := stranger.TagResource(ctx, &apigateway.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"a": "b"}})
		_, tagsErr := stranger.GetTags(ctx, &apigateway.GetTagsInput{ResourceArn: &arn})
		for call, err := range map[string]error{"GetRestApi": getErr, "DeleteRestApi": deleteErr, "GetStage": stageErr,
			"GetResources": resourcesErr, "CreateDeployment": deployErr, "TagResource": tagErr, "GetTags": tagsErr} {
			if err == nil {
				t.Errorf("%s: %s is served", name, call)
			} else if got := refusalOf(t, err); got.code != "NotFoundException" && got.code != "BadRequestException" || strings.Contains(got.message, "denied") {
				t.Errorf("%s: %s tells %+v", name, call, got)
			}
		}
	}
	want(t, "after all that", server.Get(t, api, "dev", "/hello"), http.StatusOK, "hello")
}

// TestOwnPathsAreSigned: what is below /_postern/, and the metrics, ask for the
// same keys; a plan is printed for those who may see it.
func TestOwnPathsAreSigned(t *testing.T) {
	file := credentialsFile(t, people)
	server := postern.Start(t, "--ephemeral", "--credentials-file", file, "--allow-reset", "--pprof", "--metrics-listen", "127.0.0.1:0")
	api := hello(t, server.Client(as("AKIDADMIN", "admin-secret", "")))
	for path, method := range map[string]string{"/_postern/revision": "GET", "/_postern/plan/" + api + "/dev": "GET", "/metrics": "GET",
		"/_postern/reset": "POST", "/_postern/pprof/": "GET", "/_postern/none": "GET", "/_postern/": "POST"} {
		got, err := server.Call(t.Context(), method, server.BaseURL+path, "", "")
		if err != nil || got.Status != http.StatusForbidden || !strings.Contains(got.Body, "Missing Authentication Token") {
			t.Errorf("%s: %d %q, %v", path, got.Status, got.Body, err)
		}
	}
	got, err := server.Call(t.Context(), http.MethodGet, server.BaseURL+"/_postern/health", "", "")
	if err != nil || got.Status != http.StatusOK {
		t.Errorf("health: %d %q, %v", got.Status, got.Body, err)
	}
	plan := func(id, secret string) (string, error) {
		command := exec.Command(postern.Binary(t), "plan", "--endpoint", server.BaseURL, api+"/dev")
		command.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID="+id, "AWS_SECRET_ACCESS_KEY="+secret, "AWS_SESSION_TOKEN=")
		output, err := command.CombinedOutput()
		return string(output), err
	}
	if output, err := plan("AKIDADMIN", "admin-secret"); err != nil || !strings.Contains(output, "/hello") {
		t.Errorf("plan: %v\n%s", err, output)
	}
	if output, err := plan("AKIDOTHER", "other-secret"); err == nil || !strings.Contains(output, "user/other is not authorized to perform: postern:GET on resource: arn:aws:postern:us-east-1::/_postern/plan/") {
		t.Errorf("plan for a stranger: %v\n%s", err, output)
	}
	if output, err := plan("AKIDADMIN", "wrong"); err == nil || !strings.Contains(output, "does not match") {
		t.Errorf("plan with a wrong secret: %v\n%s", err, output)
	}
	for path, status := range map[string]int{"/metrics": http.StatusOK, "/_postern/health": http.StatusOK, "/_postern/revision": http.StatusNotFound, "/restapis": http.StatusNotFound} {
		got, err := server.Call(t.Context(), http.MethodGet, server.MetricsURL+path, "", "")
		if err != nil || got.Status != status {
			t.Errorf("%s of the metrics listener: %d %q, %v", path, got.Status, got.Body, err)
		}
	}
}

// TestOwnPathsOfAccounts: a policy that allows everything shows nothing of
// another account's APIs, not even that there are any.
func TestOwnPathsOfAccounts(t *testing.T) {
	file := credentialsFile(t, people+`
  - name: stranger
    account: "333333333333"
    keys: [{id: AKIDSTRANGER, secret: stranger-secret}]
    policies:
      - {Version: 2012-10-17, Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}
`)
	server := postern.Start(t, "--ephemeral", "--credentials-file", file, "--explain-last", "10")
	api := hello(t, server.Client(as("AKIDADMIN", "admin-secret", ""), in("eu-west-1")))
	call := func(id, secret, method, path string) postern.Answer {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, server.BaseURL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		empty := sha256.Sum256(nil)
		keys := aws.Credentials{AccessKeyID: id, SecretAccessKey: secret}
		url, _, err := v4.NewSigner().PresignHTTP(t.Context(), keys, request, hex.EncodeToString(empty[:]), "apigateway", "us-east-1", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		answer, err := server.Call(t.Context(), method, url, "", "")
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	request := server.Get(t, api, "dev", "/hello").Header.Get("x-amzn-RequestId")
	for path, status := range map[string]int{
		"GET /_postern/plan/" + api + "/dev":          http.StatusOK,
		"GET /_postern/definition/" + api:             http.StatusOK,
		"GET /_postern/definition/" + api + "/dev":    http.StatusOK,
		"POST /_postern/definition/" + api:            http.StatusOK,
		"GET /_postern/explain/" + request:            http.StatusOK,
		"GET /_postern/tail/" + api + "/dev?status=x": http.StatusBadRequest, // and no stream
		"GET /_postern/cache/" + api + "/dev":         http.StatusNotFound,   // it caches nothing
		"DELETE /_postern/cache/" + api + "/dev":      http.StatusNotFound,
	} {
		method, path, _ := strings.Cut(path, " ")
		own := call("AKIDADMIN", "admin-secret", method, path)
		if own.Status != status {
			t.Errorf("%s %s: %d %s, want %d", method, path, own.Status, own.Body, status)
		}
		strange := call("AKIDSTRANGER", "stranger-secret", method, path)
		nowhere := call("AKIDSTRANGER", "stranger-secret", method, strings.NewReplacer(api, "zzzzzzzzzz", request, "none").Replace(path))
		if strange.Status != http.StatusNotFound || strange.Body != nowhere.Body || strange.Body == own.Body {
			t.Errorf("%s %s by another account: %d %s; for what there is not: %s", method, path, strange.Status, strange.Body, nowhere.Body)
		}
	}
}

// TestBeyondLoopback: with credentials the AWS API may be reached from
// elsewhere, and the gateway may always be.
func TestBeyondLoopback(t *testing.T) {
	for name, args := range map[string][]string{
		"with credentials": {"--listen", "0.0.0.0:0", "--credentials-file", credentialsFile(t, people)},
		"as asked for":     {"--listen", "0.0.0.0:0", "--insecure-open"},
		"gateway":          {"--gateway-listen", "0.0.0.0:0", "--control-listen", "127.0.0.1:0"},
	} {
		t.Run(name, func(t *testing.T) {
			server := postern.StartCommand(t, nil, append([]string{"serve", "--ephemeral"}, args...)...)
			if open := strings.Contains(server.Log(), "any well-formed signature is accepted"); open != (name != "with credentials") {
				t.Errorf("the start-up line says otherwise:\n%s", server.Log())
			}
			server.Stop(t)
		})
	}
}
