package sigv4

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Algorithm is the only signing algorithm that is known.
const Algorithm = "AWS4-HMAC-SHA256"

// Credential is what a request says of its signature.
type Credential struct {
	AccessKey     string
	Date          string // yyyymmdd
	Region        string
	Service       string
	SignedHeaders []string
	Signature     string // hexadecimal
	SessionToken  string // empty: none was sent

	Presigned bool          // it stands in the query
	Lifetime  time.Duration // of a presigned request that says so; zero: it does not

	stamp string // X-Amz-Date of a presigned request
}

// pair is one parameter of a query, decoded.
type pair struct{ name, value string }

// parseQuery returns the pairs of a query in their order; empty ones are none.
// False if a pair is not well encoded: other readers would drop it, and it
// must not be possible to drop what is signed.
func parseQuery(raw string) ([]pair, bool) {
	var pairs []pair
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name, nameErr := url.QueryUnescape(name)
		value, valueErr := url.QueryUnescape(value)
		if nameErr != nil || valueErr != nil {
			return nil, false
		}
		pairs = append(pairs, pair{name, value})
	}
	return pairs, true
}

// The parameters of the presigned form.
const (
	queryAlgorithm     = "X-Amz-Algorithm"
	queryCredential    = "X-Amz-Credential"
	queryDate          = "X-Amz-Date"
	queryExpires       = "X-Amz-Expires"
	querySignedHeaders = "X-Amz-SignedHeaders"
	querySignature     = "X-Amz-Signature"
	queryToken         = "X-Amz-Security-Token"
	queryPayload       = "X-Amz-Content-Sha256"
)

// Read returns what a request says of its signature, or an *Error: it has
// none, or one that is not well formed.
func Read(r *Request) (Credential, error) {
	query, err := authParameters(r.RawQuery)
	if err != nil {
		return Credential{}, err
	}
	headers := r.Header.Values("Authorization")
	_, presigned := query[querySignature]
	if _, ok := query[queryAlgorithm]; ok {
		presigned = true
	}
	switch {
	case len(headers) == 0 && !presigned:
		return Credential{}, ErrMissing
	case len(headers) > 1 || len(headers) == 1 && presigned:
		// Assumed: with two answers to who sent it, there is none.
		return Credential{}, refuse(Incomplete, "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter or the Authorization header should be specified")
	}
	var c Credential
	if presigned {
		c, err = readQuery(query)
	} else {
		c, err = readHeader(headers[0])
	}
	if err != nil {
		return Credential{}, err
	}
	if c.SessionToken == "" {
		tokens := r.Header.Values("X-Amz-Security-Token")
		if len(tokens) > 1 {
			return Credential{}, ErrUnrecognized
		}
		c.SessionToken = strings.Join(tokens, "")
	}
	return c, nil
}

// authParameters returns the parameters of the presigned form, each at most
// once.
func authParameters(raw string) (map[string]string, error) {
	if !strings.Contains(raw, "X-Amz-") && !strings.Contains(raw, "%") {
		return nil, nil // nearly all requests
	}
	pairs, ok := parseQuery(raw)
	if !ok {
		return nil, refuse(Incomplete, "The query string is not well encoded.")
	}
	found := map[string]string{}
	for _, p := range pairs {
		switch p.name {
		case queryAlgorithm, queryCredential, queryDate, queryExpires, querySignedHeaders, querySignature, queryToken, queryPayload:
			if _, twice := found[p.name]; twice {
				return nil, refuse(Incomplete, "AWS query-string parameters must include '%s' only once. Re-examine the query-string parameters.", p.name)
			}
			found[p.name] = p.value
		}
	}
	return found, nil
}

// readHeader reads the value of an Authorization header.
func readHeader(header string) (Credential, error) {
	scheme, rest, _ := strings.Cut(header, " ")
	if scheme != Algorithm {
		if strings.HasPrefix(scheme, "AWS4-") {
			return Credential{}, refuse(Incomplete, "Unsupported AWS 'algorithm': '%s'.", scheme)
		}
		return Credential{}, notPairs(header)
	}
	parameters := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, ok := strings.Cut(strings.Trim(part, " \t"), "=")
		if _, twice := parameters[name]; !ok || twice {
			return Credential{}, notPairs(header)
		}
		parameters[name] = value
	}
	var missing strings.Builder
	for _, name := range []string{"Credential", "Signature", "SignedHeaders"} { // the order of the service
		if parameters[name] == "" {
			missing.WriteString("Authorization header requires '" + name + "' parameter. ")
		}
	}
	if missing.Len() > 0 {
		return Credential{}, refuse(Incomplete, "%s", missing.String()+"(Hashed with SHA-256 and encoded with Base64) Authorization="+digest(header))
	}
	return newCredential(parameters["Credential"], parameters["SignedHeaders"], parameters["Signature"])
}

