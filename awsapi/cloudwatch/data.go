package cloudwatch

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"

	"github.com/postern-gateway/postern/observe/metrics"
)

type getMetricDataInput struct {
	MetricDataQueries  []metricDataQuery
	StartTime, EndTime timestamp
	NextToken          string
	ScanBy             string
	MaxDatapoints      int64
}

type metricDataQuery struct {
	ID         string `json:"Id"`
	MetricStat *metricStat
	Expression string
	Label      string
	ReturnData *bool
}

type metricStat struct {
	Metric metric
	Period int64
	Stat   string
	Unit   string
}

type metric struct {
	Namespace  string          `json:"Namespace"`
	MetricName string          `json:"MetricName"`
	Dimensions list[dimension] `json:"Dimensions"`
}

type getMetricDataOutput struct {
	MetricDataResults list[metricDataResult]
	NextToken         string     `json:"NextToken,omitempty" xml:",omitempty"`
	Messages          list[none] // always empty
}

// none is an item of a list that is always empty.
type none struct{}

type metricDataResult struct {
	ID         string `json:"Id" xml:"Id"`
	Label      string
	Timestamps list[timestamp]
	Values     list[float64]
	StatusCode string
}

// The limits of GetMetricData. Guide.
const (
	maxQueries    = 500
	maxTotalPoint = 100_800
)

var idPattern = regexp.MustCompile(`^[a-z][a-zA-Z0-9_]{0,254}$`)

const descending = "TimestampDescending"

func (in *getMetricDataInput) check() error {
	s := span{in.StartTime, in.EndTime}
	switch {
	case len(in.MetricDataQueries) == 0:
		return missing("MetricDataQueries")
	case len(in.MetricDataQueries) > maxQueries:
		return validation("The collection MetricDataQueries must not have a size greater than %d.", maxQueries)
	case in.ScanBy != "" && in.ScanBy != descending && in.ScanBy != "TimestampAscending":
		return validation("The value %s for parameter ScanBy is not valid.", in.ScanBy)
	case in.MaxDatapoints < 0 || in.MaxDatapoints > maxTotalPoint:
		return validation("The value %d for parameter MaxDatapoints must be from 1 to %d.", in.MaxDatapoints, maxTotalPoint)
	}
	seen := map[string]bool{}
	for i := range in.MetricDataQueries {
		q := &in.MetricDataQueries[i]
		if seen[q.ID] {
			return validation("The values for parameter id in MetricDataQueries must be unique.")
		}
		seen[q.ID] = true
		if err := q.check(); err != nil {
			return err
		}
	}
	return s.check()
}

func (q *metricDataQuery) check() error {
	switch {
	case !idPattern.MatchString(q.ID):
		return validation("The value %s is not matching the expected format ^[a-z][a-zA-Z0-9_]*$ for parameter MetricDataQueries.member.Id.", q.ID)
	case q.Expression != "":
		return validation("Expressions are not served by this version of postern: MetricDataQueries.member.Expression of %s must be a MetricStat.", q.ID)
	case q.MetricStat == nil:
		return validation("Either Expression or MetricStat must be set for %s.", q.ID)
	case q.MetricStat.Metric.Namespace == "":
		return missing("MetricDataQueries.member.MetricStat.Metric.Namespace")
	case q.MetricStat.Metric.MetricName == "":
		return missing("MetricDataQueries.member.MetricStat.Metric.MetricName")
	case statistics[q.MetricStat.Stat] == nil && percentile(q.MetricStat.Stat) == nil:
		return validation("The value %s for parameter MetricDataQueries.member.MetricStat.Stat is not supported.", q.MetricStat.Stat)
	}
	return checkPeriod("MetricDataQueries.member.MetricStat.Period", q.MetricStat.Period)
}

// place is where a page ends: at a data point of a query.
type place struct {
	query int
	at    int64 // seconds since 1970
}

func (p place) token() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d/%d", p.query, p.at))
}

func parsePlace(token string) (place, error) {
	text, err := base64.RawURLEncoding.DecodeString(token)
	var p place
	if err == nil {
		_, err = fmt.Sscanf(string(text), "%d/%d", &p.query, &p.at)
	}
	if err != nil || p.token() != token {
		return p, errToken
	}
	return p, nil
}

func (c *call) getMetricData(in *getMetricDataInput) (any, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	last := place{query: -1}
	if in.NextToken != "" {
		var err error
		if last, err = parsePlace(in.NextToken); err != nil || last.query < 0 || last.query >= len(in.MetricDataQueries) {
			return nil, errToken
		}
	}
	limit := int(in.MaxDatapoints)
	if limit == 0 {
		limit = maxTotalPoint
	}
	out := getMetricDataOutput{MetricDataResults: list[metricDataResult]{}, Messages: list[none]{}}
	for i := max(last.query, 0); i < len(in.MetricDataQueries); i++ {
		q := &in.MetricDataQueries[i]
		if q.ReturnData != nil && !*q.ReturnData {
			continue
		}
		points := c.points(in, q)
		if i == last.query {
			points = points[seen(points, last.at, in.ScanBy):]
		}
		result := q.result()
		cut := len(points) > limit
		if cut {
			points, result.StatusCode = points[:limit], "PartialData"
		}
		result.add(q, points)
		limit -= len(points)
		out.MetricDataResults = append(out.MetricDataResults, result)
		if cut {
			at := in.before()
			if len(points) > 0 {
				at = points[len(points)-1].Time.Unix()
			}
			out.NextToken = place{i, at}.token()
			break
		}
	}
	return out, nil
}

// before is a time that all data points come after in the order that is asked for.
func (in *getMetricDataInput) before() int64 {
	if in.ScanBy == "" || in.ScanBy == descending {
		return in.EndTime.Unix() + 1
	}
	return in.StartTime.Unix() - 60 // the first point begins with the minute
}

// points are the data points of a query in the order that is asked for.
func (c *call) points(in *getMetricDataInput, q *metricDataQuery) []metrics.Datapoint {
	m := q.MetricStat
	points := c.data(m.Metric.Namespace, m.Metric.MetricName, m.Metric.Dimensions, span{in.StartTime, in.EndTime}, m.Period, m.Unit)
	if in.ScanBy == "" || in.ScanBy == descending {
		slices.Reverse(points)
	}
	return points
}

// seen is how many data points come up to a time in the order of a scan.
func seen(points []metrics.Datapoint, at int64, scan string) int {
	n := 0
	for n < len(points) {
		t := points[n].Time.Unix()
		if scan == "TimestampAscending" && t > at || scan != "TimestampAscending" && t < at {
			break
		}
		n++
	}
	return n
}

// result is that of a query, without data.
func (q *metricDataQuery) result() metricDataResult {
	r := metricDataResult{
		ID: q.ID, Label: q.Label, StatusCode: "Complete",
		Timestamps: list[timestamp]{}, Values: list[float64]{},
	}
	if r.Label == "" {
		r.Label = q.MetricStat.Metric.MetricName
	}
	return r
}

func (r *metricDataResult) add(q *metricDataQuery, points []metrics.Datapoint) {
	value := statistics[q.MetricStat.Stat]
	if value == nil {
		value = percentile(q.MetricStat.Stat)
	}
	for i := range points {
		r.Timestamps = append(r.Timestamps, timestamp{points[i].Time})
		r.Values = append(r.Values, value(&points[i]))
	}
}
