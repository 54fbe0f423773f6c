package control

import (
	"encoding/pem"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/secret"
)

// TestUploadedCertificate: the chain and the sealed key are kept as long as the
// certificate has a name, and no answer shows them.
func TestUploadedCertificate(t *testing.T) {
	h := newHarness(t)
	h.Secrets = secret.Temporary()
	certificate, der, err := makeCertificate(epoch)
	if err != nil {
		t.Fatal(err)
	}
	private := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	other, _, err := makeCertificate(epoch)
	if err != nil {
		t.Fatal(err)
	}
	body := map[string]string{"domainName": "up.example", "certificateName": "c", "certificateBody": other, "certificateChain": "", "certificatePrivateKey": private}
	for name, wrong := range map[string]string{"another key's": other, "no PEM": "b"} {
		body["certificateBody"] = wrong
		wantRefusal(t, h.call("POST", "/domainnames", body), 400, "Invalid certificate specified. The certificate body, the chain and the private key must be PEM and belong together.")
		if got := h.call("GET", "/domainnames/up.example", nil); got.status != 404 {
			t.Errorf("certificate of %s: got %v, want 404", name, got)
		}
	}
	body["certificateBody"] = private + certificate // a file with both, pasted whole
	answers := h.call("POST", "/domainnames", body).body + h.call("GET", "/domainnames/up.example", nil).body + h.call("GET", "/domainnames", nil).body
	if strings.Contains(answers, "PRIVATE") || strings.Contains(answers, "BEGIN") {
		t.Errorf("answers show the certificate or its key: %s", answers)
	}

	key := domain.Scope{Account: testAccount, Region: testRegion}.DomainKey("up.example")
	stored := func() *domain.DomainName {
		t.Helper()
		entry, ok := h.Mirror.View().Get(key)
		if !ok {
			t.Fatal("no record")
		}
		if strings.Contains(string(entry.Value), "PRIVATE") {
			t.Errorf("the record holds the key unsealed: %s", entry.Value)
		}
		record, err := domain.Decode[apigw.DomainName, domain.DomainExt](key, entry.Value)
		if err != nil {
			t.Fatal(err)
		}
		return record
	}
	record := stored()
	opened, err := h.Secrets.Open(key, record.Ext.Key)
	if err != nil || string(opened) != private || !strings.HasPrefix(record.Ext.Certificate, certificate) {
		t.Errorf("kept %q and a key that opens %t (%v)", record.Ext.Certificate, string(opened) == private, err)
	}
	h.do("PATCH", "/domainnames/up.example", map[string]any{"patchOperations": []map[string]string{{"op": "replace", "path": "/certificateName", "value": "d"}}})
	if record := stored(); record.Ext.Certificate == "" {
		t.Error("a new name drops the certificate")
	}
	h.do("PATCH", "/domainnames/up.example", map[string]any{"patchOperations": []map[string]string{{"op": "remove", "path": "/certificateName"}}})
	if record := stored(); record.Ext.Certificate != "" || record.Ext.Key != nil {
		t.Errorf("without its name the certificate is kept: %+v", record.Ext)
	}
}
