package http1

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestChunked(t *testing.T) {
	for _, test := range []struct {
		name, input, want, rest string
	}{
		{"empty", "0\r\n\r\nnext", "", "next"},
		{"two chunks", "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n", "abc0123456789", ""},
		{"leading zeros", "00003\r\nabc\r\n000\r\n\r\n", "abc", ""},
		{"extensions", "3;a=\"b\"\r\nabc\r\n0;x\r\n\r\n", "abc", ""},
		{"trailers", "1\r\na\r\n0\r\nX-A: b\r\nContent-Length: 9\r\n\r\nnext", "a", "next"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for size := 1; size < 8; size++ {
				var r Reader
				r.Reset(&slowEOF{slowReader{test.input, size}}, nil)
				var c ChunkedReader
				c.Reset(&r)
				got, err := io.ReadAll(&c)
				if string(got) != test.want || err != nil {
					t.Fatalf("%q in pieces of %d: got %q, %v, want %q", test.input, size, got, err, test.want)
				}
				rest, _ := io.ReadAll(&r)
				if string(rest) != test.rest {
					t.Errorf("%q: left %q, want %q", test.input, rest, test.rest)
				}
			}
		})
	}
}

// slowEOF is slowReader with an end.
type slowEOF struct{ slowReader }

func (r *slowEOF) Read(p []byte) (int, error) {
	if r.rest == "" {
		return 0, io.EOF
	}
	return r.slowReader.Read(p)
}

func TestChunkedRefused(t *testing.T) {
	for _, test := range []struct {
		name, input string
		want        error
	}{
		{"no size", "\r\n\r\n", errChunkSize},
		{"no digit", "g\r\n", errChunkSize},
		{"prefix", "0x3\r\nabc\r\n0\r\n\r\n", errChunkSize},
		{"sign", "+3\r\nabc\r\n0\r\n\r\n", errChunkSize},
		{"negative", "-3\r\nabc\r\n0\r\n\r\n", errChunkSize},
		{"blank before", " 3\r\nabc\r\n0\r\n\r\n", errChunkSize},
		{"blank after", "3 \r\nabc\r\n0\r\n\r\n", errChunkSize},
		{"blank before the extension", "3 ;a\r\nabc\r\n0\r\n\r\n", errChunkSize},
		{"overflow", "10000000000000003\r\nabc\r\n0\r\n\r\n", errChunkSize},
		{"LF after the size", "3\nabc\r\n0\r\n\r\n", errBareLF},
		{"LF in the extension", "3;a\nabc\r\n0\r\n\r\n", errBareLF},
		{"CR in the extension", "3;a\rb\r\nabc\r\n0\r\n\r\n", errChunkSize},
		{"long extension", "3;" + strings.Repeat("a", chunkLine) + "\r\nabc\r\n0\r\n\r\n", errLongLine},
		{"many extensions", strings.Repeat("1;"+strings.Repeat("a", 200)+"\r\nx\r\n", 100) + "0\r\n\r\n", errOverhead},
		{"LF after the data", "3\r\nabc\n0\r\n\r\n", errBareLF},
		{"more data than size", "3\r\nabcd\r\n0\r\n\r\n", errChunkEnd},
		{"more data than size, a line end", "3\r\nabc\r\r\n0\r\n\r\n", errChunkEnd},
		{"nothing after the data", "3\r\nabc0\r\n\r\n", errChunkEnd},
		{"malformed trailer", "0\r\nX : a\r\n\r\n", errFieldName},
		{"LF after the trailer", "0\r\nX: a\n\r\n", errBareLF},
		{"many trailers", "0\r\n" + strings.Repeat("X: "+strings.Repeat("a", 1000)+"\r\n", 20) + "\r\n", errOverhead},
		{"ends in the size", "3", io.ErrUnexpectedEOF},
		{"ends in the data", "3\r\nab", io.ErrUnexpectedEOF},
		{"ends before the last chunk", "3\r\nabc\r\n", io.ErrUnexpectedEOF},
		{"ends in the trailers", "0\r\nX: a\r\n", io.ErrUnexpectedEOF},
	} {
		t.Run(test.name, func(t *testing.T) {
			var r Reader
			r.Reset(strings.NewReader(test.input), nil)
			var c ChunkedReader
			c.Reset(&r)
			got, err := io.ReadAll(&c)
			if !errors.Is(err, test.want) {
				t.Errorf("%.100q: got %q, %v, want error %v", test.input, got, err, test.want)
			}
			if _, again := c.Read(make([]byte, 1)); again != err {
				t.Errorf("%.100q: got %v from a second read, want %v again", test.input, again, err)
			}
		})
	}
}