func notPairs(header string) error {
	return refuse(Incomplete, "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '%s'.", digest(header))
}

// readQuery reads the presigned form.
func readQuery(query map[string]string) (Credential, error) {
	var missing strings.Builder
	for _, name := range []string{queryAlgorithm, queryCredential, querySignature, querySignedHeaders, queryDate} {
		if query[name] == "" {
			missing.WriteString("AWS query-string parameters must include '" + name + "'. ")
		}
	}
	if missing.Len() > 0 {
		return Credential{}, refuse(Incomplete, "%s", missing.String()+"Re-examine the query-string parameters.")
	}
	if query[queryAlgorithm] != Algorithm {
		return Credential{}, refuse(Incomplete, "Unsupported AWS 'algorithm': '%s'.", query[queryAlgorithm])
	}
	c, err := newCredential(query[queryCredential], query[querySignedHeaders], query[querySignature])
	if err != nil {
		return Credential{}, err
	}
	c.Presigned, c.stamp, c.SessionToken = true, query[queryDate], query[queryToken]
	if text, ok := query[queryExpires]; ok {
		seconds, err := strconv.ParseUint(text, 10, 32)
		if err != nil || seconds < 1 || seconds > maxLifetime {
			return Credential{}, refuse(Incomplete, "X-Amz-Expires must be between 1 and %d seconds", maxLifetime)
		}
		c.Lifetime = time.Duration(seconds) * time.Second
	}
	return c, nil
}

// maxLifetime of a presigned request is a week, in seconds.
const maxLifetime = 7 * 24 * 60 * 60

func newCredential(scope, signedHeaders, signature string) (Credential, error) {
	parts := strings.Split(scope, "/")
	if len(parts) != 5 || parts[0] == "" || parts[2] == "" || parts[3] == "" {
		return Credential{}, refuse(Incomplete, "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '%s'", scope)
	}
	c := Credential{AccessKey: parts[0], Date: parts[1], Region: parts[2], Service: parts[3],
		SignedHeaders: strings.Split(signedHeaders, ";"), Signature: signature}
	if len(c.Date) != 8 || strings.Trim(c.Date, "0123456789") != "" {
		return Credential{}, refuse(Incomplete, "Date in Credential scope must have the form YYYYMMDD, got '%s'", c.Date)
	}
	if parts[4] != terminator {
		return Credential{}, refuse(Invalid, "Credential should be scoped with a valid terminator: '%s'.", terminator)
	}
	if strings.Trim(signature, "0123456789abcdefABCDEF") != "" {
		return Credential{}, refuse(Incomplete, "Signature must be hexadecimal")
	}
	return c, nil
}

// terminator ends every scope.
const terminator = "aws4_request"

// isoTime is the form of X-Amz-Date, always in UTC.
const isoTime = "20060102T150405Z"

// signedAt returns when a request says it was signed, as text and as time.
func (c *Credential) signedAt(r *Request) (stamp string, at time.Time, err error) {
	stamp = c.stamp
	if !c.Presigned {
		dates := r.Header.Values("X-Amz-Date")
		if len(dates) == 0 {
			dates = r.Header.Values("Date")
			if len(dates) == 1 {
				if at, err := http.ParseTime(dates[0]); err == nil {
					return at.UTC().Format(isoTime), at, nil
				}
			}
		}
		if len(dates) != 1 {
			return "", at, refuse(Incomplete, "%s", "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "+
				"(Hashed with SHA-256 and encoded with Base64) Authorization="+digest(r.Header.Get("Authorization")))
		}
		stamp = strings.Trim(dates[0], " \t")
	}
	// The length keeps out fractions, which time.Parse would take.
	if at, err = time.Parse(isoTime, stamp); err != nil || len(stamp) != len(isoTime) {
		return "", at, refuse(Incomplete, "Date must be in ISO-8601 'basic format'. Got '%s'. See http://en.wikipedia.org/wiki/ISO_8601", stamp)
	}
	return stamp, at, nil
}
