package recorded

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Target is the server under test.
type Target struct {
	BaseURL  string   // http://host:port
	Account  string   // ${account}
	Region   string   // of the signature, unless the case names one
	Suffix   string   // host form: {api}.execute-api.{suffix}
	Services Services // for cases that need other services
}

func (t Target) address() string {
	base, err := url.Parse(t.BaseURL)
	if err != nil {
		return t.BaseURL
	}
	return base.Host
}

// Form is the way in which stages are called.
type Form string

// The forms.
const (
	PathForm Form = "path" // /restapis/{api}/{stage}/_user_request_/...
	HostForm Form = "host" // Host: {api}.execute-api.{suffix}
)

// Forms returns the forms in which a case is to be replayed: one is enough
// if it calls no stage.
func (c Case) Forms() []Form {
	if slices.ContainsFunc(c.Steps, func(s Step) bool { return s.HTTP != nil }) {
		return []Form{PathForm, HostForm}
	}
	return []Form{PathForm}
}

// run is one replay.
type run struct {
	scope
	target Target
	form   Form
}

// Replay makes all calls of a case against an empty server, and returns the
// differences. It goes on after a difference, but not after a call that could
// not be made or a preparation that failed.
func Replay(ctx context.Context, c Case, target Target, form Form) []Difference {
	r := &run{
		scope:  scope{values: map[string]string{}, answers: map[int]any{}, same: bindings{}},
		target: target, form: form,
	}
	r.values["account"] = target.Account
	if target.Services.Moto != nil {
		r.values["backends"] = strings.TrimPrefix(target.Services.Moto.URL, "http://")
	}
	for i := range c.UIDs {
		r.values[fmt.Sprintf("uid.%d", i+1)] = c.UID(i + 1)
	}
	for _, name := range c.Backends {
		backend := NewEcho()
		if c.plainEcho() {
			backend.Config.Handler = http.HandlerFunc(plainEcho)
		}
		defer backend.Close()
		r.values[name] = backend.Listener.Addr().String()
	}
	var out []Difference
	for _, step := range c.Steps {
		// Nobody counts a case that cannot match: do not wait for it. Nor for what
		// stands in for other services: it answers at once.
		step.Eventually = step.Eventually && c.CannotMatch == "" && c.Class != NeedsOtherService
		if c.Class == NeedsOtherService {
			if err := r.prepare(ctx, c.Needs, step.Number); err != nil {
				return append(out, Difference{step.Number, "preparation", err.Error(), "success"})
			}
		}
		differences, fatal := r.step(ctx, step)
		out = append(out, differences...)
		if fatal {
			break
		}
	}
	return out
}

// What "eventually" means: the real service needed time.
const (
	eventually      = 3 * time.Second
	eventuallyPause = 20 * time.Millisecond
)

// step makes one call, again and again if it is said to match eventually.
func (r *run) step(ctx context.Context, step Step) (differences []Difference, fatal bool) {
	deadline := time.Now().Add(eventually)
	for {
		before := r.same.clone()
		differences, fatal = r.attempt(ctx, step)
		if len(differences) == 0 || !step.Eventually || time.Now().After(deadline) {
			return differences, fatal
		}
		r.same = before
		select {
		case <-time.After(eventuallyPause):
		case <-ctx.Done():
			return differences, true
		}
	}
}

func (r *run) attempt(ctx context.Context, step Step) (differences []Difference, fatal bool) {
	req, err := r.requestOf(step)
	if err != nil {
		return []Difference{{step.Number, "request", err.Error(), "a request that can be made"}}, true
	}
	got, err := send(ctx, r.target.address(), req)
	if err != nil {
		return []Difference{{step.Number, "answer", err.Error(), "an answer"}}, true
	}
	value := valueOf(step, got)
	r.answers[step.Number] = value
	if step.Expect == nil {
		// A call that only sets up must succeed. A request to a stage without a
		// recorded answer may get any: the original test checked it by hand, a
		// refusal mostly.
		if step.HTTP == nil && got.status >= 400 && !step.MayFail {
			text := fmt.Sprintf("%d %s", got.status, show(string(got.body)))
			return []Difference{{step.Number, req.method + " " + req.target, text, "success"}}, true
		}
		return nil, false
	}
	return r.check(step, got, value), false
}

// rawOperations answer with raw bytes and headers instead of a document.
var rawOperations = []string{"GetExport", "GetSdk"}

