package gateway

import (
	"bufio"
	"encoding/json"
	"io"
	"testing"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/ids"
)

func nextFinished(t *testing.T, lines *bufio.Reader) Finished {
	t.Helper()
	var f Finished
	line, err := lines.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &f)
	}
	if err != nil {
		t.Fatalf("line %q: %v", line, err)
	}
	return f
}

// TestTail: watchers see the requests of their stage that they want, and a
// watcher that does not read holds up nobody.
func TestTail(t *testing.T) {
	backend := &recorder{res: integration.Response{Status: 200, Body: []byte("abc")}}
	g := serving(t, backend, apigw.Stage{}, backendMethod("GET /pets", apigw.Integration{Type: new("HTTP_PROXY"), Uri: new("http://b/")}))
	all, failures := g.Tail(testAPI, "dev", nil), g.Tail(testAPI, "dev", func(f *Finished) bool { return f.Status >= 400 })
	other := g.Tail(testAPI, "prod", nil)
	for range tailRoom {
		serve(t, g, request("GET /dev/pets", nil, ""))
	}
	serve(t, g, request("GET /dev/cats", nil, "")) // all has no room for it
	lines := bufio.NewReader(all)
	f := nextFinished(t, lines)
	if f.Method != "GET" || f.Path != "/pets" || f.Resource != "/pets" || f.Status != 200 || f.Bytes != 3 || f.Release != "production" ||
		f.BackendMilliseconds == nil || f.SourceIP != "192.0.2.7" || f.Response != "" || !f.Time.Equal(testTime) {
		t.Errorf("first request: %+v", f)
	}
	f = nextFinished(t, bufio.NewReader(failures))
	if f.Status != 403 || f.Path != "/cats" || f.Resource != "" || f.Response != "MISSING_AUTHENTICATION_TOKEN" || f.Error != "Missing Authentication Token" || f.BackendMilliseconds != nil {
		t.Errorf("first failure: %+v", f)
	}
	for range tailRoom - 1 {
		nextFinished(t, lines)
	}
	serve(t, g, request("GET /dev/pets", nil, ""))
	if f := nextFinished(t, lines); f.Missed != 1 || f.Status != 200 {
		t.Errorf("after a miss: %+v", f)
	}
	_ = all.Close()
	_ = all.Close()
	g.EndTails()
	late := g.Tail(testAPI, "dev", nil) // of a request that came before the end
	for name, tail := range map[string]io.Reader{"late": late, "closed": all, "failures": failures, "other": other} {
		if rest, err := io.ReadAll(tail); err != nil || len(rest) != 0 {
			t.Errorf("%s: %q, %v after the end", name, rest, err)
		}
	}
	if g.tails.list.Load() != nil {
		t.Error("watchers are left")
	}
}

// TestTailHeartbeat: a quiet tail sends an empty line now and then, also while
// users have stopped the time of limits and dates.
func TestTailHeartbeat(t *testing.T) {
	manual, frozen := clock.NewManual(testTime), clock.NewManual(testTime)
	g := New(Config{Table: serving(t, nil, apigw.Stage{}).table, Clock: frozen, Pauses: manual, IDs: ids.Seeded(1)})
	tail := g.Tail(testAPI, "dev", nil).(*tail)
	read := make(chan string)
	go func() {
		buf := make([]byte, 10)
		n, _ := tail.Read(buf)
		read <- string(buf[:n])
	}()
	for {
		manual.Advance(heartbeat) // also before the reader waits
		select {
		case got := <-read:
			if got != "\n" {
				t.Errorf("%q, want an empty line", got)
			}
			return
		default:
		}
	}
}
