package wire

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/caller"
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/credentials"
	"github.com/postern-gateway/postern/sigv4"
)

const people = `
identities:
  - name: ann
    account: "111111111111"
    keys:
      - {id: AKIDANN, secret: ann-secret}
      - {id: ASIAANN, secret: temporary, sessionToken: token, expires: 2026-01-02T04:00:00Z}
    policies:
      - {Version: 2012-10-17, Statement: [
          {Effect: Allow, Action: ["apigateway:*", "postern:GET"], Resource: "*"},
          {Effect: Deny, Action: "apigateway:DELETE", Resource: "arn:aws:apigateway:*::/restapis/*/stages/prod"},
          {Effect: Deny, Action: "apigateway:GET", Resource: "arn:aws:apigateway:*::/tags/arn:aws:apigateway:*::/restapis/secret"},
          {Effect: Deny, Action: "*", Resource: "*", Condition: {IpAddress: {aws:SourceIp: 198.51.100.0/24}}}]}
  - name: bob
    account: "222222222222"
    keys: [{id: AKIDBOB, secret: bob-secret}]
    policies:
      - {Version: 2012-10-17, Statement: [{Effect: Allow, Action: "apigateway:GET", Resource: "arn:aws:apigateway:eu-west-1::/restapis"}]}
  - name: eve
    account: "222222222222"
    keys: [{id: AKIDEVE, secret: eve-secret}]
`

var authTime = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func newVerifiedServer(t *testing.T) (*Server, *seen) {
	t.Helper()
	keys, err := credentials.Parse([]byte(people))
	if err != nil {
		t.Fatal(err)
	}
	server, seen, _ := newTestServer()
	server.Authenticator = Verified{Keys: keys, Clock: clock.NewManual(authTime)}
	return NewServer(*server), seen
}

// signed signs a request that is about to be sent.
func signed(keys sigv4.Keys, region, body string, at time.Time) func(*http.Request) {
	return func(r *http.Request) { sigv4.Sign(r, []byte(body), keys, service, region, at) }
}

