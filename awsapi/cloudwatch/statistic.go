package cloudwatch

import (
	"strconv"
	"strings"
	"time"

	"github.com/postern-gateway/postern/observe/metrics"
)

// statistic reads a value out of a data point.
type statistic func(*metrics.Datapoint) float64

// statistics are those with names; percentiles are besides.
var statistics = map[string]statistic{
	"SampleCount": func(d *metrics.Datapoint) float64 { return d.SampleCount },
	"Average":     (*metrics.Datapoint).Average,
	"Sum":         func(d *metrics.Datapoint) float64 { return d.Sum },
	"Minimum":     func(d *metrics.Datapoint) float64 { return d.Minimum },
	"Maximum":     func(d *metrics.Datapoint) float64 { return d.Maximum },
}

// percentile returns the statistic of a name like p95 or p99.9; nil for what is
// none. Trimmed means and their like are not served.
func percentile(name string) statistic {
	digits, ok := strings.CutPrefix(name, "p")
	if !ok || strings.Trim(digits, "0123456789.") != "" {
		return nil
	}
	p, err := strconv.ParseFloat(digits, 64)
	if err != nil || p > 100 {
		return nil
	}
	return func(d *metrics.Datapoint) float64 { return d.Percentile(p) }
}

// maxDatapoints is how many one call of GetMetricStatistics may return. Guide.
const maxDatapoints = 1440

// span is the time that a request asks about.
type span struct{ StartTime, EndTime timestamp }

func (s *span) check() error {
	switch {
	case s.StartTime.IsZero():
		return missing("StartTime")
	case s.EndTime.IsZero():
		return missing("EndTime")
	case !s.StartTime.Before(s.EndTime.Time):
		return invalid("The parameter StartTime must be less than the parameter EndTime.")
	}
	return nil
}

// checkPeriod refuses periods that are no whole minutes: nothing is counted
// by the second.
func checkPeriod(name string, period int64) error {
	const maxPeriod = 24 * 60 * 60 // guide
	switch {
	case period == 0:
		return missing(name)
	case period < 0 || period%60 != 0 || period > maxPeriod:
		return invalid("Value %d for parameter %s is invalid. Reason: it must be a multiple of 60, up to %d.", period, name, maxPeriod)
	}
	return nil
}

// data asks for the data points of a metric; none for a unit that it has not.
func (c *call) data(space, metric string, dimensions []dimension, s span, period int64, unit string) []metrics.Datapoint {
	if space != namespace || unit != "" && unit != metrics.Unit(metric) {
		return nil
	}
	return c.Metrics.Data(metrics.Query{
		Account: c.principal.Account, Region: c.principal.Region,
		Metric: metric, Dimensions: sorted(dimensions),
		Start: s.StartTime.Time, End: s.EndTime.Time, Period: time.Duration(period) * time.Second,
	})
}

type getMetricStatisticsInput struct {
	Namespace, MetricName string
	Dimensions            []dimension
	StartTime, EndTime    timestamp
	Period                int64
	Statistics            []string
	ExtendedStatistics    []string
	Unit                  string
}

type getMetricStatisticsOutput struct {
	Label      string
	Datapoints list[datapoint]
}

type datapoint struct {
	Timestamp          timestamp
	SampleCount        *float64 `json:"SampleCount,omitempty" xml:",omitempty"`
	Average            *float64 `json:"Average,omitempty" xml:",omitempty"`
	Sum                *float64 `json:"Sum,omitempty" xml:",omitempty"`
	Minimum            *float64 `json:"Minimum,omitempty" xml:",omitempty"`
	Maximum            *float64 `json:"Maximum,omitempty" xml:",omitempty"`
	Unit               string
	ExtendedStatistics extended `json:"ExtendedStatistics,omitempty" xml:",omitempty"`
}

// set stores a statistic by its name.
func (d *datapoint) set(name string, value float64) {
	switch name {
	case "SampleCount":
		d.SampleCount = &value
	case "Average":
		d.Average = &value
	case "Sum":
		d.Sum = &value
	case "Minimum":
		d.Minimum = &value
	case "Maximum":
		d.Maximum = &value
	default:
		if d.ExtendedStatistics == nil {
			d.ExtendedStatistics = extended{}
		}
		d.ExtendedStatistics[name] = value
	}
}

// wanted returns the statistics that an input asks for.
func (in *getMetricStatisticsInput) wanted() (map[string]statistic, error) {
	wanted := map[string]statistic{}
	for _, name := range in.Statistics {
		if wanted[name] = statistics[name]; wanted[name] == nil {
			return nil, invalid("The parameter Statistics contains an unknown value: %s", name)
		}
	}
	for _, name := range in.ExtendedStatistics {
		if wanted[name] = percentile(name); wanted[name] == nil {
			return nil, invalid("The value %s for parameter ExtendedStatistics is not supported.", name)
		}
	}
	if len(wanted) == 0 {
		return nil, combination("At least one of the parameters Statistics and ExtendedStatistics must be specified.")
	}
	return wanted, nil
}

func (c *call) getMetricStatistics(in *getMetricStatisticsInput) (any, error) {
	wanted, err := in.wanted()
	s := span{in.StartTime, in.EndTime}
	switch {
	case in.Namespace == "":
		return nil, missing("Namespace")
	case in.MetricName == "":
		return nil, missing("MetricName")
	case s.check() != nil:
		return nil, s.check()
	case checkPeriod("Period", in.Period) != nil:
		return nil, checkPeriod("Period", in.Period)
	case err != nil:
		return nil, err
	}
	if n := int64(s.EndTime.Sub(s.StartTime.Time)/time.Second) / in.Period; n > maxDatapoints {
		return nil, combination("You have requested up to %d datapoints, which exceeds the limit of %d. "+
			"You may reduce the datapoints requested by increasing Period, or decreasing the time range.", n, maxDatapoints)
	}
	out := getMetricStatisticsOutput{Label: in.MetricName, Datapoints: list[datapoint]{}}
	for _, d := range c.data(in.Namespace, in.MetricName, in.Dimensions, s, in.Period, in.Unit) {
		point := datapoint{Timestamp: timestamp{d.Time}, Unit: metrics.Unit(in.MetricName)}
		for name, value := range wanted {
			point.set(name, value(&d))
		}
		out.Datapoints = append(out.Datapoints, point)
	}
	return out, nil
}
