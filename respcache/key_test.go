package respcache_test

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	"github.com/postern-gateway/postern/exchange"
	"github.com/postern-gateway/postern/respcache"
)

// TestKeysDiffer: parts that look alike when they are put side by side.
func TestKeysDiffer(t *testing.T) {
	keys := map[respcache.Key]int{}
	for i, parts := range []respcache.Parts{
		{},
		{Account: "ab"}, {Account: "a", API: "b"}, {API: "ab"}, {Stage: "ab"}, {Release: "ab"}, {Namespace: "ab"}, {Verb: "ab"},
		{Generation: 1}, {Generation: 257},
		{Parameters: [][]string{nil}}, {Parameters: [][]string{{}}}, {Parameters: [][]string{{""}}}, {Parameters: [][]string{{"", ""}}},
		{Parameters: [][]string{nil, nil}}, {Parameters: [][]string{nil, {""}}}, {Parameters: [][]string{{""}, nil}}, {Parameters: [][]string{{""}, {""}}},
		{Parameters: [][]string{{"a", "b"}}}, {Parameters: [][]string{{"a"}, {"b"}}}, {Parameters: [][]string{{"ab"}}}, {Parameters: [][]string{{"a\x01b"}}},
	} {
		key := parts.Key()
		if before, ok := keys[key]; ok {
			t.Errorf("parts %d and %d have the same key %s", before, i, key)
		}
		keys[key] = i
		if back, err := respcache.ParseKey(key.String()); err != nil || back != key {
			t.Errorf("key %s comes back as %s, %v", key, back, err)
		}
	}
}

// FuzzKey: keys are equal when all parts are, and only then.
func FuzzKey(f *testing.F) {
	f.Add("a", "b", "c", true, "ab", "", "c", true)
	f.Add("", "", "", false, "", "", "", true)
	f.Add("a", "b\x01c", "", true, "a", "b", "c", true)
	f.Fuzz(func(t *testing.T, stage, namespace, value string, present bool, stage2, namespace2, value2 string, present2 bool) {
		make := func(stage, namespace, value string, present bool) respcache.Parts {
			p := respcache.Parts{Stage: stage, Namespace: namespace, Parameters: [][]string{nil}}
			if present {
				p.Parameters[0] = []string{value}
			}
			return p
		}
		a, b := make(stage, namespace, value, present), make(stage2, namespace2, value2, present2)
		if got, want := a.Key() == b.Key(), reflect.DeepEqual(a, b); got != want {
			t.Errorf("%+v and %+v have equal keys: %t", a, b, got)
		}
	})
}

// FuzzParseKey: text is a key or an error.
func FuzzParseKey(f *testing.F) {
	f.Add(keyOf(1).String())
	f.Add("not/a key")
	f.Fuzz(func(t *testing.T, text string) {
		if key, err := respcache.ParseKey(text); err == nil && len(key) > 0 && key.String() == "" {
			t.Errorf("%q is %q", text, key)
		}
	})
}

// FuzzDecode: bytes are a response or an error, and a response keeps its meaning.
func FuzzDecode(f *testing.F) {
	f.Add((&respcache.Response{Status: 200, Header: exchange.Header{{Name: "a", Value: "b"}, {}}, Body: []byte("body")}).Encode())
	f.Add([]byte{})
	f.Add([]byte("\xc8\x01\xff\xff\xff\xff\x0f"))
	f.Add([]byte("\xc8\x01\x01\x05ab"))
	f.Add([]byte("\xc8\x01\x01\x03ab"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := respcache.Decode(data)
		if err != nil {
			if r != nil {
				t.Errorf("%v with the error %v", r, err)
			}
			return
		}
		back, err := respcache.Decode(r.Encode())
		if err != nil || back.Status != r.Status || !slices.Equal(back.Header, r.Header) || !bytes.Equal(back.Body, r.Body) {
			t.Errorf("%+v comes back as %+v, %v", r, back, err)
		}
	})
}
