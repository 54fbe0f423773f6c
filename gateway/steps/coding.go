package steps

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync"
)

// The content codings that the service knows, beside identity (guide).
const (
	gzipCoding     = "gzip"
	deflateCoding  = "deflate" // the format of zlib (RFC 9110, 8.4.1.2)
	identityCoding = "identity"
)

var (
	errCoding         = errors.New("unknown content coding")
	errDecodedTooLong = errors.New("the decoded body is longer than the limit")
)

// firstDecoded bounds what is allocated for a decoded body before it is there.
const firstDecoded = 64 << 10

// decodeBody takes a content coding off a body. The result has at most limit
// bytes, whatever the body pretends to hold.
func decodeBody(coding string, body []byte, limit int64) ([]byte, error) {
	var from io.ReadCloser
	var err error
	switch {
	case strings.EqualFold(coding, gzipCoding):
		from, err = gzip.NewReader(bytes.NewReader(body))
	case strings.EqualFold(coding, deflateCoding):
		from, err = zlib.NewReader(bytes.NewReader(body))
	default:
		return nil, errCoding
	}
	if err != nil {
		return nil, err
	}
	out := bytes.NewBuffer(make([]byte, 0, min(4*len(body)+1, firstDecoded)))
	n, err := out.ReadFrom(io.LimitReader(from, limit+1))
	switch {
	case err != nil:
		return nil, err
	case n > limit:
		return nil, errDecodedTooLong
	}
	return out.Bytes(), from.Close()
}

// coder writes one coding; it is kept for other bodies.
type coder interface {
	io.WriteCloser
	Reset(io.Writer)
}

// The levels are those of servers that compress while a client waits: beyond
// them the time grows faster than the size shrinks.
var coders = map[string]*sync.Pool{
	gzipCoding: {New: func() any {
		w, _ := gzip.NewWriterLevel(nil, flate.BestSpeed) // fails for unknown levels only
		return w
	}},
	deflateCoding: {New: func() any {
		w, _ := zlib.NewWriterLevel(nil, flate.BestSpeed)
		return w
	}},
}

// encodeBody puts a coding on a body.
func encodeBody(coding string, body []byte) ([]byte, error) {
	pool := coders[coding]
	w := pool.Get().(coder)
	defer pool.Put(w)
	out := bytes.NewBuffer(make([]byte, 0, len(body)/4+64))
	w.Reset(out)
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// chooseCoding returns the coding that a client likes best among those that we
// know, by the value of its Accept-Encoding; identity if it names none of
// them. The guide: a wildcard alone asks for nothing. Of codings that it likes
// alike gzip comes first, then deflate (assumed).
func chooseCoding(accept string) string {
	quality := [...]float64{-1, -1, -1}
	known := [...]string{gzipCoding, deflateCoding, identityCoding}
	for entry := range strings.SplitSeq(accept, ",") {
		name, parameters, _ := strings.Cut(entry, ";")
		for i := range known {
			if strings.EqualFold(strings.TrimSpace(name), known[i]) {
				quality[i] = weight(parameters)
			}
		}
	}
	best, coding := 0.0, identityCoding
	for i, q := range quality {
		if q > best {
			best, coding = q, known[i]
		}
	}
	return coding
}

// weight returns the q of a list entry's parameters: 1 if there is none, 0 if
// it is no number from 0 to 1.
func weight(parameters string) float64 {
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
		if !strings.EqualFold(name, "q") {
			continue
		}
		q, err := strconv.ParseFloat(value, 64)
		if err != nil || !(q >= 0 && q <= 1) {
			return 0
		}
		return q
	}
	return 1
}
