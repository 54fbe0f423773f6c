package ids

import (
	cryptorand "crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"sync"
)

// Source is safe for use by many goroutines at once. The one that New returns
// shares no lock between them.
type Source struct {
	mu     sync.Mutex // guards seeded; unused by the system source
	seeded *rand.Rand
}

// New returns the source for use in production.
func New() *Source { return &Source{} }

// Seeded returns a source that gives the same sequence for the same seed.
func Seeded(seed uint64) *Source {
	return &Source{seeded: rand.New(rand.NewPCG(seed, seed))}
}

func (s *Source) uint64() uint64 {
	if s.seeded == nil {
		return rand.Uint64() // per-thread generator of the runtime, seeded by the system
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seeded.Uint64()
}

func (s *Source) fill(b []byte) {
	if s.seeded == nil {
		_, _ = cryptorand.Read(b) // never fails, by its documentation
		return
	}
	for i := 0; i < len(b); i += 8 {
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], s.uint64())
		copy(b[i:], word[:])
	}
}

// Secret returns n characters of letters and digits that nobody can guess: the
// value of an API key.
func (s *Source) Secret(n int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	out := make([]byte, 0, n)
	for len(out) < n {
		var block [16]byte
		s.fill(block[:])
		for _, b := range block {
			if b < 248 && len(out) < n { // 248 = 4 * 62
				out = append(out, letters[b%62])
			}
		}
	}
	return string(out)
}

const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"

// text draws n characters of the alphabet, each equally likely.
func (s *Source) text(n int) string {
	out := make([]byte, 0, n)
	for len(out) < n {
		var block [16]byte
		s.fill(block[:])
		for _, b := range block {
			if b < 252 && len(out) < n { // 252 = 7 * 36
				out = append(out, alphabet[b%36])
			}
		}
	}
	return string(out)
}

// API returns an id of a REST API, a root resource or an API key: 10 characters.
func (s *Source) API() string { return s.text(10) }

// Part returns an id of a resource, deployment and the like: 6 characters.
func (s *Source) Part() string { return s.text(6) }

// UUID returns a random UUID (version 4) in lower case: a request id.
func (s *Source) UUID() string {
	var buf [36]byte
	return string(s.AppendUUID(buf[:0]))
}

// AppendUUID appends what UUID returns. It draws from the fast generator: a
// request id has to be unique, not secret.
func (s *Source) AppendUUID(dst []byte) []byte {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], s.uint64())
	binary.LittleEndian.PutUint64(b[8:], s.uint64())
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	dst = append(hex.AppendEncode(dst, b[:4]), '-')
	dst = append(hex.AppendEncode(dst, b[4:6]), '-')
	dst = append(hex.AppendEncode(dst, b[6:8]), '-')
	dst = append(hex.AppendEncode(dst, b[8:10]), '-')
	return hex.AppendEncode(dst, b[10:])
}

// Extended returns an extended request id: 11 random bytes in base64.
func (s *Source) Extended() string {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], s.uint64())
	binary.LittleEndian.PutUint64(b[8:], s.uint64())
	return base64.StdEncoding.EncodeToString(b[:11])
}

// Hex returns n random hexadecimal digits (at most 32): the parts of a trace id.
func (s *Source) Hex(n int) string {
	var buf [32]byte
	return string(s.AppendHex(buf[:0], n))
}

// AppendHex appends what Hex returns.
func (s *Source) AppendHex(dst []byte, n int) []byte {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], s.uint64())
	binary.LittleEndian.PutUint64(b[8:], s.uint64())
	return hex.AppendEncode(dst, b[:])[:len(dst)+n]
}

// Percent draws a number in [0, 100), uniformly: the canary draw.
func (s *Source) Percent() float64 {
	return float64(s.uint64()>>11) / (1 << 53) * 100
}
