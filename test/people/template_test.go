package people

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/postern-gateway/postern/test/postern"
)

const someTemplate = `AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Color: {Type: String, Default: red}
Resources:
  Queue:
    Type: AWS::SQS::Queue
  First:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      OpenApiVersion: 3.0.1
      DefinitionUri: color.yaml
      Variables: {color: !Ref Color}
      TracingEnabled: true
      CacheClusterEnabled: true
      CacheClusterSize: "1.6"
      AccessLogSetting: {DestinationArn: "arn:aws:logs:us-east-1:123456789012:log-group:x", Format: "$context.requestId"}
      Tags: {team: a}
      CanarySetting: {PercentTraffic: 100, StageVariableOverrides: {color: canary}}
      MethodSettings:
        - {ResourcePath: /*, HttpMethod: "*", ThrottlingRateLimit: 10, ThrottlingBurstLimit: 5}
        - {ResourcePath: /color, HttpMethod: GET, CachingEnabled: true}
  Second:
    Type: AWS::Serverless::Api
    Properties:
      Name: second
      StageName: dev
      OpenApiVersion: 3.0.1
      DefinitionUri: color.yaml
`

const colorDocument = `openapi: 3.0.1
info: {title: color, version: "1"}
paths:
  /color:
    get:
      responses: {"200": {description: ok}}
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: {application/json: '{"statusCode": 200}'}
        responses: {default: {statusCode: "200", responseTemplates: {application/json: 'SHADE $stageVariables.color'}}}
`

// TestTemplate changes a template, and the document that it names, under the
// eyes of up.
func TestTemplate(t *testing.T) {
	folder := t.TempDir()
	path, document := filepath.Join(folder, "template.yaml"), filepath.Join(folder, "color.yaml")
	shade := func(s string) string { return strings.Replace(colorDocument, "SHADE", s, 1) }
	write(t, path, someTemplate)
	write(t, document, shade("light"))
	w := watch(t, path, "--parameter", "Color=blue")
	if e := w.next("warned"); len(e.Findings) != 1 || e.Findings[0].Line != 6 || !strings.Contains(e.Findings[0].Text, "Queue") {
		t.Errorf("left out: %+v, want the queue", e.Findings)
	}
	first, second := w.next("up"), w.next("up")
	if first.Stage != "live" || second.Stage != "dev" {
		t.Fatalf("stages %s and %s, want live and dev", first.Stage, second.Stage)
	}
	client := (&postern.Server{BaseURL: first.Endpoint}).Client()
	stage := func() *apigateway.GetStageOutput {
		t.Helper()
		out, err := client.GetStage(t.Context(), &apigateway.GetStageInput{RestApiId: &first.API, StageName: new("live")})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got := ask(t, first.URL+"/color"); got != "light canary" {
		t.Errorf("got %q from the canary, want light canary", got)
	}
	s := stage()
	if s.Variables["color"] != "blue" || s.MethodSettings["*/*"].ThrottlingRateLimit != 10 || !s.MethodSettings["~1color/GET"].CachingEnabled ||
		s.CacheClusterSize != "1.6" || !s.TracingEnabled || s.AccessLogSettings == nil || s.Tags["team"] != "a" {
		t.Errorf("stage %+v with settings %+v", s, s.MethodSettings)
	}

	save(t, document, shade("dark"))
	w.next("warned")
	for range 2 {
		if e := w.next("served"); len(e.Changes) != 1 || len(e.Settings) > 0 {
			t.Errorf("another document: changes %+v of methods, %v of settings", e.Changes, e.Settings)
		}
	}
	if got := ask(t, first.URL+"/color"); got != "dark canary" {
		t.Errorf("got %q, want dark canary", got)
	}

	without := func(text string, lines ...string) string {
		kept := strings.SplitAfter(text, "\n")
		return strings.Join(slices.DeleteFunc(kept, func(line string) bool {
			return slices.ContainsFunc(lines, func(start string) bool { return strings.HasPrefix(strings.TrimSpace(line), start) })
		}), "")
	}
	next := without(someTemplate, "TracingEnabled", "CanarySetting", "AccessLogSetting", "Tags", "- {ResourcePath: /color")
	next = strings.Replace(next, "ThrottlingRateLimit: 10, ", "", 1)
	next, _, _ = strings.Cut(next, "  Second:")
	save(t, path, next)
	w.next("warned")
	e := w.next("served")
	for _, want := range []string{"live: remove /canarySettings", "live: remove /accessLogSettings", "live: remove /~1color/GET", "live: replace /tracingEnabled", "live: remove /*/*"} {
		if !slices.Contains(e.Settings, want) {
			t.Errorf("settings %v, want %s", e.Settings, want)
		}
	}
	if e := w.next("removed"); e.API != second.API {
		t.Errorf("%s is removed, want %s", e.API, second.API)
	}
	if got := ask(t, first.URL+"/color"); got != "dark blue" {
		t.Errorf("got %q without a canary, want dark blue", got)
	}
	s = stage()
	if s.TracingEnabled || s.CanarySettings != nil || s.AccessLogSettings != nil || len(s.Tags) > 0 || len(s.MethodSettings) != 1 ||
		s.MethodSettings["*/*"].ThrottlingRateLimit != 10000 || s.MethodSettings["*/*"].ThrottlingBurstLimit != 5 {
		t.Errorf("after the settings are gone: %+v with settings %+v", s, s.MethodSettings)
	}
	_, err := client.GetRestApi(t.Context(), &apigateway.GetRestApiInput{RestApiId: &second.API})
	if _, ok := errors.AsType[*types.NotFoundException](err); !ok {
		t.Errorf("the API that is gone from the template: %v", err)
	}

	save(t, path, strings.Replace(next, "!Ref Color", "!Ref Colour", 1))
	if e := w.next("refused"); len(e.Findings) != 1 || e.Findings[0].Line != 14 || !strings.Contains(e.Findings[0].Text, "Colour") {
		t.Errorf("a template with a mistake: %+v", e.Findings)
	}
	if got := ask(t, first.URL+"/color"); got != "dark blue" {
		t.Errorf("after a mistake: %q, want dark blue", got)
	}
}
