package postern

import (
	"strings"
	"testing"
)

// Samples returns the samples of a metric at GET /metrics by their labels, as
// they stand there: `code="200",method="GET"`.
func (s *Server) Samples(t testing.TB, metric string) map[string]string {
	t.Helper()
	answer, err := s.Call(t.Context(), "GET", s.BaseURL+"/metrics", "", "")
	if err != nil || answer.Status != 200 {
		t.Fatalf("GET /metrics: %d, %v", answer.Status, err)
	}
	samples := map[string]string{}
	for line := range strings.Lines(answer.Body) {
		if rest, ok := strings.CutPrefix(line, metric+"{"); ok {
			labels, value, _ := strings.Cut(strings.TrimSpace(rest), "} ")
			samples[labels] = value
		}
	}
	return samples
}
