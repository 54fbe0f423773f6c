package spec

import "testing"

// TestMatch holds the recorded rows, and those of the guide for */*.
func TestMatch(t *testing.T) {
	for _, test := range []struct {
		header string
		types  MediaTypes
		want   bool
	}{
		{"image/png", nil, false},
		{"image/png", MediaTypes{"image/png"}, true},
		{"image/png", MediaTypes{"text/a", "image/png"}, true},
		{"image/png; q=1", MediaTypes{"image/png"}, true},
		{" image/png ,text/html", MediaTypes{"image/png"}, true},
		{"text/html,image/png", MediaTypes{"image/png"}, false},
		{"image/jpeg", MediaTypes{"image/png"}, false},
		{"application/zip", MediaTypes{"application/*"}, true},
		{"application/*", MediaTypes{"application/*"}, true},
		{"applications/zip", MediaTypes{"application/*"}, false},
		{"text/test", MediaTypes{"*/test"}, false},
		{"*/*", MediaTypes{"image/png"}, false},
		{"image/*", MediaTypes{"image/png"}, false},
		{"image", MediaTypes{"image", "image/*"}, false},
		{"", MediaTypes{"image/png", "", "/*"}, false},
		{"", MediaTypes{"*/*"}, true},
		{"text/plain", MediaTypes{"image/png", "*/*"}, true},
	} {
		if got := test.types.Match(test.header); got != test.want {
			t.Errorf("Match(%q) of %q: got %t, want %t", test.header, test.types, got, test.want)
		}
	}
}
