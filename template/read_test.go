package template

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
)

// inMock is a template with one stage variable, v, of a given expression.
func inMock(expression string) string {
	return `
Parameters:
  Name: {Type: String, Default: cat}
  None: {Type: String}
  List: {Type: CommaDelimitedList, Default: "a, b"}
Mappings: {Map: {cat: {legs: 4, list: [x, y]}}}
Conditions: {Yes: !Equals [1, "1"], No: !Not [!Condition Yes]}
Resources:
  F: {Type: AWS::Lambda::Function, Properties: {FunctionName: !Sub "${Name}-f"}}
  R: {Type: AWS::IAM::Role}
  Q: {Type: AWS::SQS::Queue}
  Live: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref F, Name: live}}
  Pool: {Type: AWS::Cognito::UserPool}
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      OpenApiVersion: 3.0.1
      Variables: {v: ` + expression + `}
`
}

func TestFunctions(t *testing.T) {
	for _, c := range []struct{ expression, want string }{
		{`!Ref Name`, "cat"},
		{`{Ref: Name}`, "cat"},
		{`!Sub "${Name} ${AWS::Region} ${!Name} ${F.Arn}"`, "cat us-east-1 ${Name} arn:aws:lambda:us-east-1:123456789012:function:cat-f"},
		{`!Sub ["${a}-${Name}", {a: !Join ["+", !Ref List]}]`, "a+b-cat"},
		{`!Join ["", [a, !Ref AWS::NoValue, !Ref AWS::AccountId]]`, "a123456789012"},
		{`!Select [1, !Split [",", "x,y,z"]]`, "y"},
		{`!Select ["0", !Ref List]`, "a"},
		{`!FindInMap [Map, !Ref Name, legs]`, "4"},
		{`!Select [1, !FindInMap [Map, cat, list]]`, "y"},
		{`!FindInMap [Map, dog, legs, {DefaultValue: three}]`, "three"},
		{`!If [Yes, !If [No, a, b], c]`, "b"},
		{`!GetAtt R.Arn`, "arn:aws:iam::123456789012:role/R"},
		{`{Fn::GetAtt: [Q, Arn]}`, "arn:aws:sqs:us-east-1:123456789012:Q"},
		{`!Ref Q`, "https://sqs.us-east-1.amazonaws.com/123456789012/Q"},
		{`!Ref Live`, "arn:aws:lambda:us-east-1:123456789012:function:cat-f:live"},
		{`!Ref Pool`, "us-east-1_Pool"},
		{`!Ref Api`, "Api"},
		{`!Ref Api.Stage`, "dev"},
		{`!GetAtt Api.RootResourceId`, "Api.RootResourceId"},
		{`!Base64 hi`, "aGk="},
		{`!Sub "${AWS::StackName}.${AWS::URLSuffix}"`, "postern.amazonaws.com"},
	} {
		result, err := Read([]byte(inMock(c.expression)), options())
		if err != nil {
			t.Errorf("%s: %v", c.expression, err)
			continue
		}
		if got := result.APIs[0].Stages[0].Variables["v"]; got != c.want {
			t.Errorf("%s = %q, want %q; left out: %v", c.expression, got, c.want, result.LeftOut)
		}
	}
}

