package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// keySize is that of AES-256.
const keySize = 32

// Box seals and opens secrets with AES-256-GCM. All nodes on one store need the
// same key.
type Box struct{ aead cipher.AEAD }

// New returns a box with a key of 32 bytes.
func New(key []byte) (*Box, error) {
	block, err := aes.NewCipher(key)
	if err != nil || len(key) != keySize {
		return nil, fmt.Errorf("a key has %d bytes, not %d", keySize, len(key))
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return &Box{aead}, nil
}

// Temporary returns a box with a key that nobody keeps.
func Temporary() *Box {
	var key [keySize]byte
	_, _ = rand.Read(key[:]) // never fails, by its documentation
	box, err := New(key[:])
	if err != nil {
		panic(err) // the key has the right size
	}
	return box
}

// File returns a box with the key of a file: 64 hexadecimal digits, readable by
// its owner only. With create, a file that does not exist is made.
func File(path string, create bool) (*Box, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) && create {
		return createFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("key file %s can be read by others: run chmod 600 on it", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != keySize {
		return nil, fmt.Errorf("key file %s must hold %d hexadecimal digits", path, 2*keySize)
	}
	return New(key)
}

// createFile makes a key and a file for it, whole or not at all.
func createFile(path string) (*Box, error) {
	var key [keySize]byte
	_, _ = rand.Read(key[:])
	temporary, err := os.CreateTemp(filepath.Dir(path), ".key-*")
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	defer os.Remove(temporary.Name())
	if _, err = temporary.WriteString(hex.EncodeToString(key[:]) + "\n"); err == nil {
		err = temporary.Sync()
	}
	if err := errors.Join(err, temporary.Close()); err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	// A link fails if another process was first; then its key is the one.
	if err := os.Link(temporary.Name(), path); err != nil {
		return File(path, false)
	}
	return New(key[:])
}

// Seal returns a secret in a form for the store. It is bound to a name, and
// opens under no other.
func (b *Box) Seal(name string, secret []byte) []byte {
	nonce := make([]byte, b.aead.NonceSize())
	_, _ = rand.Read(nonce)
	return b.aead.Seal(nonce, nonce, secret, []byte(name))
}

// Open returns what was sealed.
func (b *Box) Open(name string, sealed []byte) ([]byte, error) {
	n := b.aead.NonceSize()
	if len(sealed) < n {
		return nil, errors.New("a sealed secret is too short")
	}
	secret, err := b.aead.Open(nil, sealed[:n], sealed[n:], []byte(name))
	if err != nil {
		return nil, fmt.Errorf("%s was sealed with another key file", name)
	}
	return secret, nil
}
