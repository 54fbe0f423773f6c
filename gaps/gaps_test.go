package gaps

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestREADME: the table that users read is the register.
func TestREADME(t *testing.T) {
	data, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	want, err := Insert(string(data))
	if err != nil {
		t.Fatalf("README.md: %v", err)
	}
	if diff := cmp.Diff(want, string(data)); diff != "" {
		t.Errorf("README.md is not up to date: go run ./gaps/gen README.md (-want +got):\n%s", diff)
	}
}

func TestInsert(t *testing.T) {
	table := Begin + "\n" + Markdown() + End
	for _, row := range []struct{ name, document, want, err string }{
		{"empty", "a\n" + Begin + End + "\nb", "a\n" + table + "\nb", ""},
		{"old table", Begin + "\nold\n" + End + "\n", table + "\n", ""},
		{"twice", table, table, ""},
		{"no markers", "a", "", "want one"},
		{"no end", Begin, "", "want one"},
		{"two begins", Begin + Begin + End, "", "want one"},
		{"wrong order", End + Begin, "", "stands before"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := Insert(row.document)
			if got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
			if row.err == "" && err != nil || row.err != "" && (err == nil || !strings.Contains(err.Error(), row.err)) {
				t.Errorf("error: got %v, want one with %q", err, row.err)
			}
		})
	}
}

// TestRegister: what an entry needs to make sense in the table.
func TestRegister(t *testing.T) {
	subjects := map[string]bool{}
	for _, gap := range Register {
		if subjects[gap.Subject] {
			t.Errorf("two entries about %q", gap.Subject)
		}
		subjects[gap.Subject] = true
		if (gap.Kind == NotServed) != (len(gap.Operations) > 0) {
			t.Errorf("%q: kind %q with operations %v", gap.Subject, gap.Kind, gap.Operations)
		}
		if strings.ContainsAny(gap.Subject+gap.Meaning, "|\n") {
			t.Errorf("%q would break the table", gap.Subject)
		}
		for _, operation := range gap.Operations {
			if want := operation + " is not served by this version of postern (" + gap.Subject + ")"; Explain(operation) != want {
				t.Errorf("Explain(%s): got %q, want %q", operation, Explain(operation), want)
			}
		}
	}
	if got, want := Explain("Nope"), "Nope is not served by this version of postern"; got != want {
		t.Errorf("Explain of an unknown operation: got %q, want %q", got, want)
	}
}
