package http1

import "io"

const (
	chunkLine    = 256      // longest line with the size of a chunk
	trailerLine  = 4 << 10  // longest trailer field
	overheadSize = 16 << 10 // most bytes of extensions and trailers in one body
)

var (
	errChunkSize = malformed("malformed chunk size")
	errChunkEnd  = malformed("malformed end of a chunk")
	errOverhead  = malformed("too many chunk extensions or trailers")
)

// ChunkedReader takes the chunked coding off a body. Extensions and trailers
// are checked and thrown away.
type ChunkedReader struct {
	src      *Reader
	left     int64 // of the present chunk
	inside   bool  // the end of the present chunk is still to come
	overhead int
	err      error
}

// Reset makes c read a body that begins at the next byte of src.
func (c *ChunkedReader) Reset(src *Reader) { *c = ChunkedReader{src: src} }

// Read implements io.Reader. At io.EOF the source stands behind the trailers.
// A malformed body is an *Error; the connection cannot be used again then.
func (c *ChunkedReader) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	if c.left == 0 {
		if c.err = c.next(); c.err != nil {
			return 0, c.err
		}
	}
	n, err := c.src.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	c.err = err
	return n, err
}

// next goes to the data of the next chunk, or past the trailers with io.EOF.
func (c *ChunkedReader) next() error {
	if c.inside {
		end, err := c.src.line(2)
		if err == errLongLine || err == nil && len(end) > 0 {
			return errChunkEnd
		}
		if err != nil {
			return err
		}
		c.inside = false
	}
	line, err := c.src.line(chunkLine)
	if err != nil {
		return err
	}
	size, extension, err := parseChunkSize(line)
	if err != nil {
		return err
	}
	if c.overhead += extension; c.overhead > overheadSize {
		return errOverhead
	}
	if size == 0 {
		return c.trailers()
	}
	c.left, c.inside = size, true
	return nil
}

// trailers reads to the end of the body. Trailer fields are dropped: the API
// has no place for them, and to merge them into the header is how a client
// would set what was checked already.
func (c *ChunkedReader) trailers() error {
	for {
		line, err := c.src.line(trailerLine)
		if err != nil {
			return err
		}
		if len(line) == 0 {
			return io.EOF
		}
		if c.overhead += len(line); c.overhead > overheadSize {
			return errOverhead
		}
		if _, err := parseField(string(line)); err != nil {
			return err
		}
	}
}

// parseChunkSize reads hexadecimal digits and an optional extension that begins
// right after them; it returns the size and the length of the extension.
func parseChunkSize(line []byte) (size int64, extension int, err error) {
	digits := 0
	for digits < len(line) && classes[line[digits]]&hexByte != 0 {
		digits++
	}
	if digits == 0 || digits > 15 { // 15 digits fit into 63 bits
		return 0, 0, errChunkSize
	}
	for _, b := range line[:digits] {
		digit := b - '0'
		if b > '9' {
			digit = (b | 0x20) - 'a' + 10
		}
		size = size<<4 | int64(digit)
	}
	rest := line[digits:]
	if len(rest) == 0 {
		return size, 0, nil
	}
	if rest[0] != ';' {
		return 0, 0, errChunkSize
	}
	for _, b := range rest {
		if classes[b]&valueByte == 0 {
			return 0, 0, errChunkSize
		}
	}
	return size, len(rest), nil
}
