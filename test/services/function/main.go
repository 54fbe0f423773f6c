// Command function is a Lambda function built with AWS's library for Go, as
// tests run it. It answers proxy events with what they hold, and does what
// their path says.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

func main() {
	lambda.Start(handle)
}

func handle(ctx context.Context, event json.RawMessage) (any, error) {
	var proxy events.APIGatewayProxyRequest
	if err := json.Unmarshal(event, &proxy); err != nil {
		return nil, err
	}
	if proxy.Resource == "" { // of an integration of type AWS
		return custom(event)
	}
	switch {
	case strings.HasSuffix(proxy.Path, "/fail"):
		return nil, errors.New("it failed")
	case strings.HasSuffix(proxy.Path, "/panic"):
		panic("it broke")
	case strings.HasSuffix(proxy.Path, "/sleep"):
		time.Sleep(time.Hour)
	case strings.HasSuffix(proxy.Path, "/malformed"):
		return map[string]any{"status": 200}, nil
	}
	fmt.Println("serving", proxy.Path)
	about, _ := lambdacontext.FromContext(ctx)
	body, err := json.Marshal(map[string]any{
		"event": event, "pid": os.Getpid(), "arn": about.InvokedFunctionArn, "name": lambdacontext.FunctionName,
	})
	return events.APIGatewayProxyResponse{
		StatusCode: 201, Body: string(body), Headers: map[string]string{"X-Function": "go", "Content-Type": "application/json"},
		MultiValueHeaders: map[string][]string{"X-Many": {"a", "b"}},
	}, err
}

// custom fails as it is told, or gives the event back.
func custom(event json.RawMessage) (any, error) {
	var in struct {
		Fail string `json:"fail"`
	}
	if err := json.Unmarshal(event, &in); err != nil {
		return nil, err
	}
	if in.Fail != "" {
		return nil, errors.New(in.Fail)
	}
	return event, nil
}
