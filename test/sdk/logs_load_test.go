package sdk

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/postern-gateway/postern/test/postern"
)

// TestLogsUnderLoad: at half of what the machine can do, each request has
// exactly one line in the access log, with its own id; a sink beside it that
// does not answer costs no request and no line.
func TestLogsUnderLoad(t *testing.T) {
	server := postern.Start(t, "--ephemeral", "--account", account, "--account-throttle", "unlimited",
		"--log-sink", "files", "--log-sink", "otlp=http://127.0.0.1:1")
	api := postern.NewAPI(t, server.Client(), "loaded")
	api.Mock(t, "GET", "/", "hello", nil)
	api.Deploy(t, "dev")
	api.Patch(t, "dev", postern.Replace("/accessLogSettings/destinationArn", "arn:aws:logs:us-east-1:"+account+":log-group:load"),
		postern.Replace("/accessLogSettings/format", "$context.requestId"))
	transport := &http.Transport{MaxIdleConnsPerHost: 4}
	t.Cleanup(transport.CloseIdleConnections)
	url := server.StageURL(api.ID, "dev") + "/"
	var mu sync.Mutex
	ids := map[string]int{}
	var asking sync.WaitGroup
	const clients, each = 4, 500
	for range clients {
		asking.Go(func() {
			for range each {
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
				if err != nil {
					t.Error(err)
					return
				}
				before := time.Now()
				answer, err := postern.Do(&http.Client{Transport: transport}, request)
				if err != nil || answer.Status != http.StatusOK {
					t.Errorf("%+v, %v", answer, err)
					return
				}
				mu.Lock()
				ids[answer.Header.Get("x-amzn-RequestId")]++
				mu.Unlock()
				pause(t.Context(), time.Since(before)) // half of the load
			}
		})
	}
	asking.Wait()
	if len(ids) != clients*each {
		t.Fatalf("%d ids of %d requests", len(ids), clients*each)
	}
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(logsClient(server, "test", "test"), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: new("load")})
	lines := 0
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, event := range page.Events {
			if ids[*event.Message] != 1 {
				t.Fatalf("line %q is of no request, or the second one of a request", *event.Message)
			}
			ids[*event.Message]--
			lines++
		}
	}
	if lines != clients*each {
		t.Errorf("%d lines, want %d", lines, clients*each)
	}
}

// pause waits as long as a request took: it makes load, and waits for nothing.
func pause(ctx context.Context, d time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-ctx.Done()
}
