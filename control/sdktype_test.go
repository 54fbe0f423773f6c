package control

import (
	"fmt"
	"testing"
)

func TestSdkTypes(t *testing.T) {
	h := newHarness(t)
	wantPages(t, h, "/sdktypes?limit=4", "id", "android", "java", "javascript", "objectivec", "", "ruby", "swift")
	// What the guide says is required. Java's two have their newer names here.
	for id, want := range map[string]string{
		"android":    "[groupId invokerPackage artifactId artifactVersion]",
		"java":       "[service.name java.package-name]",
		"javascript": "[]",
		"objectivec": "[classPrefix]",
		"ruby":       "[service.name]",
		"swift":      "[classPrefix]",
	} {
		var required []string
		for _, p := range h.do("GET", "/sdktypes/"+id, nil)["configurationProperties"].([]any) {
			if property := p.(map[string]any); property["required"] == true {
				required = append(required, property["name"].(string))
			}
		}
		if got := fmt.Sprint(required); got != want {
			t.Errorf("%s requires %s, want %s", id, got, want)
		}
	}
	wantRefusal(t, h.call("GET", "/sdktypes/cobol", nil), 404, "Invalid SDK type identifier specified")
}