// valueOf returns an answer by the names of the model.
func valueOf(step Step, got answer) any {
	if step.HTTP == nil && slices.Contains(rawOperations, step.Call.Operation) && got.status < 300 {
		out := map[string]any{"body": string(got.body)}
		for member, header := range map[string]string{"contentType": "Content-Type", "contentDisposition": "Content-Disposition"} {
			if value := got.headers.Get(header); value != "" {
				out[member] = value
			}
		}
		return out
	}
	if len(got.body) == 0 {
		if step.HTTP != nil {
			return ""
		}
		return map[string]any{}
	}
	value, ok := parseJSON(got.body)
	if !ok {
		return string(got.body)
	}
	object, isObject := value.(map[string]any)
	if step.HTTP != nil || !isObject || step.Call.Operation == "GetStages" {
		return value
	}
	if list, ok := object["item"].([]any); ok { // the model calls it items
		renamed := maps.Clone(object)
		delete(renamed, "item")
		renamed["items"] = list
		return renamed
	}
	return value
}

// check compares one answer with what is expected.
func (r *run) check(step Step, got answer, value any) []Difference {
	m := &matching{step: step.Number, same: r.same}
	defer func() { r.same = m.same }()
	want := *step.Expect
	var out []Difference
	if want.Status != nil && *want.Status != got.status {
		out = append(out, m.differs("status", fmt.Sprintf("%d %s", got.status, got.body), *want.Status)...)
	}
	for _, path := range want.Ignore {
		value = withoutIn(step, value, path)
	}
	compare := func(path string, want, got any) {
		expected, err := r.expandAll(want)
		if err != nil {
			out = append(out, Difference{step.Number, path, err.Error(), show(want)})
			return
		}
		out = append(out, m.compare(path, expected, got)...)
	}
	if want.Error != nil {
		code, _, _ := strings.Cut(got.headers.Get("X-Amzn-Errortype"), ":")
		compare("error.code", want.Error.Code, code)
		compare("error.message", want.Error.Message, messageIn(value))
	}
	if want.Body != nil {
		compare("body", *want.Body, bodyFor(*want.Body, want.Error != nil, value, got))
	}
	if want.Text != nil {
		compare("text", *want.Text, string(got.body))
	}
	for _, path := range slices.Sorted(maps.Keys(want.Parts)) {
		compare(path, want.Parts[path], part(step, value, path))
	}
	out = append(out, r.checkHeaders(m, want, got)...)
	return out
}

func messageIn(value any) any {
	for _, name := range []string{"message", "Message"} {
		if text, ok := member(value, name); ok {
			return text
		}
	}
	return absent{}
}

// bodyFor returns the form of the body to compare: text if text is expected,
// and without the message if that was compared on its own.
func bodyFor(want any, isError bool, value any, got answer) any {
	if _, ok := want.(string); ok {
		return string(got.body)
	}
	expected, isObject := want.(map[string]any)
	if _, listed := expected["message"]; isError && isObject && !listed {
		return without(value, "message")
	}
	return value
}

// part returns what a path of expect.parts leads to. The answer of a stage has
// its body in the member body; that of an operation is the document itself.
func part(step Step, value any, path string) any {
	if step.HTTP != nil {
		value = map[string]any{"body": value}
	}
	found, err := lookup(value, path)
	if err != nil {
		return absent{}
	}
	return found
}

func withoutIn(step Step, value any, path string) any {
	if step.HTTP != nil {
		path = strings.TrimPrefix(path, "body.")
	}
	return without(value, path)
}

func (r *run) checkHeaders(m *matching, want Expect, got answer) []Difference {
	var out []Difference
	expected := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(want.Headers)) {
		expected[strings.ToLower(name)] = true
		path := "header " + name
		values := got.headers.Values(name)
		if want.Headers[name] == nil {
			if len(values) > 0 {
				out = append(out, m.differs(path, values[0], absent{})...)
			}
			continue
		}
		value, err := r.expandAll(want.Headers[name])
		switch {
		case err != nil:
			out = append(out, Difference{m.step, path, err.Error(), show(want.Headers[name])})
		case len(values) == 0:
			out = append(out, m.differs(path, absent{}, value)...)
		default:
			out = append(out, m.compare(path, value, strings.Join(values, ", "))...)
		}
	}
	if want.HeadersExact {
		for _, name := range slices.Sorted(maps.Keys(got.headers)) {
			if !expected[strings.ToLower(name)] {
				out = append(out, m.differs("header "+name, got.headers.Get(name), absent{})...)
			}
		}
	}
	return out
}
