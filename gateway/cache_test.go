package gateway

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/credentials"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/gateway/integration"
	"github.com/postern-gateway/postern/gateway/integration/aws"
	"github.com/postern-gateway/postern/gateway/live"
	"github.com/postern-gateway/postern/gateway/steps"
	"github.com/postern-gateway/postern/plan"
	"github.com/postern-gateway/postern/sigv4"
)

// cachingGateway serves one API whose backend numbers its answers.
type cachingGateway struct {
	*limited
	calls  int
	status int
	body   string
}

const accountOfTests = "123456789012"

func newCaching(t *testing.T, methods ...method) *cachingGateway {
	t.Helper()
	c := &cachingGateway{limited: newLimited(t, methods...), status: 200}
	c.backends.HTTP = invoker(func(context.Context, *integration.Request) (*integration.Response, error) {
		c.calls++
		return &integration.Response{
			Status: c.status, Header: exchange.Header{{Name: "X-Call", Value: fmt.Sprint(c.calls)}}, Body: []byte(fmt.Sprint(c.calls) + c.body),
		}, nil
	})
	return c
}

// cached is a proxy method with cache key parameters.
func cached(route string, keys ...string) method {
	return backendMethod(route, apigw.Integration{
		Type: new("HTTP_PROXY"), Uri: new("http://b/"), CacheKeyParameters: keys, CacheNamespace: new("id" + route),
	})
}

// caching are settings that keep answers of all methods, changed for the test.
func caching(change func(*apigw.MethodSetting)) map[string]apigw.MethodSetting {
	s := apigw.MethodSetting{CachingEnabled: new(true), CacheTtlInSeconds: new(int32(300)), RequireAuthorizationForCacheControl: new(false)}
	if change != nil {
		change(&s)
	}
	return map[string]apigw.MethodSetting{"*/*": s}
}

func (c *cachingGateway) serveStage(stage apigw.Stage, cluster *plan.Cluster) {
	stage.StageName = new("dev")
	if stage.DeploymentId == nil {
		stage.DeploymentId = new("d1")
	}
	compiled := plan.CompileStage(plan.StageInput{API: c.api, Stage: &stage, Live: c.live, Cluster: cluster})
	c.table.Set(testAPI, map[string]*plan.Stage{"dev": compiled})
}

// ask returns which call of the backend a request was answered with.
func (c *cachingGateway) ask(t *testing.T, line string, header ...string) string {
	t.Helper()
	res := serve(t, c.Gateway, request(line, header, ""))
	return strings.TrimSuffix(string(res.Body), c.body)
}

var someCluster = &plan.Cluster{Bytes: 1 << 20}

// TestCacheWhen: what is kept, and for how long.
func TestCacheWhen(t *testing.T) {
	post := map[string]apigw.MethodSetting{"pets/POST": caching(nil)["*/*"]}
	for _, test := range []struct {
		name, line string
		settings   map[string]apigw.MethodSetting
		cluster    *plan.Cluster
		status     int
		body       string
		wait       time.Duration
		want       string // the answer to the second request
	}{
		{"kept", "GET /dev/pets", caching(nil), someCluster, 200, "", 0, "1"},
		{"until it is too old", "GET /dev/pets", caching(nil), someCluster, 200, "", 299 * time.Second, "1"},
		{"not longer", "GET /dev/pets", caching(nil), someCluster, 200, "", 300 * time.Second, "2"},
		{"own time", "GET /dev/pets", caching(func(s *apigw.MethodSetting) { s.CacheTtlInSeconds = new(int32(10)) }), someCluster, 200, "", 11 * time.Second, "2"},
		{"no time", "GET /dev/pets", caching(func(s *apigw.MethodSetting) { s.CacheTtlInSeconds = new(int32(0)) }), someCluster, 200, "", 0, "2"},
		{"switched off", "GET /dev/pets", caching(func(s *apigw.MethodSetting) { s.CachingEnabled = new(false) }), someCluster, 200, "", 0, "2"},
		{"no settings", "GET /dev/pets", nil, someCluster, 200, "", 0, "2"},
		{"no cluster", "GET /dev/pets", caching(nil), nil, 200, "", 0, "2"},
		{"cluster not ready", "GET /dev/pets", caching(nil), &plan.Cluster{Bytes: 1 << 20, Ready: testTime.Add(time.Second)}, 200, "", 0, "2"},
		{"encrypted", "GET /dev/pets", caching(func(s *apigw.MethodSetting) { s.CacheDataEncrypted = new(true) }), someCluster, 200, "", 0, "1"},
		{"errors of the backend", "GET /dev/pets", caching(nil), someCluster, 500, "", 0, "1"},
		{"too large", "GET /dev/pets", caching(nil), &plan.Cluster{Bytes: 1 << 30}, 200, strings.Repeat("x", 1<<20), 0, "2"},
		{"another verb", "POST /dev/pets", caching(nil), someCluster, 200, "", 0, "2"},
		{"another verb by name", "POST /dev/pets", post, someCluster, 200, "", 0, "1"},
		{"a verb of ANY", "GET /dev/any", caching(nil), someCluster, 200, "", 0, "1"},
		{"another verb of ANY", "PUT /dev/any", caching(nil), someCluster, 200, "", 0, "2"},
		{"streamed", "GET /dev/stream", caching(nil), someCluster, 200, "", 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			stream := cached("GET /stream")
			stream.Method.MethodIntegration.ResponseTransferMode = new("STREAM")
			c := newCaching(t, cached("GET /pets"), cached("POST /pets"), cached("ANY /any"), stream)
			c.status, c.body = test.status, test.body
			c.serveStage(apigw.Stage{MethodSettings: test.settings}, test.cluster)
			first := c.ask(t, test.line)
			c.clock.Advance(test.wait)
			if got := c.ask(t, test.line); test.want != "" && (first != "1" || got != test.want) {
				t.Errorf("call %s, then %s, want 1, then %s", first, got, test.want)
			}
			if cache := c.live.Caches.Find(testAPI, "dev"); test.name == "streamed" && cache != nil && cache.Stats().Entries != 0 {
				t.Error("a streamed answer was kept")
			}
		})
	}
}

