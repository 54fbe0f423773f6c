package logs

import (
	"cmp"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/logs/store"
)

// streamName are the members that name a stream.
type streamName struct {
	groupName
	LogStreamName *string `json:"logStreamName"`
}

func (s *streamName) resource() string { return streamResource(s.name(), text(s.LogStreamName)) }

func (s *streamName) check(*call) error {
	return checkAll(s.value(true), value{"logStreamName", s.LogStreamName, streamPattern, true})
}

type createLogStream struct{ streamName }

func (in *createLogStream) run(c *call) (any, error) {
	return nil, c.Store.CreateStream(c.scope, in.name(), *in.LogStreamName)
}

type deleteLogStream struct{ streamName }

func (in *deleteLogStream) run(c *call) (any, error) {
	c.settle()
	return nil, c.Store.DeleteStream(c.scope, in.name(), *in.LogStreamName)
}

type describeLogStreams struct {
	groupIdentifier
	page
	Prefix     *string `json:"logStreamNamePrefix"`
	OrderBy    *string `json:"orderBy"`
	Descending bool    `json:"descending"`
}

// The orders of streams.
const (
	byName = "LogStreamName"
	byTime = "LastEventTime"
)

func (in *describeLogStreams) check(c *call) error {
	err := first(in.groupIdentifier.check(c), in.page.check(), checkAll(value{"logStreamNamePrefix", in.Prefix, streamPattern, false}))
	switch {
	case err != nil:
		return err
	case in.OrderBy != nil && *in.OrderBy != byName && *in.OrderBy != byTime:
		return asError([]string{"Value '" + *in.OrderBy + "' at 'orderBy' failed to satisfy constraint: Member must satisfy enum value set: [LogStreamName, LastEventTime]"})
	case text(in.OrderBy) == byTime && in.Prefix != nil:
		return invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
	}
	return nil
}

type logStream struct {
	LogStreamName       string `json:"logStreamName"`
	CreationTime        int64  `json:"creationTime"`
	FirstEventTimestamp int64  `json:"firstEventTimestamp,omitempty"`
	LastEventTimestamp  int64  `json:"lastEventTimestamp,omitempty"`
	LastIngestionTime   int64  `json:"lastIngestionTime,omitempty"`
	UploadSequenceToken string `json:"uploadSequenceToken"`
	ARN                 string `json:"arn"`
	StoredBytes         int64  `json:"storedBytes"` // always zero: the service stopped counting it in 2019
}

func (in *describeLogStreams) run(c *call) (any, error) {
	c.settle()
	streams, err := c.Store.Streams(c.scope, in.name())
	if err != nil {
		return nil, err
	}
	streams = slices.DeleteFunc(streams, func(s store.Stream) bool { return !strings.HasPrefix(s.Name, text(in.Prefix)) })
	if text(in.OrderBy) == byTime {
		slices.SortStableFunc(streams, func(a, b store.Stream) int { return cmp.Compare(a.Last, b.Last) })
	}
	if in.Descending {
		slices.Reverse(streams)
	}
	out := struct {
		LogStreams []logStream `json:"logStreams"`
		NextToken  string      `json:"nextToken,omitempty"`
	}{LogStreams: []logStream{}}
	streams, out.NextToken = cut(in.page, streams, func(s store.Stream) string { return s.Name })
	for _, s := range streams {
		out.LogStreams = append(out.LogStreams, logStream{s.Name, s.Created, s.First, s.Last, s.Ingested, sequenceToken,
			c.arn() + streamResource(in.name(), s.Name), 0})
	}
	return out, nil
}

// sequenceToken is in answers because clients of old wait for it. The service
// takes any since 2023, and so do we.
const sequenceToken = "49039859627333087168946223700512100034113570000000000000"
