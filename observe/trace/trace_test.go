package trace

import (
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	const root = "1-5759e988-bd862e3fe1be46a994272793"
	for _, c := range []struct {
		value string
		want  Header
		id    string
	}{
		{"Root=" + root + ";Parent=53995c3f42cd8ad8;Sampled=1", Header{root, "53995c3f42cd8ad8", "1"}, "5759e988bd862e3fe1be46a994272793"},
		{"Self=1-67891234-12456789abcdef012345678; ROOT=" + root + "; sampled=0;Lineage=25:a87bd80c:1", Header{root, "", "0"}, "5759e988bd862e3fe1be46a994272793"},
		{"Root=" + strings.ToUpper(root), Header{strings.ToUpper(root), "", ""}, "5759e988bd862e3fe1be46a994272793"},
		{"Root=;Parent;Sampled=?", Header{"", "", "?"}, ""},
		{"Root=2-5759e988-bd862e3fe1be46a994272793", Header{Root: "2-5759e988-bd862e3fe1be46a994272793"}, ""},
		{"Root=1-00000000-000000000000000000000000", Header{Root: "1-00000000-000000000000000000000000"}, ""},
		{"", Header{}, ""},
	} {
		got := Parse(c.value)
		if got != c.want || got.ID() != c.id {
			t.Errorf("Parse(%q) = %+v with id %q, want %+v with %q", c.value, got, got.ID(), c.want, c.id)
		}
	}
}

func TestParseParent(t *testing.T) {
	const good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	for _, c := range []struct {
		value, want string
	}{
		{good, "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1"},
		{good[:54] + "0", "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=0"},
		{good[:53] + "ff", "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1"},
		{"01" + good[2:] + "-more", "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1"},
		{"01" + good[2:] + "more", ""},
		{good + "-more", ""},
		{"ff" + good[2:], ""},
		{strings.ToUpper(good), ""},
		{good[:54], ""},
		{"00-00000000000000000000000000000000-b7ad6b7169203331-01", ""},
		{"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", ""},
		{"", ""},
	} {
		h, ok := ParseParent(c.value)
		got := ""
		if ok {
			got = h.String()
		}
		if got != c.want {
			t.Errorf("ParseParent(%q) = %q, want %q", c.value, got, c.want)
		}
	}
	h, _ := ParseParent(good)
	if got := h.TraceParent(); got != good {
		t.Errorf("TraceParent() = %q, want %q", got, good)
	}
}

// FuzzParse: whatever a client sends, what is taken for an id is one.
func FuzzParse(f *testing.F) {
	f.Add("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")
	f.Add("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	f.Add("Root=1-5759e988-bd862e3fe1be46a994272793\x00;=;;Parent")
	f.Fuzz(func(t *testing.T, value string) {
		list := []Header{Parse(value)}
		if h, ok := ParseParent(value); ok {
			list = append(list, h)
		}
		for i, h := range list {
			id, span := h.ID(), h.Span()
			if id != "" && (len(id) != 32 || !lowerHex(id)) || span != "" && (len(span) != 16 || !lowerHex(span)) {
				t.Errorf("%q: id %q, span %q", value, id, span)
			}
			if i == 1 && (id == "" || span == "" || !h.Decided()) {
				t.Errorf("%q: %+v is not complete", value, h)
			}
		}
	})
}

// TestSampler: one in a second, and of the others those that drew little.
func TestSampler(t *testing.T) {
	var all Samplers
	s := all.Stage("api", "dev")
	at := time.Unix(1000, 0)
	for i, c := range []struct {
		after time.Duration
		draw  float64
		want  bool
	}{
		{0, 99, true}, {0, 99, false}, {999 * time.Millisecond, 5, false}, {0, 4.99, true},
		{time.Second, 99, true}, {1500 * time.Millisecond, 99, false}, {500 * time.Millisecond, 99, false},
	} {
		if got := s.Sample(at.Add(c.after), c.draw); got != c.want {
			t.Errorf("request %d at %v that drew %v: %v, want %v", i, c.after, c.draw, got, c.want)
		}
	}
	if all.Stage("api", "dev") != s || all.Stage("api", "prod") == s {
		t.Error("a stage has not its own sampler, always the same")
	}
}