// TestCacheKey: which requests get each other's answers. The guide: the path
// is not part of the key, and only declared parameters are.
func TestCacheKey(t *testing.T) {
	mapped := cached("GET /mapped/{id}", "integration.request.querystring.q")
	mapped.Method.MethodIntegration.RequestParameters = map[string]string{"integration.request.querystring.q": "method.request.path.id"}
	shared, other := cached("GET /one"), cached("GET /two")
	shared.Method.MethodIntegration.CacheNamespace, other.Method.MethodIntegration.CacheNamespace = new("both"), new("both")
	methods := []method{
		cached("GET /pets/{id}", "method.request.path.id"), cached("GET /cats/{id}"), mapped, shared, other,
		cached("GET /query", "method.request.querystring.a", "method.request.header.H"),
		cached("GET /multi", "method.request.multivaluequerystring.a"),
		cached("ANY /any"),
	}
	type ask struct {
		line   string
		header []string
	}
	get := func(target string, header ...string) ask { return ask{"GET /dev" + target, header} }
	for _, test := range []struct {
		name          string
		first, second ask
		same          bool
	}{
		{"same", get("/pets/1"), get("/pets/1"), true},
		{"declared path", get("/pets/1"), get("/pets/2"), false},
		{"undeclared path", get("/cats/1"), get("/cats/2"), true},
		{"undeclared query", get("/pets/1?a=1"), get("/pets/1?a=2"), true},
		{"declared query", get("/query?a=1"), get("/query?a=2"), false},
		{"last value", get("/query?a=1&a=2"), get("/query?a=3&a=2"), true},
		{"all values", get("/multi?a=1&a=2"), get("/multi?a=3&a=2"), false},
		{"values do not run together", get("/multi?a=1&a=2"), get("/multi?a=1%2C2"), false},
		{"absent and empty", get("/query"), get("/query?a="), false},
		{"header", get("/query", "H: 1"), get("/query", "H: 2"), false},
		{"header and query", get("/query?a=1"), get("/query", "H: 1"), false},
		{"header of another case", get("/query", "H: 1"), get("/query", "h: 1"), false},
		{"after mapping", get("/mapped/1"), get("/mapped/2"), false},
		{"after mapping, same", get("/mapped/1?x=1"), get("/mapped/1"), true},
		{"namespace", get("/one"), get("/two"), true},
		{"verb", get("/any"), ask{"POST /dev/any", nil}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCaching(t, methods...)
			all := caching(nil)
			all["any/POST"] = all["*/*"]
			c.serveStage(apigw.Stage{MethodSettings: all}, someCluster)
			first, second := c.ask(t, test.first.line, test.first.header...), c.ask(t, test.second.line, test.second.header...)
			if (first == second) != test.same {
				t.Errorf("calls %s and %s, want the same: %t", first, second, test.same)
			}
			if again := c.ask(t, test.first.line, test.first.header...); again != first {
				t.Errorf("call %s, and %s later", first, again)
			}
		})
	}
}

