package respcache

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
)

// Key tells entries apart. It holds its parts themselves and not a hash of them.
type Key string

// Parts is what a Key is made of.
type Parts struct {
	Account, API, Stage string
	// Generation is that of the stage's cache: a flush makes a new one.
	Generation uint64
	// Release is the id of the deployment that answers.
	Release   string
	Namespace string // the integration's cache namespace
	Verb      string // of the request
	// Parameters are the values of the cache key parameters, in their order. Nil
	// is a parameter that is absent, which differs from one with an empty value.
	Parameters [][]string
}

// Key returns the key of the parts. Each text has its length before it, so
// that no two different parts have the same key.
func (p *Parts) Key() Key {
	size := 16 + len(p.Account) + len(p.API) + len(p.Stage) + len(p.Release) + len(p.Namespace) + len(p.Verb)
	for _, values := range p.Parameters {
		size += 4
		for _, value := range values {
			size += 4 + len(value)
		}
	}
	b := make([]byte, 0, size)
	for _, text := range [...]string{p.Account, p.API, p.Stage, p.Release, p.Namespace, p.Verb} {
		b = appendText(b, text)
	}
	b = binary.AppendUvarint(b, p.Generation)
	b = binary.AppendUvarint(b, uint64(len(p.Parameters)))
	for _, values := range p.Parameters {
		if values == nil {
			b = append(b, 0)
			continue
		}
		b = binary.AppendUvarint(b, uint64(len(values))+1)
		for _, value := range values {
			b = appendText(b, value)
		}
	}
	return Key(b)
}

// String returns the key as text for people to copy.
func (k Key) String() string { return base64.RawURLEncoding.EncodeToString([]byte(k)) }

// ParseKey reads what String made.
func ParseKey(text string) (Key, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return "", fmt.Errorf("%q is not the key of a cache entry", text)
	}
	return Key(b), nil
}

func appendText(b []byte, text string) []byte {
	b = binary.AppendUvarint(b, uint64(len(text)))
	return append(b, text...)
}
