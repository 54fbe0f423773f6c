package cloudwatch

import (
	"cmp"
	"encoding/json"
	"encoding/xml"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/postern-gateway/postern/observe/metrics"
)

// timestamp is a time as each protocol writes it: a number of seconds in JSON,
// the same with a tag in CBOR, ISO 8601 in Query.
type timestamp struct{ time.Time }

var errTime = errors.New("no point in time")

// maxSeconds bounds the numbers that are times: the year 9999.
const maxSeconds = 253402300799

func atSeconds(seconds float64) (timestamp, error) {
	if !(math.Abs(seconds) <= maxSeconds) { // also not a number
		return timestamp{}, errTime
	}
	whole, part := math.Modf(seconds)
	return timestamp{time.Unix(int64(whole), int64(part*1e9)).UTC()}, nil
}

// MarshalJSON implements json.Marshaler. Data points are at whole minutes.
func (t timestamp) MarshalJSON() ([]byte, error) { return strconv.AppendInt(nil, t.Unix(), 10), nil }

// UnmarshalJSON implements json.Unmarshaler.
func (t *timestamp) UnmarshalJSON(data []byte) error {
	var seconds *float64
	if err := json.Unmarshal(data, &seconds); err != nil || seconds == nil {
		return err
	}
	var err error
	*t, err = atSeconds(*seconds)
	return err
}

// epochTag is the tag of times in CBOR.
const epochTag = 1

// MarshalCBOR implements cbor.Marshaler.
func (t timestamp) MarshalCBOR() ([]byte, error) {
	return cbor.Marshal(cbor.Tag{Number: epochTag, Content: t.Unix()})
}

// UnmarshalCBOR implements cbor.Unmarshaler.
func (t *timestamp) UnmarshalCBOR(data []byte) error {
	var tag cbor.RawTag
	if err := cborDecoding.Unmarshal(data, &tag); err != nil || tag.Number != epochTag {
		return errTime
	}
	var seconds float64
	if err := cborDecoding.Unmarshal(tag.Content, &seconds); err != nil {
		return errTime
	}
	var err error
	*t, err = atSeconds(seconds)
	return err
}

// MarshalText implements encoding.TextMarshaler.
func (t timestamp) MarshalText() ([]byte, error) {
	return t.UTC().AppendFormat(nil, "2006-01-02T15:04:05Z"), nil
}

// UnmarshalText implements encoding.TextUnmarshaler. Without a zone it is UTC.
func (t *timestamp) UnmarshalText(text []byte) error {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateOnly} {
		if at, err := time.Parse(layout, string(text)); err == nil {
			t.Time = at
			return nil
		}
	}
	return errTime
}

// extended are statistics by name.
type extended map[string]float64

// MarshalXML implements xml.Marshaler.
func (e extended) MarshalXML(enc *xml.Encoder, at xml.StartElement) error {
	type entry struct {
		Key   string  `xml:"key"`
		Value float64 `xml:"value"`
	}
	err := enc.EncodeToken(at)
	for _, name := range slices.Sorted(maps.Keys(e)) {
		err = errors.Join(err, enc.EncodeElement(entry{name, e[name]}, start("entry")))
	}
	return errors.Join(err, enc.EncodeToken(at.End()))
}

// dimension is one of the dimensions of a metric, or of those that are looked
// for: then an empty value is any.
type dimension struct {
	Name  string `json:"Name"`
	Value string `json:"Value"`
}

// sorted returns dimensions as package metrics has them. Their order does not
// matter to clients.
func sorted(dimensions []dimension) []metrics.Dimension {
	out := make([]metrics.Dimension, 0, len(dimensions))
	for _, d := range dimensions {
		out = append(out, metrics.Dimension(d))
	}
	slices.SortFunc(out, func(a, b metrics.Dimension) int { return cmp.Compare(a.Name, b.Name) })
	return out
}