func TestVerified(t *testing.T) {
	ann := sigv4.Keys{AccessKey: "AKIDANN", Secret: "ann-secret"}
	bob := sigv4.Keys{AccessKey: "AKIDBOB", Secret: "bob-secret"}
	eve := sigv4.Keys{AccessKey: "AKIDEVE", Secret: "eve-secret"}
	temporary := sigv4.Keys{AccessKey: "ASIAANN", Secret: "temporary", SessionToken: "token"}
	with := func(k sigv4.Keys, f func(*sigv4.Keys)) sigv4.Keys {
		f(&k)
		return k
	}
	const (
		invalid  = "InvalidSignatureException"
		unknown  = "UnrecognizedClientException"
		denied   = "AccessDeniedException"
		mismatch = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
		token    = "The security token included in the request is invalid."
		annARN   = "User: arn:aws:iam::111111111111:user/ann is not authorized to perform: "
		bobARN   = "User: arn:aws:iam::222222222222:user/bob is not authorized to perform: "
	)
	nothing := func(*http.Request) {}
	for _, row := range []struct {
		name, method, path, body string
		keys                     sigv4.Keys
		at                       time.Time
		after                    func(*http.Request)
		code, message            string // empty: served
	}{
		{"right", "POST", "/restapis", `{"name":"n"}`, ann, authTime, nothing, "", ""},
		{"right, an import", "POST", "/restapis?mode=import&x=1", `{}`, ann, authTime, nothing, "", ""},
		{"right, temporary", "GET", "/restapis", "", temporary, authTime, nothing, "", ""},
		{"wrong secret", "GET", "/restapis", "", with(ann, func(k *sigv4.Keys) { k.Secret = "bob-secret" }), authTime, nothing, invalid, mismatch},
		{"unknown key", "GET", "/restapis", "", with(ann, func(k *sigv4.Keys) { k.AccessKey = "AKIDNONE" }), authTime, nothing, unknown, token},
		{"no token", "GET", "/restapis", "", with(temporary, func(k *sigv4.Keys) { k.SessionToken = "" }), authTime, nothing, unknown, token},
		{"other token", "GET", "/restapis", "", with(temporary, func(k *sigv4.Keys) { k.SessionToken = "tokem" }), authTime, nothing, unknown, token},
		{"a token too many", "GET", "/restapis", "", with(ann, func(k *sigv4.Keys) { k.SessionToken = "token" }), authTime, nothing, unknown, token},
		{"too old", "GET", "/restapis", "", ann, authTime.Add(-5*time.Minute - time.Second), nothing, invalid,
			"Signature expired: 20260102T025904Z is now earlier than 20260102T025905Z (20260102T030405Z - 5 min.)"},
		{"too new", "GET", "/restapis", "", ann, authTime.Add(6 * time.Minute), nothing, invalid,
			"Signature not yet current: 20260102T031005Z is still later than 20260102T030905Z (20260102T030405Z + 5 min.)"},
		{"other body", "POST", "/restapis", `{"name":"n"}`, ann, authTime, func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"name":"m"}`)) }, invalid, mismatch},
		{"other path", "GET", "/restapis", "", ann, authTime, func(r *http.Request) { r.URL.Path, r.RequestURI = "/apikeys", "/apikeys" }, invalid, mismatch},
		{"other spelling of the path", "GET", "/restapis", "", ann, authTime, func(r *http.Request) { r.RequestURI = "/%72estapis" }, invalid, mismatch},
		{"other query", "GET", "/restapis?limit=1", "", ann, authTime, func(r *http.Request) { r.RequestURI = "/restapis?limit=2" }, invalid, mismatch},
		{"other host", "GET", "/restapis", "", ann, authTime, func(r *http.Request) { r.Host = "other" }, invalid, mismatch},
		{"unknown path", "GET", "/nope", "", ann, authTime, nothing, "MissingAuthenticationTokenException", "Missing Authentication Token"},

		{"allowed here", "GET", "/restapis?limit=3", "", bob, authTime, nothing, "", ""},
		{"nothing allows it", "POST", "/restapis", `{"name":"n"}`, bob, authTime, nothing, denied,
			bobARN + "apigateway:POST on resource: arn:aws:apigateway:eu-west-1::/restapis because no identity-based policy allows the apigateway:POST action"},
		{"no policy at all", "GET", "/restapis", "", eve, authTime, nothing, denied,
			"User: arn:aws:iam::222222222222:user/eve is not authorized to perform: apigateway:GET on resource: arn:aws:apigateway:eu-west-1::/restapis because no identity-based policy allows the apigateway:GET action"},
		{"denied", "DELETE", "/restapis/abc/stages/prod", "", ann, authTime, nothing, denied,
			annARN + "apigateway:DELETE on resource: arn:aws:apigateway:eu-west-1::/restapis/abc/stages/prod with an explicit deny in an identity-based policy"},
		{"denied in another spelling", "DELETE", "/restapis/abc/stages/p%72od", "", ann, authTime, nothing, denied,
			annARN + "apigateway:DELETE on resource: arn:aws:apigateway:eu-west-1::/restapis/abc/stages/prod with an explicit deny in an identity-based policy"},
		{"another stage", "DELETE", "/restapis/abc/stages/dev", "", ann, authTime, nothing, "", ""},
		{"denied by the address", "GET", "/restapis", "", ann, authTime, func(r *http.Request) { r.RemoteAddr = "198.51.100.7:1" }, denied,
			annARN + "apigateway:GET on resource: arn:aws:apigateway:eu-west-1::/restapis with an explicit deny in an identity-based policy"},
		{"tags, encoded", "GET", "/tags/arn%3Aaws%3Aapigateway%3Aeu-west-1%3A%3A%2Frestapis%2Fsecret", "", ann, authTime, nothing, denied,
			annARN + "apigateway:GET on resource: arn:aws:apigateway:eu-west-1::/tags/arn:aws:apigateway:eu-west-1::/restapis/secret with an explicit deny in an identity-based policy"},
		{"tags, plain", "GET", "/tags/arn:aws:apigateway:eu-west-1::/restapis/secret", "", ann, authTime, nothing, denied,
			annARN + "apigateway:GET on resource: arn:aws:apigateway:eu-west-1::/tags/arn:aws:apigateway:eu-west-1::/restapis/secret with an explicit deny in an identity-based policy"},
		{"tags of another", "GET", "/tags/arn:aws:apigateway:eu-west-1::/restapis/other", "", ann, authTime, nothing, "", ""},
		{"not served and not allowed", "GET", "/account", "", bob, authTime, nothing, denied,
			bobARN + "apigateway:GET on resource: arn:aws:apigateway:eu-west-1::/account because no identity-based policy allows the apigateway:GET action"},
	} {
		t.Run(row.name, func(t *testing.T) {
			server, seen := newVerifiedServer(t)
			got := send(t, server, row.method, row.path, strings.NewReader(row.body), signed(row.keys, "eu-west-1", row.body, row.at), row.after)
			if row.code != "" {
				wantFault(t, got, 403, row.code, row.message)
				if seen.in != nil {
					t.Errorf("the handler ran")
				}
			} else if got.status >= 300 || seen.in == nil {
				t.Errorf("got %d %s", got.status, got.body)
			}
		})
	}
}

// TestExpiredToken: a temporary key is good until its time, not at it.
func TestExpiredToken(t *testing.T) {
	server, _ := newVerifiedServer(t)
	keys := sigv4.Keys{AccessKey: "ASIAANN", Secret: "temporary", SessionToken: "token"}
	now := clock.NewManual(time.Date(2026, 1, 2, 3, 59, 59, 0, time.UTC))
	verified := server.Authenticator.(Verified)
	verified.Clock = now
	server.Authenticator = verified
	ask := func() answer {
		return send(t, server, "GET", "/restapis", nil, signed(keys, "eu-west-1", "", now.Now()))
	}
	if got := ask(); got.status != 200 {
		t.Errorf("in time: %d %s", got.status, got.body)
	}
	now.Advance(time.Second)
	wantFault(t, ask(), 403, "ExpiredTokenException", "The security token included in the request is expired")
}

// TestVerifiedCaller: account and name are those of the file, the region that
// of the signature.
func TestVerifiedCaller(t *testing.T) {
	server, seen := newVerifiedServer(t)
	send(t, server, "GET", "/restapis", nil, signed(sigv4.Keys{AccessKey: "AKIDANN", Secret: "ann-secret"}, "ap-south-1", "", authTime))
	c := caller.From(seen.ctx)
	if c.Account != "111111111111" || c.Identity != "ann" || c.AccessKey != "AKIDANN" || c.Region != "ap-south-1" {
		t.Errorf("%+v", c)
	}
	wantFault(t, send(t, server, "GET", "/restapis", nil, signed(sigv4.Keys{AccessKey: "AKIDANN", Secret: "ann-secret"}, "EU_WEST", "", authTime)),
		403, "InvalidSignatureException", "Credential should be scoped to a valid region.")
}

// TestRefusedBeforeBody: nobody unknown makes the server read a body.
func TestRefusedBeforeBody(t *testing.T) {
	server, _ := newVerifiedServer(t)
	for name, row := range map[string]struct {
		keys sigv4.Keys
		at   time.Time
	}{
		"unknown key": {sigv4.Keys{AccessKey: "AKIDNONE", Secret: "x"}, authTime},
		"too old":     {sigv4.Keys{AccessKey: "AKIDANN", Secret: "ann-secret"}, authTime.Add(-time.Hour)},
	} {
		got := send(t, server, "POST", "/restapis", unreadable{t}, signed(row.keys, "eu-west-1", "", row.at))
		if got.status != 403 {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}

type unreadable struct{ t *testing.T }

func (u unreadable) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

// TestServeOther: what is no operation asks for a signature and an action of
// its own, and finds its body.
func TestServeOther(t *testing.T) {
	for _, row := range []struct {
		name   string
		keys   sigv4.Keys
		action string
		code   string
	}{
		{"allowed", sigv4.Keys{AccessKey: "AKIDANN", Secret: "ann-secret"}, "postern:GET", ""},
		{"other action", sigv4.Keys{AccessKey: "AKIDANN", Secret: "ann-secret"}, "postern:POST", "AccessDeniedException"},
		{"rights on the API only", sigv4.Keys{AccessKey: "AKIDBOB", Secret: "bob-secret"}, "postern:GET", "AccessDeniedException"},
		{"wrong secret", sigv4.Keys{AccessKey: "AKIDANN", Secret: "x"}, "postern:GET", "InvalidSignatureException"},
	} {
		server, _ := newVerifiedServer(t)
		r := httptest.NewRequest("POST", "/_postern/thing", strings.NewReader("body"))
		sigv4.Sign(r, []byte("body"), row.keys, service, "eu-west-1", authTime)
		w := httptest.NewRecorder()
		found := ""
		server.ServeOther(w, r, row.action, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			found = string(body)
		}))
		if code := strings.Join(w.Header()["x-amzn-ErrorType"], ""); code != row.code || (code == "") != (found == "body") {
			t.Errorf("%s: %d %s, body %q", row.name, w.Code, w.Body, found)
		}
	}
}

// TestOpenPresigned: the presigned form is well formed too, and its parameters
// are none of an operation.
func TestOpenPresigned(t *testing.T) {
	server, seen, _ := newTestServer()
	query := "mode=import&x=1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID2%2F20260102%2Feu-west-1%2Fapigateway%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-SignedHeaders=host&X-Amz-Signature=00"
	got := send(t, server, "POST", "/restapis?"+query, strings.NewReader("{}"), func(r *http.Request) { r.Header.Del("Authorization") })
	if got.status != 201 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	parameters := seen.in.(*apigw.ImportRestApiRequest).Parameters
	if len(parameters) != 1 || parameters["x"] != "1" {
		t.Errorf("parameters: %v", parameters)
	}
	if c := caller.From(seen.ctx); c.Account != "210987654321" || c.Identity != "" {
		t.Errorf("%+v", c)
	}
}
