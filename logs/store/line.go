package store

import (
	"bytes"
	"encoding/json"
	"iter"
	"strconv"
	"unicode/utf8"
)

// line is a line of a segment, with its end:
//
//	{"timestamp":1,"ingestionTime":2,"message":"text"}
//
// It is JSON, for people and their tools; the store itself reads the times
// without a JSON parser.
type line []byte

const (
	lineTime     = `{"timestamp":`
	lineIngested = `,"ingestionTime":`
	lineMessage  = `,"message":`
	lineEnd      = "}\n"
)

// appendLine appends an event to out. What is not UTF-8 in the message becomes
// the replacement character.
func appendLine(out []byte, event, ingested int64, message string) []byte {
	out = strconv.AppendInt(append(out, lineTime...), event, 10)
	out = strconv.AppendInt(append(out, lineIngested...), ingested, 10)
	out = appendString(append(out, lineMessage...), message)
	return append(out, lineEnd...)
}

// appendString appends text as a JSON string.
func appendString(out []byte, text string) []byte {
	const hex = "0123456789abcdef"
	out = append(out, '"')
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c == '\n':
			out = append(out, '\\', 'n')
		case c == '\t':
			out = append(out, '\\', 't')
		case c < ' ':
			out = append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		case c < utf8.RuneSelf:
			out = append(out, c)
		default:
			r, size := utf8.DecodeRuneInString(text[i:])
			out = utf8.AppendRune(out, r)
			i += size
			continue
		}
		i++
	}
	return append(out, '"')
}

// lines yields the lines of a segment that have an end.
func lines(data []byte) iter.Seq[line] {
	return func(yield func(line) bool) {
		for {
			end := bytes.IndexByte(data, '\n')
			if end < 0 || !yield(line(data[:end+1])) {
				return
			}
			data = data[end+1:]
		}
	}
}

type lineTimes struct {
	event, ingested int64
	message         []byte // JSON
}

// times takes a line apart; false if it is none.
func (l line) times() (lineTimes, bool) {
	var t lineTimes
	rest, ok := bytes.CutPrefix(l, []byte(lineTime))
	first, rest, found := bytes.Cut(rest, []byte(lineIngested))
	second, message, foundMessage := bytes.Cut(rest, []byte(lineMessage))
	message, ended := bytes.CutSuffix(message, []byte(lineEnd))
	if !ok || !found || !foundMessage || !ended || len(message) < 2 {
		return t, false
	}
	var err1, err2 error
	t.event, err1 = strconv.ParseInt(string(first), 10, 64)
	t.ingested, err2 = strconv.ParseInt(string(second), 10, 64)
	t.message = message
	return t, err1 == nil && err2 == nil
}

// decode returns the event of a line; false if it is none.
func (l line) decode() (Event, bool) {
	t, ok := l.times()
	if !ok {
		return Event{}, false
	}
	e := Event{Time: t.event, Ingested: t.ingested}
	return e, json.Unmarshal(t.message, &e.Message) == nil
}
