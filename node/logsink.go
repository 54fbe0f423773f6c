package node

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/iam"
	"github.com/postern-gateway/postern/logs"
	"github.com/postern-gateway/postern/logs/aws"
	"github.com/postern-gateway/postern/logs/otlp"
	"github.com/postern-gateway/postern/logs/text"
)

// LogSink is a place where lines of stages go.
type LogSink struct {
	kind     string
	endpoint *url.URL // nil for kinds without one
	patterns []string
}

// The kinds of sinks.
const (
	sinkFiles      = "files"
	sinkStdout     = "stdout"
	sinkOTLP       = "otlp"
	sinkCloudWatch = "cloudwatch"
	sinkFirehose   = "firehose"
)

// defaultLogSinks are those of a configuration that names none.
var defaultLogSinks = []LogSink{{kind: sinkFiles}}

// ParseLogSink reads a setting of the form
//
//	files | stdout | otlp=URL | cloudwatch=URL | firehose=URL
//
// with patterns behind it, divided by blanks: names of log groups and delivery
// streams, in which * is any text. With patterns only the lines of these go
// there. A sink for log groups never gets lines for delivery streams, and the
// other way round.
func ParseLogSink(setting string) (LogSink, error) {
	words := strings.Fields(setting)
	if len(words) == 0 {
		return LogSink{}, fmt.Errorf("log sink %q: want files, stdout, or otlp, cloudwatch or firehose with =URL", setting)
	}
	kind, address, hasAddress := strings.Cut(words[0], "=")
	s := LogSink{kind: kind, patterns: words[1:]}
	remote := slices.Contains([]string{sinkOTLP, sinkCloudWatch, sinkFirehose}, kind)
	if !remote && kind != sinkFiles && kind != sinkStdout || remote != hasAddress {
		return s, fmt.Errorf("log sink %q: want files, stdout, or otlp, cloudwatch or firehose with =URL", setting)
	}
	if !remote {
		return s, nil
	}
	// A host name with {region} is none for net/url.
	endpoint, err := url.Parse(strings.ReplaceAll(address, "{region}", regionPlace))
	if err != nil || endpoint.Host == "" || endpoint.Scheme != "http" && endpoint.Scheme != "https" {
		return s, fmt.Errorf("log sink %s: want a URL that begins with http:// or https://", kind) // the URL may hold a password
	}
	s.endpoint = endpoint
	return s, nil
}

// regionPlace stands for {region} in a URL that is parsed.
const regionPlace = "region-of-the-line"

// signs says whether a sink needs keys to sign with.
func (s LogSink) signs() bool { return s.kind == sinkCloudWatch || s.kind == sinkFirehose }

// wants says which lines go to a sink; nil: all.
func (s LogSink) wants() func(logs.Destination) bool {
	if len(s.patterns) == 0 && !s.signs() {
		return nil
	}
	return func(d logs.Destination) bool {
		if s.signs() && (d.Delivery != "") != (s.kind == sinkFirehose) {
			return false
		}
		return len(s.patterns) == 0 || slices.ContainsFunc(s.patterns, func(p string) bool { return iam.Match(p, d.Name()) })
	}
}

// openLogSinks starts a queue for each sink of the configuration.
func (n *Node) openLogSinks() {
	for _, s := range n.cfg.LogSinks {
		queue := logs.NewQueue(logs.QueueConfig{Name: s.kind, Sink: n.logSink(s), Log: n.cfg.Log})
		if s.kind == sinkFiles {
			n.logs.files = queue
		}
		n.logs.Routes = append(n.logs.Routes, logs.Route{Queue: queue, Wants: s.wants()})
	}
}

// logSink makes a sink. Its pauses and signatures are by the machine's clock:
// the others do not follow a clock that tests move.
func (n *Node) logSink(s LogSink) logs.Sink {
	switch s.kind {
	case sinkStdout:
		return text.New(n.cfg.Stdout)
	case sinkOTLP:
		return otlp.New(*s.endpoint, n.cfg.Clock)
	case sinkCloudWatch:
		return aws.NewCloudWatch(s.remote(n))
	case sinkFirehose:
		return aws.NewFirehose(s.remote(n))
	}
	return n.logs.store
}

func (s LogSink) remote(n *Node) aws.Config {
	return aws.Config{Endpoint: strings.ReplaceAll(s.endpoint.String(), regionPlace, "{region}"), Keys: n.cfg.AWSKeys, Clock: n.cfg.Clock}
}

// checkLogSinks completes the sinks of a configuration.
func (c *Config) checkLogSinks() error {
	if c.LogSinks == nil {
		c.LogSinks = defaultLogSinks
	}
	kinds := map[string]bool{}
	for _, s := range c.LogSinks {
		if kinds[s.kind] {
			return fmt.Errorf("log sink %s: want each kind at most once", s.kind)
		}
		kinds[s.kind] = true
		if s.signs() && (c.AWSKeys.AccessKey == "" || c.AWSKeys.Secret == "") {
			return fmt.Errorf("log sink %s: want keys to sign with: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", s.kind)
		}
		if s.kind == sinkStdout && c.Stdout == nil {
			return fmt.Errorf("log sink %s: there is no standard output", s.kind)
		}
	}
	return nil
}
