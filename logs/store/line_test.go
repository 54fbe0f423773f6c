package store

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// FuzzLine: a line says what was put in, to the store and to any JSON parser.
func FuzzLine(f *testing.F) {
	for _, message := range []string{"", "text", `"quoted" \ `, "a\nb\tc\r\x00\x1f\x7f", "é 世界 \u2028", "\xff torn \xe4\xb8", `,"message":"}`} {
		f.Add(int64(-1), int64(1<<62), message)
	}
	f.Fuzz(func(t *testing.T, event, ingested int64, message string) {
		text := appendLine(nil, event, ingested, message)
		want := Event{Time: event, Ingested: ingested, Message: strings.ToValidUTF8(message, "\ufffd")}
		if strings.ToValidUTF8(message, "") != message {
			// Each byte that is wrong becomes a character of its own.
			want.Message = string([]rune(message))
		}
		got, ok := line(text).decode()
		if !ok || got != want {
			t.Errorf("%q: got %+v, %t, want %+v", text, got, ok, want)
		}
		var parsed struct {
			Timestamp, IngestionTime int64
			Message                  string
		}
		if err := json.Unmarshal(text, &parsed); err != nil || parsed.Message != want.Message || parsed.Timestamp != event {
			t.Errorf("%q: %+v, %v", text, parsed, err)
		}
		if bytes.Count(text, []byte("\n")) != 1 {
			t.Errorf("%q is not one line", text)
		}
	})
}

// FuzzScan: whatever is in a file, reading it ends, and what counts of it are
// whole lines.
func FuzzScan(f *testing.F) {
	good := string(appendLine(nil, 1, 2, "text"))
	for _, seed := range []string{"", good, good + good[:20], "\n", good + "\n" + good, strings.Replace(good, "1", "x", 1)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		size := 0
		for l := range lines(data) {
			size += len(l)
			if times, ok := l.times(); ok && len(times.message) < 2 {
				t.Errorf("%q has no message", l)
			}
			l.decode()
		}
		if size > len(data) {
			t.Errorf("%d bytes of %d", size, len(data))
		}
	})
}