// TestMistakes has templates that are refused, with the place and a part of the
// reason.
func TestMistakes(t *testing.T) {
	api := "Resources:\n  A:\n    Type: AWS::Serverless::Api\n    Properties:\n      StageName: dev\n"
	rest := "Resources:\n  A: {Type: AWS::ApiGateway::RestApi, Properties: {Name: a}}\n"
	event := func(properties string) string {
		return api + "  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Events:\n        E: {Type: Api, Properties: " + properties + "}\n"
	}
	for _, c := range []struct{ name, template, want string }{
		{"empty", "", "is empty"},
		{"no template", "a: b", "no section Resources"},
		{"bad YAML", "a: [", "yaml"},
		{"unknown tag", "Resources: {A: !Reff b}", "1:16: the tag !Reff"},
		{"no type", "Resources: {A: {}}", "1:13: the resource A has no Type"},
		{"unknown ref", inMock("!Ref Nobody"), "19:22: Nobody is neither"},
		{"ref to itself", "Resources: {A: {Type: AWS::Lambda::Function, Properties: {FunctionName: !Ref A}}}", "circle"},
		{"parameter without value", inMock("!Ref None"), "the parameter None has no default"},
		{"unknown condition", inMock("!If [Maybe, a, b]"), "the condition Maybe is not defined"},
		{"circle of conditions", "Conditions: {A: !Condition B, B: !Condition A}\nResources: {X: {Type: Y, Condition: A}}", "circle"},
		{"condition that cannot be decided", "Conditions: {A: !Equals [!ImportValue x, y]}\nResources: {X: {Type: Y, Condition: A}}", "cannot be decided"},
		{"sub without end", inMock(`!Sub "${Name"`), "${ without }"},
		{"sub of an unknown name", inMock(`!Sub "${stageVariables.x}"`), "stageVariables is not a resource"},
		{"select beyond", inMock("!Select [2, !Ref List]"), "there is no item 2"},
		{"no such key", inMock("!FindInMap [Map, dog, legs]"), "Map.dog.legs"},
		{"protected", api + "      Auth: {DefaultAuthorizer: !ImportValue x}\n", "6:33: Fn::ImportValue"},
		{"protected by a policy", "Resources:\n  A: {Type: AWS::ApiGateway::RestApi, Properties: {Name: a, Policy: !ImportValue p}}", "open to more callers"},
		{"S3", "Resources:\n  A: {Type: AWS::ApiGateway::RestApi, Properties: {BodyS3Location: {Bucket: b, Key: k}}}", "BodyS3Location of A"},
		{"definition in S3", api + "      DefinitionUri: s3://b/k\n", "6:22: s3://b/k is not a local file"},
		{"missing file", api + "      DefinitionUri: files/none.yaml\n", "6:22: read files/none.yaml"},
		{"both definitions", api + "      DefinitionUri: a\n      DefinitionBody: {a: b}\n", "both a DefinitionBody and a DefinitionUri"},
		{"CORS on a file", api + "      DefinitionUri: files/definition.yaml\n      Cors: \"'*'\"\n", "Cors works with a DefinitionBody only"},
		{"credentials for all", api + "      Cors: {AllowCredentials: true}\n", "AllowCredentials needs"},
		{"unknown default", api + "      Auth: {DefaultAuthorizer: G}\n", "G is not defined"},
		{"no stage name", "Resources: {A: {Type: AWS::Serverless::Api}}", "no StageName"},
		{"event without path", event("{Method: get}"), "needs a Path and a Method"},
		{"event of no API", event("{Path: /, Method: get, RestApiId: x}"), "x is none"},
		{"twice", event("{Path: /, Method: get, RestApiId: !Ref A}") + "        E2: {Type: Api, Properties: {Path: /, Method: GET, RestApiId: !Ref A}}\n", "GET of / is defined twice"},
		{"NONE without default", event("{Path: /, Method: get, RestApiId: A, Auth: {Authorizer: NONE}}"), "no DefaultAuthorizer"},
		{"unknown authorizer", event("{Path: /, Method: get, RestApiId: A, Auth: {Authorizer: G}}"), "which its API does not define"},
		{"unknown model", event("{Path: /, Method: get, RestApiId: A, RequestModel: {Model: M}}"), "the model M"},
		{"bad parameter", event("{Path: /, Method: get, RestApiId: A, RequestParameters: [q]}"), `"q" must be`},
		{"unknown parent", rest + "  B: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref A, ParentId: x, PathPart: y}}", "x is not a resource"},
		{"circle of parents", rest +
			"  B: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref A, ParentId: !Ref C, PathPart: y}}\n" +
			"  C: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref A, ParentId: !Ref B, PathPart: y}}", "lead in a circle"},
		{"unknown authorizer of a method", rest +
			"  M: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref A, ResourceId: !GetAtt A.RootResourceId, HttpMethod: GET, AuthorizationType: CUSTOM, AuthorizerId: x}}",
			`"x" is not an authorizer`},
		{"stage twice", rest + "  S: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref A, StageName: s}}\n" +
			"  T: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref A, StageName: s}}", "defined twice"},
		{"bad setting", rest + "  S: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref A, StageName: s, MethodSettings: [{ThrottlingBurstLimit: many}]}}", "ThrottlingBurstLimit cannot be many"},
		{"deep", "a: " + strings.Repeat("[", 300) + strings.Repeat("]", 300), "nested deeper"},
		{"includes itself", "Resources: {A: {Type: AWS::Serverless::Api, Properties: {StageName: s, DefinitionBody: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: files/circle.yaml}}}}}}", "files/circle.yaml"},
	} {
		result, err := Read([]byte(c.template), options())
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v and %+v, want %q in\n%s", c.name, err, result, c.want, c.template)
		}
	}
}

