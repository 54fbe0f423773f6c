package services

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/postern-gateway/postern/test/moto"
	"github.com/postern-gateway/postern/test/postern"
)

// Services by actions and by paths, as an emulator answers them.
func TestEmulator(t *testing.T) {
	services := moto.Start(t)
	url := services.URL
	err := services.Call(t.Context(),
		moto.Call{Service: "sqs", Operation: "CreateQueue", Params: map[string]any{"QueueName": "q"}},
		moto.Call{Service: "sns", Operation: "CreateTopic", Params: map[string]any{"Name": "n"}},
		moto.Call{Service: "kinesis", Operation: "CreateStream", Params: map[string]any{"StreamName": "k", "ShardCount": 1}},
		moto.Call{Service: "s3", Operation: "CreateBucket", Params: map[string]any{"Bucket": "deliveries"}},
		moto.Call{Service: "firehose", Operation: "CreateDeliveryStream", Params: map[string]any{
			"DeliveryStreamName": "f", "S3DestinationConfiguration": map[string]any{"RoleARN": "arn:aws:iam::" + account + ":role/r", "BucketARN": "arn:aws:s3:::deliveries"},
		}},
		moto.Call{Service: "stepfunctions", Operation: "CreateStateMachine", Params: map[string]any{
			"name": "m", "roleArn": "arn:aws:iam::" + account + ":role/r",
			"definition": `{"StartAt":"S","States":{"S":{"Type":"Succeed"}}}`,
		}},
		moto.Call{Service: "ssm", Operation: "PutParameter", Params: map[string]any{"Name": "p", "Value": "v", "Type": "String"}},
		moto.Call{Service: "dynamodb", Operation: "CreateTable", Params: map[string]any{
			"TableName": "t", "BillingMode": "PAY_PER_REQUEST", "KeySchema": []any{map[string]any{"AttributeName": "id", "KeyType": "HASH"}},
			"AttributeDefinitions": []any{map[string]any{"AttributeName": "id", "AttributeType": "S"}},
		}},
	)
	if err != nil {
		t.Fatal(err)
	}
	const form = "application/x-www-form-urlencoded"
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
		"/kinesis":    {Uri: new(arn + "kinesis:action/PutRecord"), RequestTemplates: json10(`{"StreamName":"k","PartitionKey":"p","Data":"$util.base64Encode($input.body)"}`)},
		"/firehose":   {Uri: new(arn + "firehose:action/PutRecord"), RequestTemplates: json10(`{"DeliveryStreamName":"f","Record":{"Data":"$util.base64Encode($input.body)"}}`)},
		"/machine": {Uri: new(arn + "states:action/StartExecution"), RequestTemplates: json10(
			`{"stateMachineArn":"arn:aws:states:us-east-1:` + account + `:stateMachine:m","input":"$util.escapeJavaScript($input.body)"}`)},
		"/event": {Uri: new(arn + "events:action/PutEvents"), RequestTemplates: json10(`{"Entries":[{"Source":"s","DetailType":"d","Detail":"{}"}]}`)},
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
		{"POST", "/kinesis", `{"a":1}`, 200, `"SequenceNumber"`},
		{"POST", "/firehose", `{"a":1}`, 200, `"RecordId"`},
		{"POST", "/machine", `{"a":1}`, 200, `"executionArn"`},
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
