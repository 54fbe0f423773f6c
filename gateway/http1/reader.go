package http1

import (
	"bytes"
	"errors"
	"io"
)

// Error says why a message is not taken. Status is what a server answers.
type Error struct {
	Status int
	Text   string
}

// Error implements error.
func (e *Error) Error() string { return e.Text }

func malformed(text string) *Error { return &Error{Status: 400, Text: text} }

var (
	errBareLF     = malformed("a line ends with LF alone")
	errEmptyLine  = malformed("empty line before the start line")
	errLongLine   = malformed("line of a chunked body too long")
	errHeadLength = &Error{Status: 431, Text: "header section too long"}
)

const (
	startSize = 4 << 10  // of a buffer; enough for nearly every head
	keepSize  = 16 << 10 // larger buffers are not kept for the next connection
)

// Reader buffers what comes from a connection. Deadlines are set by the source.
type Reader struct {
	src  io.Reader
	buf  []byte
	r, w int // buf[r:w] is read but not consumed
}

// Reset makes r read prefix, which it copies, and then src.
func (r *Reader) Reset(src io.Reader, prefix []byte) {
	size := max(startSize, len(prefix))
	if len(r.buf) < size || len(r.buf) > max(size, keepSize) {
		r.buf = make([]byte, size)
	}
	r.src, r.r = src, 0
	r.w = copy(r.buf, prefix)
}

// Buffered is the number of bytes that can be had without reading the source.
func (r *Reader) Buffered() int { return r.w - r.r }

// Fill reads once from the source; it returns nil if that gave at least a byte.
func (r *Reader) Fill() error {
	switch {
	case r.r == r.w:
		r.r, r.w = 0, 0
	case r.w == len(r.buf) && r.r > 0:
		r.w = copy(r.buf, r.buf[r.r:r.w])
		r.r = 0
	case r.w == len(r.buf):
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
	for range 100 { // a source that keeps giving nothing is broken
		n, err := r.src.Read(r.buf[r.w:])
		r.w += n
		if n > 0 {
			return nil // an error will come again with the next read
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// fillMore is Fill where the message must go on.
func (r *Reader) fillMore() error {
	err := r.Fill()
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Head consumes a start line and its fields up to and with the empty line, at
// most limit bytes, and returns them as a string of its own: the one
// allocation that all names and values of the message share. The error is
// io.EOF if the source ends before the first byte, an *Error if the lines are
// malformed or too long, else that of the source.
func (r *Reader) Head(limit int) (string, error) {
	line, next := 0, 0 // begin of the present line; how far LF was looked for
	for {
		seen := r.buf[r.r:r.w]
		for {
			i := bytes.IndexByte(seen[next:], '\n')
			if i < 0 {
				next = len(seen)
				break
			}
			end := next + i
			next = end + 1
			if next > limit {
				return "", errHeadLength
			}
			if end == 0 || seen[end-1] != '\r' {
				return "", errBareLF
			}
			if end-1 == line {
				if line == 0 {
					return "", errEmptyLine
				}
				r.r += next
				return string(seen[:next]), nil
			}
			line = next
		}
		if len(seen) >= limit {
			return "", errHeadLength
		}
		if len(seen) == 0 {
			if err := r.Fill(); err != nil {
				return "", err
			}
		} else if err := r.fillMore(); err != nil {
			return "", err
		}
	}
}

// line consumes one line and returns it without its end; it is valid until the
// next call of r.
func (r *Reader) line(limit int) ([]byte, error) {
	for {
		seen := r.buf[r.r:r.w]
		if i := bytes.IndexByte(seen, '\n'); i >= 0 {
			if i > limit {
				return nil, errLongLine
			}
			if i == 0 || seen[i-1] != '\r' {
				return nil, errBareLF
			}
			r.r += i + 1
			return seen[:i-1], nil
		}
		if len(seen) > limit {
			return nil, errLongLine
		}
		if err := r.fillMore(); err != nil {
			return nil, err
		}
	}
}

// Read implements io.Reader: first what is buffered, then the source.
func (r *Reader) Read(p []byte) (int, error) {
	if r.r < r.w {
		n := copy(p, r.buf[r.r:r.w])
		r.r += n
		return n, nil
	}
	if len(p) >= len(r.buf) {
		return r.src.Read(p)
	}
	if len(p) == 0 {
		return 0, nil
	}
	if err := r.Fill(); err != nil {
		return 0, err
	}
	n := copy(p, r.buf[r.r:r.w])
	r.r += n
	return n, nil
}
