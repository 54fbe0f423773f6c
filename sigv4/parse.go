package sigv4

//lint:file-ignore ST1005 the texts are sentences for clients

import (
	"errors"
	"strings"
)

// Algorithm is the only signing algorithm that is known.
const Algorithm = "AWS4-HMAC-SHA256"

// Credential is what an Authorization header says.
type Credential struct {
	AccessKey     string
	Date          string // yyyymmdd
	Region        string
	Service       string
	SignedHeaders []string
	Signature     string
}

// Errors of Parse. Their texts go to clients in the style of the service.
var (
	ErrNotSigV4  = errors.New("Authorization header does not begin with " + Algorithm)
	ErrParts     = errors.New("Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters")
	ErrScope     = errors.New("Credential must have the form ACCESSKEY/yyyymmdd/REGION/SERVICE/aws4_request")
	ErrSignature = errors.New("Signature must be hexadecimal")
)

// Parse reads the value of an Authorization header.
func Parse(header string) (Credential, error) {
	rest, ok := strings.CutPrefix(header, Algorithm)
	if !ok || rest == "" || rest[0] != ' ' && rest[0] != '\t' {
		return Credential{}, ErrNotSigV4
	}
	parameters := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok || value == "" {
			return Credential{}, ErrParts
		}
		parameters[name] = value
	}
	if parameters["Credential"] == "" || parameters["SignedHeaders"] == "" || parameters["Signature"] == "" {
		return Credential{}, ErrParts
	}
	// An access key may hold slashes; the scope behind it may not.
	scope := strings.Split(parameters["Credential"], "/")
	n := len(scope)
	if n < 5 || scope[n-1] != "aws4_request" || !isDate(scope[n-4]) || scope[n-3] == "" || scope[n-2] == "" {
		return Credential{}, ErrScope
	}
	c := Credential{
		AccessKey:     strings.Join(scope[:n-4], "/"),
		Date:          scope[n-4],
		Region:        scope[n-3],
		Service:       scope[n-2],
		SignedHeaders: strings.Split(parameters["SignedHeaders"], ";"),
		Signature:     parameters["Signature"],
	}
	if c.AccessKey == "" {
		return Credential{}, ErrScope
	}
	if strings.Trim(c.Signature, "0123456789abcdefABCDEF") != "" {
		return Credential{}, ErrSignature
	}
	return c, nil
}

func isDate(s string) bool {
	return len(s) == 8 && strings.Trim(s, "0123456789") == ""
}
