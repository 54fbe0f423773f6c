package complete

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/test/postern"
)

// walk calls operations and remembers which.
type walk struct {
	*testing.T
	*apigateway.Client
	recorder *recorder
	called   map[string]bool
	names    map[string]string // ids of what was made, for the tables
}

// newWalk starts a server, with functions that let everybody in.
func newWalk(t *testing.T) *walk {
	t.Helper()
	functions := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"principalId":"p","context":{"k":"v"},"policyDocument":{"Version":"2012-10-17",`+
			`"Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}]}}`)
	}))
	t.Cleanup(functions.Close)
	server := postern.Start(t, "--ephemeral", "--account", account, "--cache-delay", "1ns", "--aws-endpoint", "lambda="+functions.URL)
	r := newRecorder()
	t.Cleanup(r.client.CloseIdleConnections)
	client := server.Client(func(o *apigateway.Options) { o.HTTPClient = r })
	return &walk{T: t, Client: client, recorder: r, called: map[string]bool{}, names: map[string]string{}}
}

// do calls an operation, which has to succeed and to answer the members that
// it always has. An operation in the register of gaps has to answer 501, and
// its output is empty.
func do[In, Out any](w *walk, call func(context.Context, *In, ...func(*apigateway.Options)) (*Out, error), in *In) *Out {
	w.Helper()
	operation := strings.TrimSuffix(reflect.TypeFor[In]().Name(), "Input")
	w.called[operation] = true
	out, err := call(w.Context(), in)
	if isGap(operation) {
		checkGap(w.T, operation, err)
		return new(Out)
	}
	if err != nil {
		w.Fatalf("%s: %v", operation, err)
	}
	checkAlways(w.T, operation, reflect.ValueOf(out).Elem())
	return out
}

func checkGap(t *testing.T, operation string, err error) {
	t.Helper()
	var refusal smithy.APIError
	var response *smithyhttp.ResponseError
	if !errors.As(err, &refusal) || !errors.As(err, &response) {
		t.Errorf("%s is in the register of gaps, and answers %v", operation, err)
		return
	}
	if status, code := response.HTTPStatusCode(), refusal.ErrorCode(); status != 501 || code != "NotImplementedException" {
		t.Errorf("%s is in the register of gaps, and answers %d %s; want 501 NotImplementedException", operation, status, code)
	}
}

// checkAlways compares a typed answer with what the table and the model say it
// always has.
func checkAlways(t *testing.T, operation string, out reflect.Value) {
	t.Helper()
	output := operationNamed(operation).Output
	if output == "" {
		return
	}
	members, ok := always[output]
	if !ok {
		t.Errorf("no row says what %s always has (answer of %s)", output, operation)
	}
	members = slices.Clone(members)
	for _, m := range apigw.Schema[output].Members {
		if m.Required && !slices.Contains(members, m.Name) {
			members = append(members, m.Name)
		}
	}
	for _, name := range members {
		field := out.FieldByName(strings.ToUpper(name[:1]) + name[1:])
		if !field.IsValid() {
			t.Errorf("%s has no member %s", output, name)
		} else if field.IsZero() && !zeroIsValue(field.Kind()) {
			t.Errorf("%s: the member %s is missing", operation, name)
		}
	}
}

// zeroIsValue is for members that the SDK has without a pointer: of these,
// absent and zero look the same.
func zeroIsValue(kind reflect.Kind) bool {
	return kind == reflect.Bool || kind == reflect.Int32 || kind == reflect.Int64
}

// checkOperations: the SDK, the model and what was called are the same.
func (w *walk) checkOperations() {
	known := map[string]bool{}
	for _, operation := range apigw.Operations {
		known[operation.Name] = true
	}
	client := reflect.TypeOf(w.Client)
	found := map[string]bool{}
	for i := range client.NumMethod() {
		name := client.Method(i).Name
		if name == "Options" {
			continue
		}
		found[name] = true
		if !known[name] {
			w.Errorf("the SDK has the operation %s, the model has not", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if !found[name] {
			w.Errorf("the model has the operation %s, the SDK has not", name)
		}
		if !w.called[name] {
			w.Errorf("%s was not called", name)
		}
	}
}

// fill replaces <name> by what has that name.
func (w *walk) fill(text string) string {
	for name, value := range w.names {
		text = strings.ReplaceAll(text, "<"+name+">", value)
	}
	return text
}
