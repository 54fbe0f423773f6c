package complete

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/wire/members"
)

// recorder is the HTTP client of the SDK's client. It notes what the answers
// carry.
type recorder struct {
	client *http.Client
	seen   *members.Set
	last   []byte // the body of the last answer
}

func newRecorder() *recorder { return &recorder{client: &http.Client{}, seen: members.NewSet()} }

// Do sends a request and records its answer.
func (r *recorder) Do(request *http.Request) (*http.Response, error) {
	answer, err := r.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if r.last, err = io.ReadAll(answer.Body); err != nil {
		return nil, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(r.last))
	if answer.StatusCode < 300 {
		r.seen.Add(operationNamed(awsmiddleware.GetOperationName(request.Context())).Output, answer.Header, r.last)
	}
	return answer, nil
}

func operationNamed(name string) apigw.Operation {
	i := slices.IndexFunc(apigw.Operations, func(o apigw.Operation) bool { return o.Name == name })
	if i < 0 {
		panic("no operation " + name)
	}
	return apigw.Operations[i]
}

// TestMembersBite takes a member away, adds one that has a reason and one that
// does not exist, and wants to be told.
func TestMembersBite(t *testing.T) {
	all := members.NewSet()
	given := maps.Clone(reasons)
	maps.Copy(given, gapReasons())
	for _, m := range members.Outputs() {
		all.Carried[m.Path] = reasonFor(given, m) == ""
	}
	if faults := CheckMembers(all); len(faults) > 0 {
		t.Fatalf("of what is whole: %q", faults)
	}
	for name, spoil := range map[string]func(s *members.Set){
		"no answer carries Stages.item.canarySettings.useStageCache (CanarySettings.useStageCache)": func(s *members.Set) {
			delete(s.Carried, "Stages.item.canarySettings.useStageCache")
		},
		`an answer carries Stage.webAclArn, and "Stage.webAclArn" is a reason`: func(s *members.Set) { s.Carried["Stage.webAclArn"] = true },
		"answers carry Stage.color, which the model does not have": func(s *members.Set) {
			s.Add("Stage", nil, []byte(`{"color": "red"}`))
		},
	} {
		broken := &members.Set{Carried: maps.Clone(all.Carried), Unknown: map[string]bool{}}
		spoil(broken)
		if faults := CheckMembers(broken); len(faults) != 1 || !strings.HasPrefix(faults[0], name) {
			t.Errorf("%q, want one that begins with %q", faults, name)
		}
	}
}

func operationNames() []string {
	var names []string
	for _, operation := range apigw.Operations {
		names = append(names, operation.Name)
	}
	slices.Sort(names)
	return names
}
