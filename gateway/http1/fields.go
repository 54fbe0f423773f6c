package http1

import (
	"strings"

	"github.com/postern-gateway/postern/exchange"
)

// maxFields bounds the lines of one message: a head of short lines must not
// cost many times its size in memory.
const maxFields = 512

var (
	errFieldName   = malformed("malformed field name")
	errFieldValue  = malformed("malformed field value")
	errFieldCount  = &Error{Status: 431, Text: "too many fields"}
	errTwoLengths  = malformed("more than one Content-Length")
	errLength      = malformed("malformed Content-Length")
	errTwoCodings  = malformed("more than one Transfer-Encoding")
	errCoding      = malformed("Transfer-Encoding is not chunked")
	errTwoFramings = malformed("Content-Length beside Transfer-Encoding")
)

// facts are the fields that frame a message, gathered while it is parsed.
type facts struct {
	hosts, lengths, codings  int
	host, length, coding     string
	expect                   string
	closeToken, persistToken bool
}

// parseField checks one line without its end.
func parseField(line string) (exchange.Field, error) {
	colon := strings.IndexByte(line, ':')
	// A folded line and a blank before the colon fail here: blanks are no
	// token bytes.
	if colon < 0 || !ValidToken(line[:colon]) {
		return exchange.Field{}, errFieldName
	}
	value := strings.Trim(line[colon+1:], " \t")
	if !ValidValue(value) {
		return exchange.Field{}, errFieldValue
	}
	return exchange.Field{Name: line[:colon], Value: value}, nil
}

// parseFields appends the fields in lines, which end with the empty line.
func parseFields(lines string, header exchange.Header) (exchange.Header, facts, error) {
	var f facts
	for {
		end := strings.IndexByte(lines, '\n')
		if end <= 1 {
			return header, f, nil
		}
		field, err := parseField(lines[:end-1])
		if err != nil {
			return header, f, err
		}
		if len(header) == maxFields {
			return header, f, errFieldCount
		}
		header = append(header, field)
		f.note(field)
		lines = lines[end+1:]
	}
}

func (f *facts) note(field exchange.Field) {
	switch name := field.Name; len(name) {
	case len("Host"):
		if strings.EqualFold(name, "Host") {
			f.hosts++
			f.host = field.Value
		}
	case len("Expect"):
		if strings.EqualFold(name, "Expect") {
			f.expect = field.Value
		}
	case len("Connection"):
		if strings.EqualFold(name, "Connection") {
			for token := range strings.SplitSeq(field.Value, ",") {
				token = strings.Trim(token, " \t")
				f.closeToken = f.closeToken || strings.EqualFold(token, "close")
				f.persistToken = f.persistToken || strings.EqualFold(token, "keep-alive")
			}
		}
	case len("Content-Length"):
		if strings.EqualFold(name, "Content-Length") {
			f.lengths++
			f.length = field.Value
		}
	case len("Transfer-Encoding"):
		if strings.EqualFold(name, "Transfer-Encoding") {
			f.codings++
			f.coding = field.Value
		}
	}
}

// framing returns the length of the body that the fields announce: 0 or more,
// Chunked, or UntilEOF if they say nothing.
func (f *facts) framing() (int64, error) {
	switch {
	case f.codings > 1:
		return 0, errTwoCodings
	case f.lengths > 1: // equal or not: a program before us may take the other
		return 0, errTwoLengths
	case f.codings == 1 && f.lengths == 1:
		return 0, errTwoFramings
	case f.codings == 1:
		return Chunked, nil
	case f.lengths == 1:
		return parseLength(f.length)
	}
	return UntilEOF, nil
}

// parseLength reads a Content-Length: digits only, at most 18 of them.
func parseLength(s string) (int64, error) {
	if s == "" || len(s) > 18 {
		return 0, errLength
	}
	var n int64
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, errLength
		}
		n = n*10 + int64(s[i]-'0')
	}
	return n, nil
}

// persists says whether the connection may carry another message.
func (f *facts) persists(minor int) bool {
	return !f.closeToken && (minor == 1 || f.persistToken)
}
