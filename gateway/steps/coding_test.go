package steps

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestChooseCoding(t *testing.T) {
	for accept, want := range map[string]string{
		"": identityCoding, "*": identityCoding, "br": identityCoding, "identity": identityCoding, "gzip;q=0": identityCoding,
		"gzip": gzipCoding, "GZIP": gzipCoding, "deflate": deflateCoding, "gzip, deflate, br, zstd": gzipCoding,
		"deflate, gzip": gzipCoding, "gzip;q=0.5, deflate": deflateCoding, "br;q=1, gzip;q=0.1": gzipCoding,
		"identity, gzip;q=0.9": identityCoding, "identity;q=0.5, gzip; q=0.9": gzipCoding, "*;q=1, deflate;q=0.2": deflateCoding,
		"gzip;q=2": identityCoding, "gzip;q=NaN": identityCoding, "gzip;q=": identityCoding, "gzip;x=1;Q=0.3": gzipCoding, ",,gzip,": gzipCoding, "gzipped": identityCoding,
	} {
		if got := chooseCoding(accept); got != want {
			t.Errorf("Accept-Encoding %q: got %q, want %q", accept, got, want)
		}
	}
}

// TestCodings: what is encoded is decoded again, within the limit; a body that
// unfolds is not held.
func TestCodings(t *testing.T) {
	body := []byte(strings.Repeat("a line of text\n", 1000))
	for _, coding := range []string{gzipCoding, deflateCoding} {
		for range 2 { // the second one with what the first gave back
			coded, err := encodeBody(coding, body)
			if err != nil || len(coded) > len(body)/10 {
				t.Fatalf("%s: %d bytes of %d, %v", coding, len(coded), len(body), err)
			}
			if got, err := decodeBody(strings.ToUpper(coding), coded, int64(len(body))); err != nil || !bytes.Equal(got, body) {
				t.Errorf("%s: %d bytes back of %d, %v", coding, len(got), len(body), err)
			}
			if _, err := decodeBody(coding, coded, int64(len(body)-1)); !errors.Is(err, errDecodedTooLong) {
				t.Errorf("%s over the limit: %v", coding, err)
			}
			if _, err := decodeBody(coding, coded[:len(coded)-1], 1<<20); err == nil {
				t.Errorf("%s without its last byte is taken", coding)
			}
		}
	}
	if _, err := decodeBody("br", body, 1<<20); !errors.Is(err, errCoding) {
		t.Errorf("br: %v", err)
	}
}

// FuzzCoding: no body breaks the decoders or gets past the limit, and no
// Accept-Encoding names a coding that we do not have.
func FuzzCoding(f *testing.F) {
	seed, err := encodeBody(gzipCoding, []byte("seed"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add("gzip", seed)
	f.Add("deflate;q=0.1, gzip", []byte("x\x9c"))
	f.Fuzz(func(t *testing.T, text string, body []byte) {
		coding := chooseCoding(text)
		if coding != identityCoding && coders[coding] == nil {
			t.Fatalf("Accept-Encoding %q: chose %q", text, coding)
		}
		for _, coding := range []string{gzipCoding, deflateCoding, text} {
			if got, err := decodeBody(coding, body, 1000); err == nil && len(got) > 1000 {
				t.Fatalf("%s %q: %d bytes", coding, body, len(got))
			}
		}
	})
}
