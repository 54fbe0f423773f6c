package matrix

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/node"
	"github.com/postern-gateway/postern/test/postern"
)

const stageName = "dev"

// world is a node with one API at one stage. Its methods panic with a failure
// where a test would end, since a row's test must be able to fail: see run.
type world struct {
	*apigateway.Client
	ctx     context.Context
	url     string
	api     *postern.API
	first   string // deployment that the stage begins with
	backend *httptest.Server
	calls   atomic.Int64 // of the backend
}

// failure is what a row's test found wrong.
type failure struct{ text string }

func failf(format string, args ...any) { panic(failure{fmt.Sprintf(format, args...)}) }

func must(err error) {
	if err != nil {
		failf("%v", err)
	}
}

// off takes an effect away, by options of the node that only tests set: of a
// stage before it is compiled, or, for what is never compiled, of an output
// before it is encoded.
type off struct {
	stage  func(w *world, s *domain.Stage)
	answer func(out any)
}

// run runs a test in a world of its own and returns what it found wrong.
func run(t *testing.T, without off, test func(w *world)) (err error) {
	w := &world{ctx: t.Context()}
	w.backend = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		w.calls.Add(1)
		out.Header().Set("X-Trace", r.Header.Get("X-Amzn-Trace-Id"))
		_, _ = io.WriteString(out, "backend")
	}))
	defer w.backend.Close()
	cfg := node.Config{Listen: "127.0.0.1:0", Ephemeral: true, TestClock: true, EditAnswer: without.answer}
	if without.stage != nil {
		cfg.EditStage = func(s *domain.Stage) { without.stage(w, s) }
	}
	n, err := node.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if closing := n.Close(context.WithoutCancel(t.Context())); closing != nil {
			t.Error(closing)
		}
	}()
	w.url = n.ControlURL()
	w.Client = apigateway.New(apigateway.Options{
		Region: postern.Region, BaseEndpoint: &w.url, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	w.api = postern.NewAPI(t, w.Client, "matrix")
	w.api.Mock(t, "GET", "/mock", "one", map[string]string{"X-Variable": "stageVariables.v"})
	w.api.Proxy(t, "GET", "/pets", w.backend.URL)
	w.first = w.api.Deploy(t, stageName)
	defer func() {
		if cause := recover(); cause != nil {
			found, ok := cause.(failure)
			if !ok {
				panic(cause)
			}
			err = errors.New(found.text)
		}
	}()
	test(w)
	return nil
}

// patch updates the stage by paths and values.
func (w *world) patch(pathsAndValues ...string) *apigateway.UpdateStageOutput {
	var operations []types.PatchOperation
	for i := 0; i < len(pathsAndValues); i += 2 {
		operations = append(operations, postern.Replace(pathsAndValues[i], pathsAndValues[i+1]))
	}
	out, err := w.UpdateStage(w.ctx, &apigateway.UpdateStageInput{RestApiId: &w.api.ID, StageName: new(stageName), PatchOperations: operations})
	must(err)
	return out
}

func (w *world) stage() *apigateway.GetStageOutput {
	out, err := w.GetStage(w.ctx, &apigateway.GetStageInput{RestApiId: &w.api.ID, StageName: new(stageName)})
	must(err)
	return out
}

// get asks the stage for a path.
func (w *world) get(path string, header ...string) postern.Answer {
	request, err := http.NewRequestWithContext(w.ctx, http.MethodGet, w.url+"/restapis/"+w.api.ID+"/"+stageName+"/_user_request_"+path, nil)
	must(err)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	answer, err := postern.Do(http.DefaultClient, request)
	must(err)
	return answer
}

// called returns how often the backend was called for a request.
func (w *world) called(path string, header ...string) int64 {
	before := w.calls.Load()
	if answer := w.get(path, header...); answer.Status != http.StatusOK {
		failf("%s: %d %s", path, answer.Status, answer.Body)
	}
	return w.calls.Load() - before
}

func (w *world) clock(change string) {
	answer, err := (&postern.Server{}).Call(w.ctx, http.MethodPost, w.url+"/_postern/clock", "", change)
	must(err)
	if answer.Status != http.StatusOK {
		failf("clock %s: %d %s", change, answer.Status, answer.Body)
	}
}

// own asks the node for something of its own.
func (w *world) own(path string) string {
	answer, err := (&postern.Server{}).Call(w.ctx, http.MethodGet, w.url+path, "", "")
	must(err)
	return answer.Body
}

// cacheOn switches a cluster on and waits, by the clock, until it works.
func (w *world) cacheOn(more ...string) {
	w.clock(`{"frozen": true}`)
	w.patch(append([]string{"/cacheClusterEnabled", "true", "/*/*/caching/enabled", "true", "/*/*/caching/ttlInSeconds", "100"}, more...)...)
	w.clock(`{"advance": "1s"}`)
}

func expect[T comparable](what string, got, want T) {
	if got != want {
		failf("%s: %v, want %v", what, got, want)
	}
}

// admitted returns how many requests a stage answers before it refuses one.
func (w *world) admitted(path string) int {
	for n := range 100 {
		if w.get(path).Status == http.StatusTooManyRequests {
			return n
		}
	}
	return 100
}
