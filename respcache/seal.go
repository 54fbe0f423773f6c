package respcache

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"
)

// sealer encrypts responses with one data key.
type sealer struct{ aead cipher.AEAD }

// newSealer returns the sealer of a key of 32 bytes.
func newSealer(dataKey []byte) (*sealer, error) {
	if len(dataKey) != 32 {
		return nil, fmt.Errorf("the data key of a cache has %d bytes, want 32", len(dataKey))
	}
	block, err := aes.NewCipher(dataKey)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &sealer{aead}, nil
}

// seal encrypts a response for its key: moved to another one it cannot be opened.
func (s *sealer) seal(key Key, r *Response) []byte {
	return s.aead.Seal(nil, nil, r.Encode(), []byte(key))
}

func (s *sealer) open(key Key, sealed []byte) (*Response, error) {
	data, err := s.aead.Open(nil, nil, sealed, []byte(key))
	if err != nil {
		return nil, ErrDamaged
	}
	return Decode(data)
}