// TestCacheReplay: a hit is the answer that was kept, but for what is of one
// request alone.
func TestCacheReplay(t *testing.T) {
	m := backendMethod("GET /", apigw.Integration{
		Type: new("HTTP"), Uri: new("http://b/"),
		IntegrationResponses: map[string]apigw.IntegrationResponse{"200": {ResponseParameters: map[string]string{"method.response.header.X-Call": "integration.response.header.X-Call"}}},
	})
	c := newCaching(t, m)
	c.serveStage(apigw.Stage{MethodSettings: caching(nil)}, someCluster)
	trace := func(n int) string {
		return fmt.Sprintf("X-Amzn-Trace-Id: Root=1-5759e988-bd862e3fe1be46a99427279%d;Parent=53995c3f42cd8ad8;Sampled=0", n)
	}
	first, second := serve(t, c.Gateway, request("GET /dev", []string{trace(1)}, "")), serve(t, c.Gateway, request("GET /dev", []string{trace(2)}, ""))
	for i, res := range []*exchange.Response{first, second} {
		want := exchange.Header{{Name: "X-Amzn-Trace-Id", Value: strings.TrimPrefix(trace(i+1), "X-Amzn-Trace-Id: ")}, {Name: "X-Call", Value: "1"}, {Name: "Content-Type", Value: "application/json"}}
		if got := res.Header[2:]; res.Status != 200 || string(res.Body) != "1" || !cmp.Equal(want, got) {
			t.Errorf("answer %d: %d %q %v, want %v", i+1, res.Status, res.Body, got, want)
		}
	}
	if a, b := first.Header.Get("x-amzn-RequestId"), second.Header.Get("x-amzn-RequestId"); a == b || b == "" {
		t.Errorf("request ids %q and %q", a, b)
	}
}

// TestCacheLife: what empties a cache, and what does not.
func TestCacheLife(t *testing.T) {
	c := newCaching(t, cached("GET /"))
	set := func(stage apigw.Stage, cluster *plan.Cluster) {
		if stage.MethodSettings == nil {
			stage.MethodSettings = caching(nil)
		}
		c.serveStage(stage, cluster)
	}
	expect := func(after, want string) {
		t.Helper()
		if got := c.ask(t, "GET /dev"); got != want {
			t.Errorf("after %s: call %s, want %s", after, got, want)
		}
	}
	set(apigw.Stage{}, someCluster)
	expect("nothing", "1")
	set(apigw.Stage{Variables: map[string]string{"v": "1"}}, someCluster)
	expect("another variable", "1")
	set(apigw.Stage{MethodSettings: caching(func(s *apigw.MethodSetting) { s.CacheTtlInSeconds = new(int32(100)) })}, someCluster)
	expect("another time to live", "1")
	set(apigw.Stage{}, &plan.Cluster{Bytes: 1 << 20, Generation: 1})
	expect("a flush", "2")
	set(apigw.Stage{}, &plan.Cluster{Bytes: 1 << 21, Generation: 1})
	expect("another size", "3")
	set(apigw.Stage{DeploymentId: new("d2")}, &plan.Cluster{Bytes: 1 << 21, Generation: 1})
	expect("another deployment", "4")
	set(apigw.Stage{}, &plan.Cluster{Bytes: 1 << 21, Generation: 1})
	expect("the deployment before", "3")
	set(apigw.Stage{MethodSettings: caching(func(s *apigw.MethodSetting) { s.CacheDataEncrypted = new(true) })}, &plan.Cluster{Bytes: 1 << 21, Generation: 1})
	expect("encryption", "5")
	c.live.Caches.Forget(live.StageKey{Scope: live.Scope{Account: accountOfTests, Region: "us-east-1"}, API: testAPI, Stage: "dev"})
	set(apigw.Stage{}, &plan.Cluster{Bytes: 1 << 21, Generation: 1})
	expect("the end of the stage", "6")
}

// TestCacheCanary. The guide.
func TestCacheCanary(t *testing.T) {
	for _, test := range []struct {
		name       string
		deployment string
		use        bool
		want       string // production, canary, canary, production
	}{
		{"not used", "d1", false, "1 2 3 1"},
		{"used, same deployment", "d1", true, "1 1 1 1"},
		{"used, own deployment", "d2", true, "1 2 2 1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCaching(t, cached("GET /"))
			var got []string
			for _, percent := range []float64{0, 100, 100, 0} {
				c.serveStage(apigw.Stage{MethodSettings: caching(nil), CanarySettings: &apigw.CanarySettings{
					DeploymentId: &test.deployment, UseStageCache: &test.use, PercentTraffic: new(apigw.Double(percent)),
				}}, someCluster)
				got = append(got, c.ask(t, "GET /dev"))
			}
			if text := strings.Join(got, " "); text != test.want {
				t.Errorf("calls %s, want %s", text, test.want)
			}
		})
	}
}

