package mapping

import "testing"

func TestText(t *testing.T) {
	s := &Source{
		Variables: map[string]string{"color": "blue"},
		Context:   Context{Stage: "dev", Failure: Failure{MessageString: `"Forbidden"`, ResponseType: "ACCESS_DENIED"}},
	}
	for text, want := range map[string]string{
		"":                "",
		"plain $5 and $x": "plain $5 and $x",
		`{"message":$context.error.messageString}`:        `{"message":"Forbidden"}`,
		`"$context.error.responseType"/${context.stage}.`: `"ACCESS_DENIED"/dev.`,
		"$stageVariables.color$stageVariables.none!":      "blue!",
		"$context.nothing.known-1|":                       "|",
		"$!{context.stage}":                               "dev",
	} {
		if got := string(ParseText(text).Append(nil, s)); got != want {
			t.Errorf("%q\n got %q\nwant %q", text, got, want)
		}
	}
}
