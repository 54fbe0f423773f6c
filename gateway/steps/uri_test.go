package steps

import (
	"net/http"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/gateway/integration"
)

func TestCallable(t *testing.T) {
	for _, url := range []string{
		"http://b", "https://b/", "http://b:80", "http://b:65535/x?y", "http://[::1]:8080/", "http://a_b.c-d.example/", "http://b?x=1",
		"http://192.0.2.1/{id}",
	} {
		if !callable(url) {
			t.Errorf("callable(%q) = false", url)
		}
	}
	for _, url := range []string{
		"", "b", "//b", "ftp://b/", "http://", "http:///x", "https://:443/", "http://b:/", "http://b:0/", "http://b:65536/", "http://b:x/",
		"http://a b/", "http://b/a b", "http://b/\r\nHost: c", "http://user@b/", "http://.b/", "http://a..b/", "http://-b/", "http://[::1/",
		"http://[]/", "http://[x]/", "http://{host}/", "HTTP://b",
	} {
		if callable(url) {
			t.Errorf("callable(%q) = true", url)
		}
	}
}

// FuzzURI: nothing panics, without values only variables vanish, and what is
// callable is a URL to the standard library as well, with the same host.
func FuzzURI(f *testing.F) {
	for _, seed := range []string{
		"http://b/{id}/${stageVariables.v}?{q}", "http://${stageVariables.h}/", "${", "{", "{}", "{{a}}", "${stageVariables.}", "http://[::1]:80/", "http://b#x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u := parseURI(text)
		got := string(u.append(nil, &Request{}, nil))
		if !strings.Contains(text, "${stageVariables.") && got != text {
			t.Errorf("%q became %q", text, got)
		}
		if !callable(got) {
			return
		}
		req, err := http.NewRequest("GET", got, nil)
		if err != nil {
			// The standard library refuses broken escapes; servers decide for themselves.
			if !strings.Contains(err.Error(), "invalid URL escape") {
				t.Errorf("callable(%q), but %v", got, err)
			}
			return
		}
		rest := got[strings.Index(got, "://")+3:]
		if i := strings.IndexAny(rest, "/?#"); i >= 0 {
			rest = rest[:i]
		}
		if req.URL.Host != rest {
			t.Errorf("callable(%q): host %q, want %q", got, req.URL.Host, rest)
		}
	})
}

// TestEveryErrorKindHasARow: a kind that is added and forgotten shows here.
func TestEveryErrorKindHasARow(t *testing.T) {
	for kind := integration.Network; kind <= integration.Configuration; kind++ {
		if callFailures[kind].response == nil {
			t.Errorf("error kind %d has no gateway response", kind)
		}
	}
	if len(callFailures) != int(integration.Configuration)+1 {
		t.Errorf("%d rows for %d kinds", len(callFailures), integration.Configuration+1)
	}
}
