package otlp

import (
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/logs"
)

// The messages of the protocol, as far as they are used, in their JSON form:
// 64-bit integers are texts.
type (
	export struct {
		ResourceLogs []*resourceLogs `json:"resourceLogs"`
	}
	resourceLogs struct {
		Resource  resource     `json:"resource"`
		ScopeLogs [1]scopeLogs `json:"scopeLogs"`
	}
	resource struct {
		Attributes []attribute `json:"attributes"`
	}
	scopeLogs struct {
		Scope      scope       `json:"scope"`
		LogRecords []logRecord `json:"logRecords"`
	}
	scope struct {
		Name string `json:"name"`
	}
	logRecord struct {
		TimeUnixNano         string   `json:"timeUnixNano"`
		ObservedTimeUnixNano string   `json:"observedTimeUnixNano"`
		Body                 anyValue `json:"body"`
	}
	attribute struct {
		Key   string   `json:"key"`
		Value anyValue `json:"value"`
	}
	anyValue struct {
		StringValue *string     `json:"stringValue,omitempty"`
		ArrayValue  *arrayValue `json:"arrayValue,omitempty"`
	}
	arrayValue struct {
		Values []anyValue `json:"values"`
	}
)

func text(s string) anyValue {
	s = strings.ToValidUTF8(s, "\ufffd")
	return anyValue{StringValue: &s}
}

// list is the form of the attributes for names of groups and streams.
func list(s string) anyValue { return anyValue{ArrayValue: &arrayValue{[]anyValue{text(s)}}} }

// encode puts records of the same destination together, and keeps their order.
func encode(records []logs.Record, now int64) export {
	var out export
	places := map[logs.Destination]*resourceLogs{}
	observed := strconv.FormatInt(now, 10)
	for i := range records {
		r := &records[i]
		place := places[r.Destination]
		if place == nil {
			place = &resourceLogs{Resource: resource{attributes(r.Destination)}}
			place.ScopeLogs[0].Scope.Name = "postern"
			places[r.Destination] = place
			out.ResourceLogs = append(out.ResourceLogs, place)
		}
		lines := &place.ScopeLogs[0].LogRecords
		*lines = append(*lines, logRecord{strconv.FormatInt(r.Time.UnixNano(), 10), observed, text(r.Message)})
	}
	return out
}

// attributes follow the semantic conventions of OpenTelemetry, which have none
// for delivery streams.
func attributes(d logs.Destination) []attribute {
	out := []attribute{
		{"service.name", text("postern")},
		{"cloud.account.id", text(d.Account)},
		{"cloud.region", text(d.Region)},
	}
	if d.Delivery != "" {
		return append(out, attribute{"postern.delivery_stream", text(d.Delivery)})
	}
	return append(out, attribute{"aws.log.group.names", list(d.Group)}, attribute{"aws.log.stream.names", list(d.Stream)})
}
