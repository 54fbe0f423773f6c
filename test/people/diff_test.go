package people

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/google/go-cmp/cmp"

	"github.com/postern-gateway/postern/test/postern"
)

// TestDiff: "I changed it and nothing changed".
func TestDiff(t *testing.T) {
	server := postern.Start(t, "--ephemeral")
	client := server.Client()
	api := postern.NewAPI(t, client, "colors")
	api.Mock(t, "GET", "/color", "red", map[string]string{"X-Shade": "'dark'"})
	api.Deploy(t, "dev")
	target := api.ID + "/dev"
	diff := func(code int, want string, args ...string) {
		t.Helper()
		got, stdout, stderr := run(t, append([]string{"diff", "--endpoint", server.BaseURL}, args...)...)
		if d := cmp.Diff(want, stdout); d != "" || got != code {
			t.Errorf("postern diff %v: code %d, want %d; output (-want +got):\n%s\nstandard error: %s", args, got, code, d, stderr)
		}
	}
	diff(0, "The definition of the API is what "+target+" serves: a deployment would change nothing.\n", "--exit-code", target)

	api.SetHeader(t, "GET", "/color", "X-Shade", "'light'")
	api.Mock(t, "POST", "/color", "new", nil)
	if got := server.Get(t, api.ID, "dev", "/color").Header.Get("X-Shade"); got != "dark" {
		t.Fatalf("the edit is served before it is deployed: %q", got)
	}
	edited := "The definition of the API is not what " + target + ` serves. A deployment would change:
~ GET /color
    methodIntegration/integrationResponses/200/responseParameters/method.response.header.X-Shade
      - 'dark'
      + 'light'
+ POST /color
`
	diff(0, edited, target)
	diff(1, edited, "--exit-code", target)
	diff(0, `{"api":"`+api.ID+`","stage":"dev","changes":[`+
		`{"part":"method","path":"/color","verb":"GET","kind":"changed","details":[{"member":"/methodIntegration/integrationResponses/200/responseParameters/method.response.header.X-Shade","before":"'dark'","after":"'light'"}]},`+
		`{"part":"method","path":"/color","verb":"POST","kind":"added"}]}`+"\n", "--output", "json", target)

	// A definition that a deployment would refuse.
	resource := api.Resource(t, "/color")
	if _, err := client.DeleteIntegration(t.Context(), &apigateway.DeleteIntegrationInput{RestApiId: &api.ID, ResourceId: &resource, HttpMethod: new("POST")}); err != nil {
		t.Fatal(err)
	}
	_, _, stderr := run(t, "diff", "--endpoint", server.BaseURL, target)
	if !strings.Contains(stderr, api.ID+": error: No integration defined for method: 'POST' on resource at path '/color' cannot be deployed\n") {
		t.Errorf("a method without integration: %q", stderr)
	}

	for _, wrong := range []struct{ target, want string }{
		{api.ID + "/prod", "postern: Invalid stage identifier specified\n"},
		{"nothing/dev", "postern: Invalid API identifier specified\n"},
		{api.ID, `postern: "` + api.ID + `": want API/STAGE` + "\n"},
	} {
		code, stdout, stderr := run(t, "diff", "--endpoint", server.BaseURL, wrong.target)
		if code != 1 || stdout != "" || stderr != wrong.want {
			t.Errorf("%s: code %d, %q, %q; want %q", wrong.target, code, stdout, stderr, wrong.want)
		}
	}
}

// TestDiffFile: what the import of a file and a deployment would change is what
// they change.
func TestDiffFile(t *testing.T) {
	server := postern.Start(t, "--ephemeral")
	client := server.Client()
	imported, err := client.ImportRestApi(t.Context(), &apigateway.ImportRestApiInput{Body: []byte(document("red"))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateDeployment(t.Context(), &apigateway.CreateDeploymentInput{RestApiId: imported.Id, StageName: new("dev")}); err != nil {
		t.Fatal(err)
	}
	target := *imported.Id + "/dev"
	diff := func(text string, args ...string) (changes []struct{ Part, Path, Verb, Kind string }) {
		t.Helper()
		path := file(t, text)
		code, stdout, stderr := run(t, append([]string{"diff", "--endpoint", server.BaseURL, "--output", "json", path, target}, args...)...)
		var result struct {
			Changes []struct{ Part, Path, Verb, Kind string }
		}
		if err := json.Unmarshal([]byte(stdout), &result); err != nil || code != 0 {
			t.Fatalf("code %d, %v: %s%s", code, err, stdout, stderr)
		}
		return result.Changes
	}
	if got := diff(document("red")); len(got) != 0 {
		t.Errorf("the same file differs: %+v", got)
	}
	other := strings.Replace(document("blue"), "/color", "/colour", 1)
	want := []struct{ Part, Path, Verb, Kind string }{{"method", "/color", "GET", "removed"}, {"method", "/colour", "GET", "added"}}
	if d := cmp.Diff(want, diff(other)); d != "" {
		t.Errorf("overwrite (-want +got):\n%s", d)
	}
	if d := cmp.Diff(want[1:], diff(other, "--mode", "merge")); d != "" {
		t.Errorf("merge (-want +got):\n%s", d)
	}
	path := file(t, "openapi: 3.0.1\ninfo: {title: x}\npaths:\n  a: {}\n")
	code, stdout, stderr := run(t, "diff", "--endpoint", server.BaseURL, path, target)
	if code != 1 || stdout != "" || !strings.Contains(stderr, path+":4:3: error: ") || !strings.HasSuffix(stderr, "postern: "+path+" cannot be imported\n") {
		t.Errorf("a file that cannot be imported: code %d, %q, %q", code, stdout, stderr)
	}

	if _, err := client.PutRestApi(t.Context(), &apigateway.PutRestApiInput{RestApiId: imported.Id, Mode: types.PutModeOverwrite, Body: []byte(other)}); err != nil {
		t.Fatal(err)
	}
	if got := server.Get(t, *imported.Id, "dev", "/color").Status; got != 200 {
		t.Errorf("an import without a deployment changed what is served: %d", got)
	}
	if got := diff(other); len(got) != 2 {
		t.Errorf("imported and not deployed: %+v, want two changes", got)
	}
}
