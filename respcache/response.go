package respcache

import (
	"encoding/binary"
	"errors"

	"github.com/postern-gateway/postern/exchange"
)

// Response is what a cache keeps. It belongs to the cache and to all who got it:
// nobody changes it.
type Response struct {
	Status int
	Header exchange.Header
	Body   []byte
}

// MaxResponse is the size in bytes above which a response is not kept: its body
// and its header fields. (The guide gives the number.)
const MaxResponse = 1 << 20

// Size returns the bytes that count against MaxResponse.
func (r *Response) Size() int {
	size := len(r.Body)
	for _, field := range r.Header {
		size += len(field.Name) + len(field.Value)
	}
	return size
}

// Encode returns the response as bytes, for where it cannot stay a value.
func (r *Response) Encode() []byte {
	b := make([]byte, 0, 16+r.Size()+4*len(r.Header))
	b = binary.AppendUvarint(b, uint64(r.Status))
	b = binary.AppendUvarint(b, uint64(len(r.Header)))
	for _, field := range r.Header {
		b = appendText(appendText(b, field.Name), field.Value)
	}
	return append(b, r.Body...)
}

// ErrDamaged is the error for bytes that Encode did not make.
var ErrDamaged = errors.New("the bytes of a cached response are damaged")

// Decode reads what Encode made. The body is a part of data.
func Decode(data []byte) (*Response, error) {
	d := decoder{rest: data}
	r := &Response{Status: int(d.number(999))}
	// A field has two bytes at least: no number makes us ask for more memory than
	// there is data.
	if fields := d.number(uint64(len(data) / 2)); fields > 0 {
		r.Header = make(exchange.Header, 0, fields)
		for range fields {
			r.Header = append(r.Header, exchange.Field{Name: d.text(), Value: d.text()})
		}
	}
	if d.damaged {
		return nil, ErrDamaged
	}
	r.Body = d.rest
	return r, nil
}

// decoder reads numbers and texts until something is wrong.
type decoder struct {
	rest    []byte
	damaged bool
}

func (d *decoder) number(most uint64) uint64 {
	n, size := binary.Uvarint(d.rest)
	if d.damaged || size <= 0 || n > most {
		d.damaged = true
		return 0
	}
	d.rest = d.rest[size:]
	return n
}

func (d *decoder) text() string {
	n := d.number(uint64(len(d.rest)))
	if n > uint64(len(d.rest)) { // the number itself took some of it
		d.damaged = true
	}
	if d.damaged {
		return ""
	}
	text := string(d.rest[:n])
	d.rest = d.rest[n:]
	return text
}
