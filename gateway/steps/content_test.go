package steps

import (
	"testing"

	"github.com/postern-gateway/postern/plan/spec"
)

// TestConversions holds all cells of both tables (recorded in front of S3).
func TestConversions(t *testing.T) {
	const none, bytes, text = "", spec.ConvertToBinary, spec.ConvertToText
	for _, test := range []struct {
		binary  bool
		content string
		want    conversion
	}{
		{false, none, asText}, {false, bytes, fromBase64}, {false, text, asText},
		{true, none, asIs}, {true, bytes, asIs}, {true, text, toBase64},
	} {
		if got := requestConversion(test.binary, test.content); got != test.want {
			t.Errorf("request, binary %t, %q: got %v, want %v", test.binary, test.content, got, test.want)
		}
	}
	for _, test := range []struct {
		payload, accept bool
		content         string
		want            conversion
	}{
		{false, false, none, asText}, {false, false, bytes, fromBase64}, {false, false, text, asText},
		{false, true, none, fromBase64}, {false, true, bytes, fromBase64}, {false, true, text, asText},
		{true, false, none, toBase64}, {true, false, bytes, asIs}, {true, false, text, toBase64},
		{true, true, none, asIs}, {true, true, bytes, asIs}, {true, true, text, toBase64},
	} {
		if got := responseConversion(test.payload, test.accept, test.content); got != test.want {
			t.Errorf("response, payload %t, accept %t, %q: got %v, want %v", test.payload, test.accept, test.content, got, test.want)
		}
	}
}

func TestApply(t *testing.T) {
	const refused = "error"
	for _, test := range []struct {
		how        conversion
		body, want string
	}{
		{asText, "caf\u00e9", "caf\u00e9"},
		{asText, "\x1f\x8b\x08a\xc3", "\x1f\uFFFD\x08a\uFFFD"}, // recorded: one for each byte
		{asText, "\xff\xfe\xff", "\uFFFD\uFFFD\uFFFD"},
		{asIs, "\x1f\x8b", "\x1f\x8b"},
		{toBase64, "\x1f\x8b\x00", "H4sA"}, {toBase64, "a", "YQ=="},
		{fromBase64, "H4sA", "\x1f\x8b\x00"}, {fromBase64, "YQ==", "a"}, {fromBase64, "YQ", "a"},
		{fromBase64, "plain text", refused}, {fromBase64, "\x1f\x8b\x08\x00", refused}, {fromBase64, "YQ=", refused}, {fromBase64, "Y", refused},
	} {
		got, err := test.how.apply([]byte(test.body))
		if err != nil {
			got = []byte(refused)
		}
		if string(got) != test.want {
			t.Errorf("%v of %q: got %q, want %q", test.how, test.body, got, test.want)
		}
	}
}
