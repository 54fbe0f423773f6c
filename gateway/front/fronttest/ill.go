package fronttest

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/exchange"
)

// ill is a stream whose end panics.
type ill struct{ io.Reader }

func (ill) Close() error { panic("end of a stream") }

// testIllStream: what panics at the end of an answer ends nothing else.
func testIllStream(t *testing.T, front Front) {
	running := front.Start(t, exchange.HandlerFunc(func(_ context.Context, x *exchange.Exchange) {
		x.Response.Status = 200
		x.Response.Stream = ill{strings.NewReader("whole")}
		if x.Request.Path == "/unwritable" {
			x.Response.Status = 1
		}
	}))
	for path, want := range map[string]int{"/": 200, "/unwritable": 500} {
		if got, err := running.do(t, "GET", path, nil); err != nil || got.status != want {
			t.Errorf("%s: got %+v, %v; want status %d", path, got, err, want)
		}
	}
}