// TestCacheStages: nothing crosses stages.
func TestCacheStages(t *testing.T) {
	c := newCaching(t, cached("GET /"))
	plans := map[string]*plan.Stage{}
	for _, name := range []string{"dev", "prod"} {
		plans[name] = plan.CompileStage(plan.StageInput{API: c.api, Stage: &apigw.Stage{StageName: &name, DeploymentId: new("d1"), MethodSettings: caching(nil)}, Live: c.live, Cluster: someCluster})
	}
	c.table.Set(testAPI, plans)
	if a, b, again := c.ask(t, "GET /dev"), c.ask(t, "GET /prod"), c.ask(t, "GET /dev"); a != "1" || b != "2" || again != "1" {
		t.Errorf("calls %s, %s, %s, want 1, 2, 1", a, b, again)
	}
}

type oneKey struct{ key *credentials.Key }

func (k oneKey) Key(id string) *credentials.Key {
	if k.key != nil && id == k.key.ID {
		return k.key
	}
	return nil
}

// TestCacheRenewal: who may renew an entry, and what others get.
func TestCacheRenewal(t *testing.T) {
	identity := func(account, action, resource string) *credentials.Key {
		t.Helper()
		set, err := credentials.Parse([]byte(`identities: [{name: me, account: "` + account + `", keys: [{id: AKID, secret: a-secret-of-some-length}],
			policies: [{Version: "2012-10-17", Statement: [{Effect: Allow, Action: "` + action + `", Resource: "` + resource + `"}]}]}]`))
		if err != nil {
			t.Fatal(err)
		}
		return set.Key("AKID")
	}
	const allowed = "arn:aws:execute-api:us-east-1:" + accountOfTests + ":" + testAPI + "/dev/GET/pets"
	may := identity(accountOfTests, "execute-api:InvalidateCache", allowed)
	for _, test := range []struct {
		name      string
		directive string
		authorize bool
		strategy  string
		key       *credentials.Key // nil: not signed
		status    int
		want      string // the call that answers, and the one that is kept then
		warned    bool
	}{
		{"no directive", "no-cache", false, "", nil, 200, "1 1", false},
		{"anybody may", "max-age=0", false, "", nil, 200, "2 2", false},
		{"anybody may, among others", "no-store, Max-Age=0", false, "", nil, 200, "2 2", false},
		{"another age", "max-age=01", false, "", nil, 200, "1 1", false},
		{"allowed", "max-age=0", true, "FAIL_WITH_403", may, 200, "2 2", false},
		{"not signed, refused", "max-age=0", true, "FAIL_WITH_403", nil, 403, "- 1", false},
		{"not signed, told", "max-age=0", true, "SUCCEED_WITH_RESPONSE_HEADER", nil, 200, "1 1", true},
		{"not signed, not told", "max-age=0", true, "SUCCEED_WITHOUT_RESPONSE_HEADER", nil, 200, "1 1", false},
		{"another action", "max-age=0", true, "FAIL_WITH_403", identity(accountOfTests, "execute-api:Invoke", allowed), 403, "- 1", false},
		{"another method", "max-age=0", true, "FAIL_WITH_403", identity(accountOfTests, "execute-api:InvalidateCache", strings.Replace(allowed, "GET", "POST", 1)), 403, "- 1", false},
		{"another account", "max-age=0", true, "FAIL_WITH_403", identity("999999999999", "execute-api:InvalidateCache", "*"), 403, "- 1", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCaching(t, cached("GET /pets"))
			c.Gateway.signatures = &steps.Signatures{Keys: oneKey{test.key}, Clock: c.clock}
			c.serveStage(apigw.Stage{MethodSettings: caching(func(s *apigw.MethodSetting) {
				s.RequireAuthorizationForCacheControl, s.UnauthorizedCacheControlHeaderStrategy = &test.authorize, &test.strategy
			})}, someCluster)
			c.ask(t, "GET /dev/pets")
			x := request("GET /dev/pets", []string{"Cache-Control: " + test.directive}, "")
			if test.key != nil {
				signExchange(t, x, test.key, c.clock.Now())
			}
			res := serve(t, c.Gateway, x)
			got := string(res.Body)
			if res.Status == 403 {
				if got != `{"Message":"User is not authorized to invalidate the cache"}` {
					t.Errorf("403 says %s", got)
				}
				got = "-"
			}
			got += " " + c.ask(t, "GET /dev/pets")
			if res.Status != test.status || got != test.want || res.Header.Has("Warning") != test.warned {
				t.Errorf("status %d, calls %s, warned %t; want %d, %s, %t", res.Status, got, res.Header.Has("Warning"), test.status, test.want, test.warned)
			}
		})
	}
}

