package jsonpath

import (
	"errors"
	"strings"
	"testing"

	"github.com/postern-gateway/postern/value"
)

const store = `{"store":{"book":[
	{"category":"reference","author":"Nigel Rees","title":"Sayings","price":8.95,"tags":["a","b"]},
	{"category":"fiction","author":"Evelyn Waugh","title":"Sword","price":12.99,"tags":[]},
	{"category":"fiction","author":"Herman Melville","title":"Moby Dick","isbn":"0-553-21311-3","price":8.99},
	{"category":"fiction","author":"J. R. R. Tolkien","title":"Rings","isbn":"0-395-19395-8","price":22.99}],
	"bicycle":{"color":"red","price":19.95}},"expensive":10,"a b":{"c.d":1,"it's":null},"n":[3,1.50,2]}`

func get(t testing.TB, document, path string) string {
	t.Helper()
	root, err := value.ParseJSON(document)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Parse(path)
	if err != nil {
		return err.Error()
	}
	v, ok := p.Get(root)
	if !ok {
		return "none"
	}
	out, err := v.AppendJSON(nil, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestGet(t *testing.T) {
	const book = "$.store.book"
	for _, test := range []struct{ path, want string }{
		{"$.expensive", "10"}, {"expensive", "10"}, {"$['expensive']", "10"}, {`$["a b"]['c.d']`, "1"}, {"$.a b.x", "none"}, {`$['a b']['it\'s']`, "null"}, {"$.none", "none"}, {"$.expensive.x", "none"},
		{"$.n", "[3,1.50,2]"}, {"$.n[0]", "3"}, {"$.n[-1]", "2"}, {"$.n[3]", "none"}, {"$.n[0,2,9]", "[3,2]"}, {"$.n[1:]", "[1.50,2]"}, {"$.n[:-1]", "[3,1.50]"}, {"$.n[-2:]", "[1.50,2]"}, {"$.n[0:2]", "[3,1.50]"}, {"$.n[*]", "[3,1.50,2]"}, {"$.n[2:1]", "[]"},
		{"$.store.bicycle['color','none','price']", `{"color":"red","price":19.95}`}, {"$.store['bicycle','none'].color", `["red"]`}, {"$.store['bicycle','none']['color']", `["red"]`}, {"$.store.bicycle.*", `["red",19.95]`}, {"$.store.bicycle[*]", `["red",19.95]`},
		{book + "[*].title", `["Sayings","Sword","Moby Dick","Rings"]`}, {book + ".title", "none"}, {"$..title", `["Sayings","Sword","Moby Dick","Rings"]`}, {"$..price", "[8.95,12.99,8.99,22.99,19.95]"}, {"$..none", "[]"}, {"$.store..tags[0]", `["a"]`}, {"$..book[2].title", `["Moby Dick"]`}, {"$..['color']", `["red"]`},
		{book + "[?(@.isbn)].title", `["Moby Dick","Rings"]`}, {book + "[?(!@.isbn)].title", `["Sayings","Sword"]`}, {book + "[?(@.price < 10)].title", `["Sayings","Moby Dick"]`}, {book + "[?(@.price <= $.expensive && @.category == 'fiction')].title", `["Moby Dick"]`},
		{book + "[?(@['category'] == \"reference\" || @.price > 20)].title", `["Sayings","Rings"]`}, {book + "[?(@.author =~ /.*REES/i)].title", `["Sayings"]`}, {book + "[?(@.author =~ /Rees/)].title", "[]"},
		{book + "[?(@.category != 'fiction')].title", `["Sayings"]`}, {book + "[?(@.isbn != 'x')].title", `["Sayings","Sword","Moby Dick","Rings"]`}, {book + "[?(@.title in ['Sword','x'])].price", "[12.99]"}, {book + "[?(@.title nin ['Sword', 'Rings'])].price", "[8.95,8.99]"},
		{book + "[?(@.tags size 2)].title", `["Sayings"]`}, {book + "[?(@.tags empty true)].title", `["Sword"]`}, {book + "[?(@.tags empty false)].title", `["Sayings"]`}, {book + "[?(@.tags subsetof ['a','b','c'])].title", `["Sayings","Sword"]`}, {book + "[?(@.tags anyof ['b'])].title", `["Sayings"]`}, {book + "[?(@.tags noneof ['b'])].title", `["Sword"]`}, {book + "[?(@.tags contains 'a')].title", `["Sayings"]`},
		{book + "[?(@.tags.length() > 1)].title", `["Sayings"]`}, {book + "[?((@.price > 20) && !(@.price < 5))].title", `["Rings"]`}, {"$.n[?(@ > 1.6)]", "[3,2]"}, {"$.store.bicycle[?(@.price > 1)]", `[{"color":"red","price":19.95}]`},
		{book + ".length()", "4"}, {"$.n.size()", "3"}, {"$.n.min()", "1.5"}, {"$.n.max()", "3.0"}, {"$.n.sum()", "6.5"}, {"$.n.avg()", "2.1666666666666665"}, {"$.store.keys()", `["book","bicycle"]`}, {"$.n.first()", "3"}, {"$.n.last()", "2"}, {"$.n.index(1)", "1.50"}, {"$.n.append(4)", "[3,1.50,2,4]"}, {"$..title.concat()", `"SayingsSwordMoby DickRings"`}, {"$.expensive.min()", "none"}, {"$.expensive.length()", "none"}, {"$..price.max()", "22.99"},
		{"$.n[ 0 ]", "3"}, {"$.store.book[0]['author', 'title']", `{"author":"Nigel Rees","title":"Sayings"}`},
	} {
		if got := get(t, store, test.path); got != test.want {
			t.Errorf("%s = %s, want %s", test.path, got, test.want)
		}
	}
	if got := get(t, "[1]", "$"); got != "[1]" {
		t.Errorf("$ = %s", got)
	}
}

func TestDefinite(t *testing.T) {
	for path, want := range map[string]bool{"$": true, "$.a[0]['b']": true, "$.a[-1]": true, "$.*": false, "$..a": false, "$[0,1]": false, "$[0:1]": false, "$['a','b']": true, "$['a','b'].c": false, "$..['a','b']": false, "$['a','b'].length()": false, "$[?(@.a)]": false} {
		p, err := Parse(path)
		if err != nil || p.Definite() != want || p.String() != path {
			t.Errorf("%s: %v, %v; want definite %v", path, p, err, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, path := range []string{
		"", "  ", "$.", "$..", "$[", "$[]", "$['a'", "$['a", "$[1,]", "$[a]", "$.a.nope()", "$.a.length(", "$[?(@.a", "$[?(@.a ==)]", "$[?(@.a =~ x)]", "$[?(@.a =~ /(/)]", "$[?(@.a =~ /a)]", "$.a b[", "$x",
		"$.a.index()", "$..length()", "$[?(@.a in [1)]", "$[99999999999]", "$" + strings.Repeat(".a", maxLength), "$[?" + strings.Repeat("(", 1000) + "@" + strings.Repeat(")", 1000) + "]",
	} {
		p, err := Parse(path)
		var typed *Error
		if !errors.As(err, &typed) || typed.Offset < 0 {
			t.Errorf("Parse(%.40q) = %v, %v; want an error", path, p, err)
		}
	}
}

// TestBounds: work that multiplies ends without a result.
func TestBounds(t *testing.T) {
	wide := "[" + strings.Repeat("0,", 2000) + "0]"
	for _, test := range []struct{ document, path string }{
		{wide, "$[?($[?(@ == 1)] empty true)]"},
		{strings.Repeat("[", 400) + strings.Repeat("]", 400), "$" + strings.Repeat("..*", 6)},
		{`["` + strings.Repeat("a", 40) + `!"]`, "$[?(@ =~ /(a+)+/)]"},
	} {
		if got := get(t, test.document, test.path); got != "none" {
			t.Errorf("%s gives %.60s", test.path, got)
		}
	}
}

// FuzzPath: nothing panics or hangs, and a definite path gives no list of its own.
func FuzzPath(f *testing.F) {
	for _, path := range []string{"$.store.book[?(@.price < 10 && @.isbn =~ /0.*/i)].title", "$..*", "$['a','b'][0:-1]", "$.n.append(1, $.n.max())", "$[?(@.tags in [['a'], {\"k\":1}])]", "a.b"} {
		f.Add(path, store)
	}
	f.Fuzz(func(_ *testing.T, path, document string) {
		p, err := Parse(path)
		if err != nil {
			return
		}
		root, err := value.ParseJSON(document)
		if err != nil {
			return
		}
		p.Get(root)
	})
}

// asks is a timer that lets a number of matches pass.
type asks int

func (a *asks) Expired() bool {
	*a--
	return *a < 0
}

// TestGetWithin: the timer is asked before each match, and ends the evaluation.
func TestGetWithin(t *testing.T) {
	root, err := value.ParseJSON(`["a", "b", "a"]`)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Parse("$[?(@ =~ /a/)]")
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[asks]bool{3: true, 2: false, 0: false} {
		timer := n
		if _, ok := p.GetWithin(root, &timer); ok != want {
			t.Errorf("time for %d matches of three: got %t, want %t", n, ok, want)
		}
	}
}
