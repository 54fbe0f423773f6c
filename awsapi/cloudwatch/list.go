package cloudwatch

import (
	"encoding/base64"
	"slices"
	"time"

	"github.com/postern-gateway/postern/observe/metrics"
)

type listMetricsInput struct {
	Namespace, MetricName string
	Dimensions            []dimension
	NextToken             string
	RecentlyActive        string
}

type listMetricsOutput struct {
	Metrics   list[metric]
	NextToken string `json:"NextToken,omitempty" xml:",omitempty"`
}

// maxListed is how many metrics one answer has. Guide.
const maxListed = 500

// recent is the only value of RecentlyActive.
const recent = "PT3H"

func (c *call) listMetrics(in *listMetricsInput) (any, error) {
	if in.RecentlyActive != "" && in.RecentlyActive != recent {
		return nil, invalid("The value %s for parameter RecentlyActive is not valid.", in.RecentlyActive)
	}
	after, err := base64.RawURLEncoding.DecodeString(in.NextToken)
	if err != nil {
		return nil, errToken
	}
	out := listMetricsOutput{Metrics: list[metric]{}}
	if in.Namespace != "" && in.Namespace != namespace {
		return out, nil
	}
	since := c.Clock.Now().Add(-3 * time.Hour)
	last := ""
	for _, m := range c.Server.Metrics.List(c.principal.Account, c.principal.Region) {
		switch {
		case m.ID() <= string(after), in.MetricName != "" && in.MetricName != m.Name, !has(m.Dimensions, in.Dimensions):
			continue
		case in.RecentlyActive != "" && m.Last.Before(since):
			continue
		case len(out.Metrics) == maxListed:
			out.NextToken = base64.RawURLEncoding.EncodeToString([]byte(last))
			return out, nil
		}
		listed := metric{Namespace: namespace, MetricName: m.Name}
		for _, d := range m.Dimensions {
			listed.Dimensions = append(listed.Dimensions, dimension(d))
		}
		out.Metrics, last = append(out.Metrics, listed), m.ID()
	}
	return out, nil
}

// has reports whether a metric has all dimensions of a filter.
func has(set []metrics.Dimension, filter []dimension) bool {
	for _, f := range filter {
		if !slices.ContainsFunc(set, func(d metrics.Dimension) bool {
			return d.Name == f.Name && (f.Value == "" || d.Value == f.Value)
		}) {
			return false
		}
	}
	return true
}
