package credentials

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/iam"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const sample = `
identities:
  - name: ann
    account: "111111111111"
    keys:
      - {id: AKIDANN, secret: ann-secret}
      - {id: ASIAANN, secret: other-secret, sessionToken: token/+=, expires: 2026-01-02T03:04:05Z}
    policies:
      - Version: 2012-10-17
        Statement: [{Effect: Allow, Action: "apigateway:*", Resource: "*", Condition: {Bool: {aws:SecureTransport: false}}}]
      - {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "apigateway:DELETE", "Resource": "*"}}
  - name: bob
    account: "222222222222"
    keys: [{id: AKIDBOB, secret: bob-secret}]
`

func TestParse(t *testing.T) {
	set, err := Parse([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	ann, temporary, bob := set.Key("AKIDANN"), set.Key("ASIAANN"), set.Key("AKIDBOB")
	if set.Len() != 3 || ann == nil || temporary == nil || bob == nil || set.Key("") != nil {
		t.Fatalf("%+v", set)
	}
	if ann.Secret != "ann-secret" || ann.SessionToken != "" || !ann.Expires.IsZero() || ann.Identity.ARN() != "arn:aws:iam::111111111111:user/ann" {
		t.Errorf("%+v", ann)
	}
	if temporary.SessionToken != "token/+=" || temporary.Expires.Unix() != 1767323045 || temporary.Identity != ann.Identity {
		t.Errorf("%+v", temporary)
	}
	context := map[string]string{iam.KeySecureTransport: "false"}
	for action, want := range map[string]iam.Decision{"apigateway:GET": iam.Allowed, "apigateway:DELETE": iam.ExplicitDeny, "postern:GET": iam.ImplicitDeny} {
		if got := iam.Evaluate(ann.Identity.Policies, iam.Request{Action: action, Resource: "arn:x", Context: context}); got != want {
			t.Errorf("%s: %d, want %d", action, got, want)
		}
	}
	if len(bob.Identity.Policies) != 0 {
		t.Errorf("%+v", bob.Identity)
	}
}

func TestParseRefuses(t *testing.T) {
	for name, row := range map[string]struct{ text, want string }{
		"nothing":         {"", "no access key"},
		"no keys":         {"identities: [{name: a, account: \"111111111111\"}]", "no access key"},
		"not YAML":        {"identities: [s3cr3t", "not the expected YAML"},
		"wrong type":      {"identities:\n  - s3cr3t", "line 2: not the expected YAML"},
		"unknown setting": {strings.Replace(sample, "account", "acount", 1), "line 4: there is no setting"},
		"two documents":   {sample + "---\n" + sample, "one document"},
		"short account":   {strings.Replace(sample, "111111111111", "111", 1), "identity ann: account"},
		"no name":         {strings.Replace(sample, "name: ann", "name: \"\"", 1), "identity 1: the name"},
		"odd name":        {strings.Replace(sample, "name: ann", "name: a/b", 1), "identity 1: the name"},
		"name twice":      {strings.NewReplacer("name: bob", "name: ann", "222222222222", "111111111111").Replace(sample), "two of this name"},
		"key twice":       {strings.Replace(sample, "AKIDBOB", "AKIDANN", 1), "AKIDANN is given twice"},
		"no secret":       {strings.Replace(sample, "bob-secret", "\"\"", 1), "identity bob: key 1"},
		"slash in an id":  {strings.Replace(sample, "AKIDBOB", "A/B", 1), "identity bob: key 1"},
		"bad policy":      {strings.Replace(sample, "Effect: Allow", "Effect: Alow", 1), "identity ann: policy 1: policy: statement 1: Effect"},
		"condition":       {strings.Replace(sample, "Bool:", "Numeric:", 1), `condition operator "Numeric" is not supported`},
		"odd member":      {strings.Replace(sample, "aws:SecureTransport: false", "1: false", 1), "identity ann: policy 1"},
		"a member twice":  {strings.Replace(sample, "Effect: Allow,", "Effect: Deny, Effect: Allow,", 1), "not the expected YAML"},
		"bad time":        {strings.Replace(sample, "2026-01-02T", "2026-13-02T", 1), "not the expected YAML"},
	} {
		_, err := Parse([]byte(row.text))
		if err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "s3cr3t") || strings.Contains(err.Error(), "-secret") {
			t.Errorf("%s: %v, want an error with %q and no secret", name, err, row.want)
		}
	}
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "credentials.yaml")
	open := func() error {
		_, err := Open(path, clock.System{}, slog.New(slog.DiscardHandler))
		return err
	}
	if err := open(); err == nil {
		t.Error("no file: no error")
	}
	write(t, path, sample, 0o640)
	if err := open(); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a file for others: %v", err)
	}
	write(t, path, "x: 1", 0o600)
	if err := open(); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a bad file: %v", err)
	}
	write(t, path, sample, 0o600)
	if err := open(); err != nil {
		t.Errorf("a good file: %v", err)
	}
}

// TestWatch: a new file is in force soon; one that cannot be used changes
// nothing and is logged once.
func TestWatch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "credentials.yaml")
	write(t, path, sample, 0o600)
	log := &bytes.Buffer{}
	time0 := clock.NewManual(time.Unix(0, 0))
	ticks := &ticker{Manual: time0, armed: make(chan struct{}, 1)}
	f, err := Open(path, ticks, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		f.Watch(ctx)
		close(done)
	}()
	look := func() {
		<-ticks.armed // the file has been looked at for the last time that was due
		time0.Advance(watchEvery)
	}
	for _, step := range []struct {
		name, text string
		mode       os.FileMode
		bob, carol bool
		logged     int
	}{
		{"the same", sample, 0o600, true, false, 0},
		{"bob's key becomes carol's", strings.Replace(sample, "AKIDBOB", "AKIDCAROL", 1), 0o600, false, true, 1},
		{"not usable", "identities:", 0o600, false, true, 2},
		{"still not usable", "identities:", 0o600, false, true, 2},
		{"readable by others", sample, 0o644, false, true, 3},
		{"still readable by others", sample, 0o644, false, true, 3},
		{"as in the beginning", sample, 0o600, true, false, 4},
	} {
		write(t, path, step.text, step.mode)
		look()
		ticks.await()
		if bob, carol := f.Key("AKIDBOB") != nil, f.Key("AKIDCAROL") != nil; bob != step.bob || carol != step.carol {
			t.Errorf("%s: bob %t, carol %t", step.name, bob, carol)
		}
		if got := strings.Count(log.String(), "\n"); got != step.logged {
			t.Errorf("%s: %d lines logged, want %d:\n%s", step.name, got, step.logged, log)
		}
	}
	stop()
	<-done
}

// ticker tells when the watch has set its alarm, that is, when it has looked.
type ticker struct {
	*clock.Manual
	armed chan struct{}
}

func (c *ticker) AfterFunc(d time.Duration, f func()) func() bool {
	stop := c.Manual.AfterFunc(d, f)
	c.armed <- struct{}{}
	return stop
}

// await waits until the alarm is set, and leaves it so.
func (c *ticker) await() {
	<-c.armed
	c.armed <- struct{}{}
}

func FuzzParse(f *testing.F) {
	f.Add(sample)
	f.Add("identities: [{name: a, account: \"111111111111\", keys: [{id: x, secret: y}]}]")
	f.Fuzz(func(t *testing.T, text string) {
		set, err := Parse([]byte(text))
		if err == nil && set.Len() == 0 {
			t.Errorf("%q: no key and no error", text)
		}
	})
}
