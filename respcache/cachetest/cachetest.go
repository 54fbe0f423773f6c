package cachetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/respcache"
)

// suite is one test's store with its clock.
type suite struct {
	*testing.T
	store   respcache.Store
	clock   *clock.Manual
	encrypt bool
}

// Run tests the stores that open returns. Each must be empty, go by the clock,
// and have room for some of the largest responses.
func Run(t *testing.T, open func(t *testing.T, c *clock.Manual) respcache.Store) {
	for _, test := range []struct {
		name string
		run  func(suite)
	}{
		{"Responses", suite.responses},
		{"Expiry", suite.expiry},
		{"Replace", suite.replace},
		{"NotKept", suite.notKept},
		{"OtherKind", suite.otherKind},
		{"Keys", suite.keys},
		{"Cancelled", suite.cancelled},
		{"ManyAtOnce", suite.manyAtOnce},
	} {
		for kind, encrypt := range map[string]bool{"plain": false, "encrypted": true} {
			t.Run(test.name+"/"+kind, func(t *testing.T) {
				c := clock.NewManual(time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC))
				test.run(suite{t, open(t, c), c, encrypt})
			})
		}
	}
}

func key(value string) respcache.Key {
	return (&respcache.Parts{API: "api", Stage: "dev", Verb: "GET", Parameters: [][]string{{value}}}).Key()
}

func response(body string) *respcache.Response {
	return &respcache.Response{Status: 200, Header: exchange.Header{{Name: "Content-Type", Value: "text/plain"}}, Body: []byte(body)}
}

func (s suite) put(k respcache.Key, r *respcache.Response, good time.Duration) {
	s.Helper()
	entry := respcache.Entry{Response: r, Method: "GET", Path: "/", For: good, Encrypt: s.encrypt}
	if err := s.store.Put(s.Context(), k, entry, s.clock.Now()); err != nil {
		s.Fatal(err)
	}
}

// want fails the test unless a key has a response; nil for none.
func (s suite) want(k respcache.Key, want *respcache.Response) {
	s.Helper()
	got, err := s.store.Get(s.Context(), k, s.encrypt, s.clock.Now())
	if err != nil {
		s.Fatal(err)
	}
	if !same(got, want) {
		s.Errorf("key %s has %.200s, want %.200s", k, show(got), show(want))
	}
}

func same(a, b *respcache.Response) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Status == b.Status && slices.Equal(a.Header, b.Header) && bytes.Equal(a.Body, b.Body)
}

func show(r *respcache.Response) string {
	if r == nil {
		return "nothing"
	}
	return fmt.Sprintf("%+v", *r)
}

// responses: what comes out is what went in, to the byte.
func (s suite) responses() {
	for name, r := range map[string]*respcache.Response{
		"empty":  {Status: 204},
		"fields": {Status: 200, Header: exchange.Header{{Name: "x-a", Value: "1"}, {Name: "X-A", Value: ""}, {Name: "x-a", Value: "ü, b"}}},
		"bytes":  {Status: 599, Body: []byte("\x00\xff\r\n")},
		"large":  {Status: 200, Body: bytes.Repeat([]byte("x"), respcache.MaxResponse)},
	} {
		s.want(key(name), nil)
		s.put(key(name), r, time.Hour)
		s.want(key(name), r)
		s.want(key(name), r)
	}
}

func (s suite) expiry() {
	s.put(key("short"), response("short"), 2*time.Second)
	s.put(key("long"), response("long"), time.Hour)
	s.clock.Advance(1900 * time.Millisecond)
	s.want(key("short"), response("short"))
	s.clock.Advance(100 * time.Millisecond)
	s.want(key("short"), nil)
	s.want(key("long"), response("long"))
	s.clock.Advance(time.Hour)
	s.want(key("long"), nil)
}

// replace: a new response also has a time of its own.
func (s suite) replace() {
	s.put(key("k"), response("first"), 10*time.Second)
	s.clock.Advance(5 * time.Second)
	s.put(key("k"), response("second"), 10*time.Second)
	s.want(key("k"), response("second"))
	s.clock.Advance(9 * time.Second)
	s.want(key("k"), response("second"))
	s.clock.Advance(time.Second)
	s.want(key("k"), nil)
}

// otherKind: an entry of the other kind is none.
func (s suite) otherKind() {
	s.put(key("k"), response("one kind"), time.Hour)
	got, err := s.store.Get(s.Context(), key("k"), !s.encrypt, s.clock.Now())
	if err != nil || got != nil {
		s.Errorf("the other kind: %s, %v", show(got), err)
	}
}

// notKept: what is not kept takes the entry before it along; an old answer in
// its place would be wrong.
func (s suite) notKept() {
	tooLarge := &respcache.Response{Status: 200, Header: exchange.Header{{Name: "X", Value: "y"}}, Body: bytes.Repeat([]byte("x"), respcache.MaxResponse-1)}
	s.put(key("k"), response("old"), time.Hour)
	err := s.store.Put(s.Context(), key("k"), respcache.Entry{Response: tooLarge, For: time.Hour, Encrypt: s.encrypt}, s.clock.Now())
	if !errors.Is(err, respcache.ErrTooLarge) {
		s.Errorf("a response of %d bytes: %v", tooLarge.Size(), err)
	}
	s.want(key("k"), nil)
	for _, good := range []time.Duration{0, -time.Second} {
		s.put(key("k"), response("old"), time.Hour)
		s.put(key("k"), response("new"), good)
		s.want(key("k"), nil)
	}
}

// keys: each of many has its own response.
func (s suite) keys() {
	const count = 500
	name := func(i int) string { return strings.Repeat("k", i) }
	for i := range count {
		s.put(key(name(i)), response(name(i)), time.Hour)
	}
	for i := range count {
		s.want(key(name(i)), response(name(i)))
	}
	s.want(key("other"), nil)
}

// cancelled: a call that has no time left fails or does what it should.
func (s suite) cancelled() {
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	err := s.store.Put(ctx, key("k"), respcache.Entry{Response: response("body"), For: time.Hour, Encrypt: s.encrypt}, s.clock.Now())
	if err == nil {
		s.want(key("k"), response("body"))
	}
	if got, err := s.store.Get(ctx, key("k"), s.encrypt, s.clock.Now()); got != nil && (err != nil || !same(got, response("body"))) {
		s.Errorf("got %s, error %v", show(got), err)
	}
}

// manyAtOnce: nobody ever gets the response of another key.
func (s suite) manyAtOnce() {
	const workers, calls, keys = 8, 500, 20
	var running sync.WaitGroup
	for w := range workers {
		running.Go(func() {
			for i := range calls {
				name := fmt.Sprintf("key-%d", (w+i*7)%keys)
				if i%3 == 0 {
					entry := respcache.Entry{Response: response(name), For: time.Hour, Encrypt: s.encrypt}
					if err := s.store.Put(s.Context(), key(name), entry, s.clock.Now()); err != nil {
						s.Error(err)
					}
					continue
				}
				got, err := s.store.Get(s.Context(), key(name), s.encrypt, s.clock.Now())
				if err != nil || got != nil && !same(got, response(name)) {
					s.Errorf("key %s has %s, error %v", name, show(got), err)
				}
			}
		})
	}
	running.Wait()
}
