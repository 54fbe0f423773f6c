package secret

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if _, err := File(path, false); err == nil {
		t.Error("a key file that does not exist was read")
	}
	box, err := File(path, true)
	if err != nil {
		t.Fatal(err)
	}
	sealed := box.Seal("certificate/a", []byte("private"))
	if bytes.Contains(sealed, []byte("private")) {
		t.Errorf("the sealed form shows the secret: %q", sealed)
	}
	again, err := File(path, true)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Open("certificate/a", sealed); err != nil || string(got) != "private" {
		t.Errorf("after a restart Open gives %q, %v", got, err)
	}
	for name, open := range map[string]func() ([]byte, error){
		"another name": func() ([]byte, error) { return again.Open("certificate/b", sealed) },
		"another key":  func() ([]byte, error) { return Temporary().Open("certificate/a", sealed) },
		"damaged": func() ([]byte, error) {
			return again.Open("certificate/a", append(sealed[:len(sealed)-1], sealed[len(sealed)-1]^1))
		},
		"short": func() ([]byte, error) { return again.Open("certificate/a", sealed[:3]) },
	} {
		if got, err := open(); err == nil {
			t.Errorf("%s: Open gives %q without an error", name, got)
		}
	}
}

func TestFileRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		content string
		mode    os.FileMode
		want    string
	}{
		"open to others": {strings.Repeat("0", 64), 0o644, "chmod 600"},
		"short":          {"00", 0o600, "64 hexadecimal digits"},
		"not hex":        {strings.Repeat("x", 64), 0o600, "64 hexadecimal digits"},
	} {
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, []byte(tt.content), tt.mode); err != nil {
			t.Fatal(err)
		}
		if _, err := File(path, true); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, tt.want)
		}
	}
}
