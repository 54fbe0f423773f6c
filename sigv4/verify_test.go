package sigv4

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

var authNow = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// signedRequest returns a request with a right signature.
func signedRequest(t testing.TB, body string) *Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", "http://example.com/restapis?mode=import&a=1", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	Sign(r, []byte(body), Keys{AccessKey: "AKIDEXAMPLE", Secret: "secret"}, "apigateway", "us-east-1", authNow)
	return FromHTTP(r)
}

func TestRefusals(t *testing.T) {
	const (
		mismatch = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
		good     = "AKIDEXAMPLE/20260102/us-east-1/apigateway/aws4_request"
		query    = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260102%2Fus-east-1%2Fapigateway%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-SignedHeaders=host&X-Amz-Signature=00"
		five     = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got "
		pairs    = "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): "
		once     = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter or the Authorization header should be specified"
	)
	header := func(value string) func(*Request) {
		return func(r *Request) { r.Header.Set("Authorization", value) }
	}
	scope := func(credential string) func(*Request) {
		return header("AWS4-HMAC-SHA256 Credential=" + credential + ", SignedHeaders=host;x-amz-date, Signature=00")
	}
	replaced := func(from, to string) func(*Request) {
		return func(r *Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), from, to, 1))
		}
	}
	date := func(value string) func(*Request) {
		return func(r *Request) { r.Header.Set("X-Amz-Date", value) }
	}
	presigned := func(value string) func(*Request) {
		return func(r *Request) {
			r.Header = http.Header{}
			r.RawQuery = value
		}
	}
	for _, row := range []struct {
		name   string
		change func(*Request)
		kind   Kind
		text   string
	}{
		{"nothing sent", func(r *Request) { r.Header.Del("Authorization") }, Missing, "Missing Authentication Token"},
		{"other scheme", header("Bearer abc"), Incomplete, pairs + "'w1Xc6WwWEogNEZQP/dkBTThsJT4MNlKmzQanIm970rY='."},
		{"other algorithm", header("AWS4-HMAC-SHA1 Credential=a"), Incomplete, "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1'."},
		{"no equal sign", header(Algorithm + " Credential"), Incomplete, pairs + "'KfSoC26UaBDGXxo5AUFS45c1cmAbyLKDOxOTKcZYWt4='."},
		{"a parameter twice", replaced("Signature=", "Signature=00, Signature="), Incomplete, pairs},
		{"two missing", header(Algorithm + " SignedHeaders=host"), Incomplete, "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. (Hashed with SHA-256 and encoded with Base64) Authorization="},
		{"an empty parameter", replaced("SignedHeaders=host;x-amz-date", "SignedHeaders="), Incomplete, "Authorization header requires 'SignedHeaders' parameter. (Hashed"},
		{"short scope", scope("AKIDEXAMPLE/20260102/us-east-1/aws4_request"), Incomplete, five + "'AKIDEXAMPLE/20260102/us-east-1/aws4_request'"},
		{"long scope", scope("x/" + good), Incomplete, five + "'x/" + good + "'"},
		{"no key", scope(strings.TrimPrefix(good, "AKIDEXAMPLE")), Incomplete, five},
		{"bad date", scope(strings.Replace(good, "20260102", "2026-1-2", 1)), Incomplete, "Date in Credential scope must have the form YYYYMMDD, got '2026-1-2'"},
		{"other end", scope(strings.Replace(good, "aws4", "aws5", 1)), Invalid, "Credential should be scoped with a valid terminator: 'aws4_request'."},
		{"not hexadecimal", replaced("Signature=", "Signature=x"), Incomplete, "Signature must be hexadecimal"},
		{"two headers", func(r *Request) { r.Header.Add("Authorization", "x") }, Incomplete, once},
		{"both forms", func(r *Request) { r.RawQuery = query }, Incomplete, once},
		{"bad encoding", func(r *Request) { r.RawQuery += "&b=%zz" }, Incomplete, "The query string is not well encoded."},

		{"query without all", presigned("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=x"), Incomplete, "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. Re-examine the query-string parameters."},
		{"query without algorithm", presigned("X-Amz-Signature=00"), Incomplete, "AWS query-string parameters must include 'X-Amz-Algorithm'. AWS"},
		{"query twice", presigned(query + "&X-Amz-Date=20260102T030405Z"), Incomplete, "AWS query-string parameters must include 'X-Amz-Date' only once. Re-examine the query-string parameters."},
		{"query hidden twice", presigned(query + "&X%2DAmz-Date=20260102T030405Z"), Incomplete, "AWS query-string parameters must include 'X-Amz-Date' only once."},
		{"other algorithm in query", presigned(strings.Replace(query, "SHA256", "SHA1", 1)), Incomplete, "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1'."},
		{"more than a week", presigned(query + "&X-Amz-Expires=604801"), Incomplete, "X-Amz-Expires must be between 1 and 604800 seconds"},
		{"no time at all", presigned(query + "&X-Amz-Expires=0"), Incomplete, "X-Amz-Expires must be between 1 and 604800 seconds"},
		{"a time with a sign", presigned(query + "&X-Amz-Expires=%2B1"), Incomplete, "X-Amz-Expires must be between 1 and 604800 seconds"},
		{"wrong in query", presigned(query), Invalid, mismatch},
		{"expired in query", presigned(strings.Replace(query, "T03", "T02", 1) + "&X-Amz-Expires=3599"), Invalid, "Signature expired: 20260102T030404Z is now earlier than 20260102T030405Z"},
		{"early in query", presigned(strings.Replace(query, "T0304", "T0310", 1) + "&X-Amz-Expires=3599"), Invalid, "Signature not yet current: 20260102T031005Z is still later than 20260102T030905Z (20260102T030405Z + 5 min.)"},

		{"other service", scope(strings.Replace(good, "apigateway", "s3", 1)), Invalid, "Credential should be scoped to correct service: 'apigateway'. "},
		{"host not signed", replaced("SignedHeaders=host;", "SignedHeaders="), Invalid, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."},
		{"no date", func(r *Request) { r.Header.Del("X-Amz-Date") }, Incomplete, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. (Hashed with"},
		{"two dates", func(r *Request) { r.Header.Add("X-Amz-Date", "20260102T030405Z") }, Incomplete, "Authorization header requires existence of"},
		{"date with a fraction", date("20260102T030405.5Z"), Incomplete, "Date must be in ISO-8601 'basic format'. Got '20260102T030405.5Z'. See http://en.wikipedia.org/wiki/ISO_8601"},
		{"date of another day", date("20260103T030405Z"), Invalid, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260102' != '20260103', from '20260103T030405Z'."},
		{"expired", date("20260102T025904Z"), Invalid, "Signature expired: 20260102T025904Z is now earlier than 20260102T025905Z (20260102T030405Z - 5 min.)"},
		{"not yet", date("20260102T030906Z"), Invalid, "Signature not yet current: 20260102T030906Z is still later than 20260102T030905Z (20260102T030405Z + 5 min.)"},
		{"the last moment", date("20260102T025905Z"), Invalid, mismatch},
		{"the first moment", date("20260102T030905Z"), Invalid, mismatch},

		{"token for a key without", func(r *Request) { r.Header.Set("X-Amz-Security-Token", "t") }, Unrecognized, "The security token included in the request is invalid."},
		{"two tokens", func(r *Request) { r.Header["X-Amz-Security-Token"] = []string{"", ""} }, Unrecognized, "The security token included in the request is invalid."},
		{"headers in another order", replaced("host;x-amz-date", "x-amz-date;host"), Invalid, mismatch},
		{"a header in capitals", replaced("host;x-amz-date", "host;X-Amz-Date"), Invalid, mismatch},
		{"a header that is not there", replaced("host;x-amz-date", "host;x-amz-date;x-more"), Invalid, mismatch},
		{"claim of another body", func(r *Request) { r.Header.Set("X-Amz-Content-Sha256", hash([]byte("x"))) }, Invalid, mismatch},
		{"claim of no signed body", func(r *Request) { r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD") }, Invalid, mismatch},
		{"signature in capitals", func(r *Request) {
			before, after, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
			r.Header.Set("Authorization", before+"Signature="+strings.ToUpper(after))
		}, Invalid, mismatch},
		{"a part of the signature", func(r *Request) {
			value := r.Header.Get("Authorization")
			r.Header.Set("Authorization", value[:len(value)-2])
		}, Invalid, mismatch},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := signedRequest(t, "body")
			row.change(r)
			err := verify(Verifier{Service: "apigateway"}, r, []byte("body"), "secret", "", authNow)
			var e *Error
			if !errors.As(err, &e) || e.Kind != row.kind || !strings.HasPrefix(e.Text, row.text) {
				t.Errorf("got  %+v\nwant %d %s", err, row.kind, row.text)
			}
		})
	}
}

// TestAccepted: variants of a request that are right.
func TestAccepted(t *testing.T) {
	v := Verifier{Service: "apigateway"}
	check := func(name string, r *Request, body string, now time.Time) {
		t.Helper()
		if err := verify(v, r, []byte(body), "secret", "", now); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := signedRequest(t, "body")
	check("at once", r, "body", authNow)
	check("in five minutes", r, "body", authNow.Add(DefaultSkew))
	check("five minutes ago", r, "body", authNow.Add(-DefaultSkew))
	r.Header.Set("X-Amz-Content-Sha256", hash([]byte("body")))
	check("the right claim", r, "body", authNow)
	r.RawQuery = "a=1&&mode=import&"
	check("another order of the query", r, "body", authNow)

	resign := func(change func(*Request), signed, payload string) *Request {
		r := signedRequest(t, "body")
		change(r)
		names := strings.Split(signed, ";")
		canonical, _ := r.canonical(r.Path, nil, names, payload)
		c := Credential{Date: "20260102", Region: "us-east-1", Service: "apigateway"}
		r.Header.Set("Authorization", Algorithm+" Credential=AKIDEXAMPLE/"+c.scope()+",SignedHeaders="+signed+",Signature="+
			signature(signingKey("secret", c.Date, c.Region, c.Service), "20260102T030405Z", c.scope(), canonical))
		return r
	}
	r = resign(func(r *Request) { r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD") }, "host;x-amz-date", "UNSIGNED-PAYLOAD")
	check("a body that is not signed", r, "any", authNow)
	r = resign(func(r *Request) {
		r.Header.Del("X-Amz-Date")
		r.Header.Set("Date", "Fri, 02 Jan 2026 03:04:05 GMT")
	}, "date;host", hash([]byte("body")))
	check("the Date header", r, "body", authNow)
	r = resign(func(r *Request) {
		r.Header.Del("X-Amz-Date")
		r.Header.Set("Date", "20260102T030405Z")
	}, "date;host", hash([]byte("body")))
	check("the Date header in the short form", r, "body", authNow)

	r = resign(func(*Request) {}, "host;x-amz-date;x-more", hash([]byte("body")))
	if err := verify(v, r, []byte("body"), "secret", "", authNow); !errors.Is(err, ErrMismatch) {
		t.Errorf("the signature of nothing, with a header that is not there: %v", err)
	}

	v.Skew = time.Hour
	check("a wider skew", signedRequest(t, "body"), "body", authNow.Add(time.Hour))
	if err := verify(v, signedRequest(t, "body"), []byte("body"), "secret", "", authNow.Add(time.Hour+time.Second)); err == nil || !strings.HasSuffix(err.Error(), "- 60 min.)") {
		t.Errorf("beyond the wider skew: %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	r := signedRequest(f, "body")
	f.Add(r.Header.Get("Authorization"), r.Header.Get("X-Amz-Date"), "", r.Path, r.RawQuery, "host", "body")
	for _, v := range vectors(f)[30:] {
		f.Add(v.request.Header.Get("Authorization"), v.request.Header.Get("X-Amz-Date"), v.token(), v.request.Path, v.request.RawQuery, v.request.Host, v.body)
	}
	f.Fuzz(func(t *testing.T, authorization, date, token, path, query, host, body string) {
		r := &Request{Method: "POST", Path: path, RawQuery: query, Host: host, Header: http.Header{}}
		for name, value := range map[string]string{"Authorization": authorization, "X-Amz-Date": date, "X-Amz-Security-Token": token} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		c, err := Read(r)
		if e := (*Error)(nil); err != nil && !errors.As(err, &e) {
			t.Errorf("%v is no *Error", err)
		}
		if err == nil && (c.AccessKey == "" || c.Region == "" || c.Service == "" || c.Signature == "" || len(c.SignedHeaders) == 0 || c.Lifetime < 0) {
			t.Errorf("%+v without an error", c)
		}
		// Nobody knows this secret, so no signature is right.
		v := Verifier{Service: c.Service, NormalizePath: true}
		if err := verify(v, r, []byte(body), "a secret that no seed was signed with", token, authNow); err == nil {
			t.Errorf("accepted: %+v", r)
		}
		_ = v.CheckSignature(r, &c, "secret", []byte(body))
	})
}
