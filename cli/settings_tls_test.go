package cli

import (
	"crypto/x509"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pemFiles writes a certificate and its key.
func pemFiles(t *testing.T) (certificate, key string) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	server.Close()
	pair := server.TLS.Certificates[0]
	private, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("cert.pem", "CERTIFICATE", pair.Certificate[0]), write("key.pem", "PRIVATE KEY", private)
}

func TestReadCertificates(t *testing.T) {
	certificate, key := pemFiles(t)
	one, two := "arn:aws:acm:us-east-1:1:certificate/1", "arn:aws:acm:us-east-1:1:certificate/2"
	for name, row := range map[string]struct {
		settings []string
		count    int
		err      string
	}{
		"none":               {nil, 0, ""},
		"two":                {[]string{one + "=" + certificate + "," + key, two + "=" + certificate + "," + key}, 2, ""},
		"from a variable":    {[]string{one + "=" + certificate, key, two + "=" + certificate, key}, 2, ""},
		"no key":             {[]string{one + "=" + certificate}, 0, "want ARN=CERTFILE,KEYFILE"},
		"no ARN":             {[]string{certificate + "," + key}, 0, "want ARN=CERTFILE,KEYFILE"},
		"twice":              {[]string{one + "=" + certificate + "," + key, one + "=" + certificate + "," + key}, 0, "given twice"},
		"no such file":       {[]string{one + "=" + certificate + ",/none"}, 0, "no such file"},
		"a key for its cert": {[]string{one + "=" + key + "," + certificate}, 0, "certificate " + one},
	} {
		got, err := readCertificates(row.settings)
		if len(got) != row.count || row.err == "" && err != nil || row.err != "" && (err == nil || !strings.Contains(err.Error(), row.err)) {
			t.Errorf("%s: got %d certificates, %v; want %d, %q", name, len(got), err, row.count, row.err)
		}
	}
}

func TestReadTrustStores(t *testing.T) {
	certificate, key := pemFiles(t)
	for name, row := range map[string]struct {
		settings []string
		count    int
		err      string
	}{
		"none":           {nil, 0, ""},
		"two":            {[]string{"s3://b/1=" + certificate, "s3://b/2=" + certificate}, 2, ""},
		"no URI":         {[]string{certificate}, 0, "want s3://BUCKET/KEY=FILE"},
		"no file":        {[]string{"s3://b/1"}, 0, "want s3://BUCKET/KEY=FILE"},
		"no such file":   {[]string{"s3://b/1=/none"}, 0, "no such file"},
		"no certificate": {[]string{"s3://b/1=" + key}, 0, "holds no certificate"},
		"twice":          {[]string{"s3://b/1=" + certificate, "s3://b/1=" + certificate}, 0, "given twice"},
	} {
		got, err := readTrustStores(row.settings)
		if len(got) != row.count || row.err == "" && err != nil || row.err != "" && (err == nil || !strings.Contains(err.Error(), row.err)) {
			t.Errorf("%s: got %d trust stores, %v; want %d, %q", name, len(got), err, row.count, row.err)
		}
	}
}
