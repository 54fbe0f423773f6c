package cli

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"
)

// readCertificates reads the files of --certificate, ARN=CERT,KEY. In the
// environment commas also separate certificates, so a part without "=" belongs
// to the one before it.
func readCertificates(settings []string) (map[string]tls.Certificate, error) {
	var whole []string
	for _, setting := range settings {
		if !strings.Contains(setting, "=") && len(whole) > 0 {
			whole[len(whole)-1] += "," + setting
			continue
		}
		whole = append(whole, setting)
	}
	certificates := map[string]tls.Certificate{}
	for _, setting := range whole {
		arn, files, _ := strings.Cut(setting, "=")
		chain, key, ok := strings.Cut(files, ",")
		if !strings.HasPrefix(arn, "arn:") || !ok {
			return nil, fmt.Errorf("certificate %q: want ARN=CERTFILE,KEYFILE", setting)
		}
		if _, twice := certificates[arn]; twice {
			return nil, fmt.Errorf("certificate %s is given twice", arn)
		}
		pair, err := tls.LoadX509KeyPair(chain, key)
		if err != nil {
			return nil, fmt.Errorf("certificate %s: %s with key %s: %w", arn, chain, key, err)
		}
		certificates[arn] = pair
	}
	return certificates, nil
}

// readTrustStores reads the files of --truststore, URI=FILE.
func readTrustStores(settings []string) (map[string]*x509.CertPool, error) {
	stores := map[string]*x509.CertPool{}
	for _, setting := range settings {
		uri, file, ok := strings.Cut(setting, "=")
		if !ok || !strings.HasPrefix(uri, "s3://") {
			return nil, fmt.Errorf("trust store %q: want s3://BUCKET/KEY=FILE", setting)
		}
		if stores[uri] != nil {
			return nil, fmt.Errorf("trust store %s is given twice", uri)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("trust store %s: %w", uri, err)
		}
		stores[uri] = x509.NewCertPool()
		if !stores[uri].AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("trust store %s: %s holds no certificate (PEM)", uri, file)
		}
	}
	return stores, nil
}
