package gateway

import (
	"io"

	"github.com/postern-gateway/postern/gateway/steps"
)

// streamed is an answer whose body is still to come when Serve returns. Its
// request ends, for those who watch and for its memory, when the front closes
// it.
type streamed struct {
	io.ReadCloser
	g       *Gateway
	r       *inflight
	outcome steps.Outcome
	sent    int64 // bytes that the front has taken
}

// Read implements io.Reader.
func (s *streamed) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	s.sent += int64(n)
	return n, err
}

// Close implements io.Closer.
func (s *streamed) Close() error {
	err := s.ReadCloser.Close()
	if r := s.r; r != nil {
		s.r = nil
		s.g.observe(r, s.outcome, s.sent)
		s.g.recycle(r)
	}
	return err
}

// watch puts the end of a request off to the end of its stream.
func (g *Gateway) watch(r *inflight, outcome steps.Outcome) {
	r.streaming = true
	res := &r.X.Response
	res.Stream = &streamed{ReadCloser: res.Stream, g: g, r: r, outcome: outcome, sent: int64(len(res.Body))}
}