func TestParameters(t *testing.T) {
	template := []byte("Parameters: {P: {Type: String, AllowedValues: [a, b]}, N: {Type: Number, Default: 1}}\n" +
		"Resources: {A: {Type: AWS::Serverless::Api, Properties: {StageName: !Ref P, MinimumCompressionSize: !Ref N}}}")
	o := Options{Parameters: map[string]string{"P": "b", "N": "7"}}
	result, err := Read(template, o)
	if err != nil {
		t.Fatal(err)
	}
	if got := result.APIs[0].Stages[0].Name; got != "b" {
		t.Errorf("stage %q, want b", got)
	}
	if got, want := string(result.APIs[0].Document), `"x-amazon-apigateway-minimum-compression-size":7`; !strings.Contains(got, want) {
		t.Errorf("%s: want %s", got, want)
	}
	for _, given := range []map[string]string{{"P": "c"}, {"P": "a", "Q": "x"}, nil} {
		if _, err := Read(template, Options{Parameters: given}); err == nil {
			t.Errorf("parameters %v are taken", given)
		}
	}
}

// TestErrorPlace shows that an error in a file names the file.
func TestErrorPlace(t *testing.T) {
	o := Options{ReadFile: func(path string) ([]byte, error) {
		if path != "inc.yaml" {
			return nil, fs.ErrNotExist
		}
		return []byte("paths:\n  /: !Ref Nobody\n"), nil
	}}
	template := "Resources: {A: {Type: AWS::Serverless::Api, Properties: {StageName: s, DefinitionBody: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: inc.yaml}}}}}}"
	_, err := Read([]byte(template), o)
	var e *Error
	if !errors.As(err, &e) || e.File != "inc.yaml" || e.Line != 2 || e.Column != 6 {
		t.Errorf("got %+v, want inc.yaml:2:6", err)
	}
}

// TestHostile has templates that would take very long, or very much memory: the
// limits stop them.
func TestHostile(t *testing.T) {
	var aliases, names, parents, sub, conditions strings.Builder
	aliases.WriteString("a0: &a0 [x, x]\n")
	names.WriteString("Resources:\n  F0: {Type: AWS::Lambda::Function, Properties: {FunctionName: xxxxxxxx}}\n")
	conditions.WriteString("Conditions:\n  C0: !Equals [a, a]\n")
	for i := 1; i < 60; i++ {
		fmt.Fprintf(&aliases, "a%d: &a%d [*a%d, *a%d]\n", i, i, i-1, i-1)
		fmt.Fprintf(&names, "  F%d: {Type: AWS::Lambda::Function, Properties: {FunctionName: !Sub \"${F%d}${F%d}\"}}\n", i, i-1, i-1)
		fmt.Fprintf(&conditions, "  C%d: !And [!Condition C%d, !Condition C%d]\n", i, i-1, i-1)
	}
	conditions.WriteString("Resources: {X: {Type: AWS::Serverless::Api, Condition: C59, Properties: {StageName: s}}}\n")
	parents.WriteString("Resources:\n  A: {Type: AWS::ApiGateway::RestApi, Properties: {Name: a}}\n")
	for i := range 5000 {
		fmt.Fprintf(&parents, "  R%d: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref A, PathPart: xxxx, ParentId: !Ref R%d}}\n", i, i+1)
	}
	parents.WriteString("  R5000: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref A, PathPart: xxxx, ParentId: !GetAtt A.RootResourceId}}\n")
	for range 60 {
		sub.WriteString(`!Sub ["${a}${a}", {a: `)
	}
	sub.WriteString("xxxx")
	sub.WriteString(strings.Repeat("}]", 60))
	for _, c := range []struct {
		name, template, want string
	}{
		{"aliases", aliases.String() + "Resources: *a59\n", "more than 524288 values"},
		{"alias of itself", "a: &a [*a]\n", "nested deeper"},
		{"names", names.String(), "more than 16777216 bytes"},
		{"conditions", conditions.String(), ""},
		{"parents", parents.String(), "more than 16777216 bytes"},
		{"sub", inMock(sub.String()), "more than 16777216 bytes"},
		{"too large", strings.Repeat("x", maxTemplate+1), "the limit is"},
		{"brackets", strings.Repeat("[", 1<<19), "max depth"},
		{"braces", strings.Repeat(`{"a":`, 1<<17), "max depth"},
	} {
		_, err := Read([]byte(c.template), options())
		if got := fmt.Sprint(err); (err == nil) != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: got error %s, want %q", c.name, got, c.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	entries, err := os.ReadDir("testdata")
	if err != nil {
		f.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || strings.HasSuffix(name, ".golden.json") || strings.HasSuffix(name, ".py") {
			continue
		}
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		result, err := Read(data, Options{ReadFile: func(string) ([]byte, error) { return data, nil }})
		if err != nil {
			return
		}
		for _, a := range result.APIs {
			if _, err := parse(a.Document, ""); err != nil {
				t.Errorf("the document of %s is not JSON: %v\n%s", a.LogicalID, err, a.Document)
			}
		}
	})
}
