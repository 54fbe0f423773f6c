package services

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/postern-gateway/postern/test/postern"
)

// emulator starts a moto server and returns its URL. The test is skipped where
// there is none.
func emulator(t *testing.T) string {
	t.Helper()
	if output, err := exec.Command("python3", "-c", "import moto.server, flask").CombinedOutput(); err != nil {
		t.Skipf("no moto server here: %v %s", err, bytes.TrimSpace(output))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	_ = listener.Close() // moto takes a number only
	var log bytes.Buffer
	command := exec.Command("python3", "-m", "moto.server", "-H", "127.0.0.1", "-p", port)
	command.Stdout, command.Stderr = &log, &log
	if err := command.Start(); err != nil {
		t.Skip(err)
	}
	ended := make(chan struct{})
	go func() { _ = command.Wait(); close(ended) }()
	t.Cleanup(func() { _ = command.Process.Kill(); <-ended })
	url := "http://127.0.0.1:" + port
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !answers(ctx, url+"/moto-api/data.json") {
		select {
		case <-ended:
			t.Fatalf("the moto server ended:\n%s", log.String())
		case <-ctx.Done():
			t.Fatal("the moto server does not answer")
		case <-time.After(50 * time.Millisecond): // it tells nobody when it is ready
		}
	}
	return url
}

func answers(ctx context.Context, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// ask calls a service of the emulator itself, to prepare what an API then uses.
func ask(t *testing.T, url, service, target, contentType, body string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("X-Amz-Target", target)
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %s %v", target, response.Status, answer, err)
	}
	return string(answer)
}

// Services by actions and by paths, as an emulator answers them.
func TestEmulator(t *testing.T) {
	url := emulator(t)
	const form = "application/x-www-form-urlencoded"
	ask(t, url, "sqs", "AmazonSQS.CreateQueue", "application/x-amz-json-1.0", `{"QueueName":"q"}`)
	ask(t, url, "ssm", "AmazonSSM.PutParameter", "application/x-amz-json-1.1", `{"Name":"p","Value":"v","Type":"String"}`)
	ask(t, url, "dynamodb", "DynamoDB_20120810.CreateTable", "application/x-amz-json-1.0",
		`{"TableName":"t","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],"BillingMode":"PAY_PER_REQUEST"}`)
	topic := ask(t, url, "sns", "", form, "Action=CreateTopic&Name=n&Version=2010-03-31")
	if !strings.Contains(topic, "arn:aws:sns:us-east-1:"+account+":n") {
		t.Fatalf("topic: %s", topic)
	}
	server := postern.Start(t, "--ephemeral", "--account", account, "--aws-endpoint", url)
	client := server.Client()
	api := postern.NewAPI(t, client, "services")
	const arn = "arn:aws:apigateway:us-east-1:"
	role := "arn:aws:iam::" + account + ":role/r"
	responses := map[string]string{"200": "", "400": "4.."}
	json10 := func(template string) map[string]string { return map[string]string{"application/json": template} }
	for path, in := range map[string]*apigateway.PutIntegrationInput{
		"/sqs": {
			Uri: new(arn + "sqs:path/" + account + "/q"), RequestTemplates: json10("Action=SendMessage&MessageBody=$input.body"),
			RequestParameters: map[string]string{"integration.request.header.Content-Type": "'" + form + "'"},
		},
		"/sqs-json": {
			Uri: new(arn + "sqs:path/" + account + "/q"), RequestTemplates: json10(`{"QueueUrl":"` + url + "/" + account + `/q"}`),
			RequestParameters: map[string]string{
				"integration.request.header.Content-Type": "'application/x-amz-json-1.0'", "integration.request.header.X-Amz-Target": "'AmazonSQS.ReceiveMessage'",
			},
		},
		"/sns": {
			Uri: new(arn + "sns:action/Publish"),
			RequestParameters: map[string]string{
				"integration.request.querystring.TopicArn": "'arn:aws:sns:us-east-1:" + account + ":n'", "integration.request.querystring.Message": "method.request.body.text",
			},
		},
		"/ssm":        {Uri: new(arn + "ssm:action/GetParameter"), RequestParameters: map[string]string{"integration.request.querystring.Name": "'p'"}},
		"/put":        {Uri: new(arn + "dynamodb:action/PutItem"), RequestTemplates: json10(`{"TableName":"t","Item":{"id":{"S":"$input.path('$.id')"}}}`)},
		"/scan":       {Uri: new(arn + "dynamodb:action/Scan"), RequestTemplates: json10(`{"TableName":"t"}`)},
		"/scan-error": {Uri: new(arn + "dynamodb:action/Scan"), RequestTemplates: json10(`{"TableName":"none"}`)},
		"/event":      {Uri: new(arn + "events:action/PutEvents"), RequestTemplates: json10(`{"Entries":[{"Source":"s","DetailType":"d","Detail":"{}"}]}`)},
	} {
		in.Credentials = &role
		custom(t, api, client, "POST", path, in, responses)
	}
	for _, bucket := range []struct{ verb, path, uri string }{{"PUT", "/bucket", "s3:path/pictures"}, {"ANY", "/bucket/{key+}", "s3:path/pictures/{key}"}} {
		custom(t, api, client, bucket.verb, bucket.path, &apigateway.PutIntegrationInput{
			Uri: new(arn + bucket.uri), IntegrationHttpMethod: &bucket.verb, Credentials: &role,
			RequestParameters: map[string]string{"integration.request.path.key": "method.request.path.key"},
		}, map[string]string{"200": "2..", "404": "404"})
	}
	api.Deploy(t, "dev")
	for _, test := range []struct {
		verb, path, body string
		status           int
		want             string
	}{
		{"POST", "/sqs", `{"a":1}`, 200, `{"SendMessageResponse":{`},
		{"POST", "/sqs-json", ``, 200, `"Body": "{\"a\":1}"`},
		{"POST", "/sns", `{"text":"a & b"}`, 200, `"PublishResult":{"MessageId":"`},
		{"POST", "/ssm", ``, 200, `{"GetParameterResponse":{"GetParameterResult":{"Parameter":{`},
		{"POST", "/put", `{"id":"7"}`, 200, `{}`},
		{"POST", "/scan", ``, 200, `"Items": [{"id": {"S": "7"}}]`},
		{"POST", "/scan-error", ``, 400, `ResourceNotFoundException`},
		{"POST", "/event", ``, 200, `"FailedEntryCount": 0`},
		{"PUT", "/bucket", ``, 200, ``},
		{"PUT", "/bucket/a%20b/c.txt", `data`, 200, ``},
		{"GET", "/bucket/a%20b/c.txt", ``, 200, `data`},
		{"GET", "/bucket/none", ``, 404, `NoSuchKey`},
		{"DELETE", "/bucket/a%20b/c.txt", ``, 200, ``},
	} {
		answer, err := server.Call(t.Context(), test.verb, server.StageURL(api.ID, "dev")+test.path, "", test.body)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Status != test.status || !strings.Contains(compact(answer.Body), compact(test.want)) {
			t.Errorf("%s %s: %d %s, want %d with %s", test.verb, test.path, answer.Status, answer.Body, test.status, test.want)
		}
	}
}

// compact takes the blanks out of JSON, and leaves other texts as they are.
func compact(text string) string {
	var out bytes.Buffer
	if json.Compact(&out, []byte(text)) == nil {
		return out.String()
	}
	return strings.NewReplacer(`": `, `":`, `, "`, `,"`).Replace(text)
}