// signExchange signs a request for a stage as a client does.
func signExchange(t *testing.T, x *exchange.Exchange, key *credentials.Key, now time.Time) {
	t.Helper()
	q := &x.Request
	r, err := http.NewRequestWithContext(t.Context(), q.Method, "http://"+q.Host+q.Path, nil)
	if err != nil {
		t.Fatal(err)
	}
	sigv4.Sign(r, nil, sigv4.Keys{AccessKey: key.ID, Secret: key.Secret}, "execute-api", "us-east-1", now)
	for name, values := range r.Header {
		q.Header.Add(name, values[0])
	}
}

// TestCacheFunction: answers of functions are kept like any others.
func TestCacheFunction(t *testing.T) {
	m := backendMethod("GET /", apigw.Integration{
		Type: new("AWS_PROXY"), HttpMethod: new("POST"),
		Uri: new("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:" + accountOfTests + ":function:f/invocations"),
	})
	c := newCaching(t, m)
	c.backends.AWS = aws.New(aws.Config{Keys: sigv4.Keys{AccessKey: "AKID", Secret: "secret"}, HTTP: invoker(
		func(context.Context, *integration.Request) (*integration.Response, error) {
			c.calls++
			return &integration.Response{Status: 200, Body: []byte(`{"statusCode": 200, "body": "` + fmt.Sprint(c.calls) + `"}`)}, nil
		})})
	c.serveStage(apigw.Stage{MethodSettings: caching(nil)}, someCluster)
	if first, second := c.ask(t, "GET /dev"), c.ask(t, "GET /dev"); first != "1" || second != "1" {
		t.Errorf("calls %s and %s, want one", first, second)
	}
}

// TestCacheKeepsNoHead: what is kept holds no part of the request or of the
// backend's answer, whose heads would stay in memory with it.
func TestCacheKeepsNoHead(t *testing.T) {
	c := newCaching(t, cached("GET /pets"))
	head := "GET /dev/pets X-Call: one"
	inHead := func(s string) bool {
		at, begin := uintptr(unsafe.Pointer(unsafe.StringData(s))), uintptr(unsafe.Pointer(unsafe.StringData(head)))
		return at >= begin && at < begin+uintptr(len(head))
	}
	c.backends.HTTP = invoker(func(context.Context, *integration.Request) (*integration.Response, error) {
		return &integration.Response{Status: 200, Header: exchange.Header{{Name: head[14:20], Value: head[22:]}}}, nil
	})
	c.serveStage(apigw.Stage{MethodSettings: caching(nil)}, someCluster)
	x := request("GET /dev/pets", nil, "")
	x.Request.Method, x.Request.Path = head[:3], head[4:13]
	serve(t, c.Gateway, x)
	cache := c.live.Caches.Find(testAPI, "dev")
	list := cache.List(testTime)
	if len(list) != 1 || list[0].Path != "/pets" || inHead(list[0].Path) || inHead(list[0].Method) {
		t.Fatalf("kept %+v", list)
	}
	response, err := cache.Get(t.Context(), list[0].Key, false, testTime)
	if err != nil || response == nil || response.Header.Get("X-Call") != "one" {
		t.Fatalf("response %+v, %v", response, err)
	}
	for _, field := range response.Header {
		if inHead(field.Name) || inHead(field.Value) {
			t.Errorf("field %s is a part of the head", field.Name)
		}
	}
}

// TestCacheRootPath: the path of the root is known as "/", however it was asked
// for: with it everything is removed.
func TestCacheRootPath(t *testing.T) {
	c := newCaching(t, cached("GET /"))
	c.serveStage(apigw.Stage{MethodSettings: caching(nil)}, someCluster)
	c.ask(t, "GET /dev")
	if n := c.live.Caches.Find(testAPI, "dev").DeletePath("/"); n != 1 {
		t.Errorf("%d entries removed, want 1", n)
	}
}
