package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/changes"
	"github.com/postern-gateway/postern/lint"
)

// upEvent is one line that up writes for scripts.
type upEvent struct {
	// Event is "up" once for each stage, then "served" for each API of a save
	// that is served, "removed" for what a save has no more, and "refused" or
	// "failed" for each save that is not served.
	Event string `json:"event"`

	API      string `json:"api,omitempty"`
	Stage    string `json:"stage,omitempty"`
	URL      string `json:"url,omitempty"`      // of the stage, in the path form
	Endpoint string `json:"endpoint,omitempty"` // of the AWS API

	Deployment   string           `json:"deployment,omitempty"`
	Milliseconds int64            `json:"milliseconds,omitempty"` // from the save until it is served
	Changes      []changes.Change `json:"changes,omitempty"`
	Settings     []string         `json:"settings,omitempty"` // patch operations on stages of a template, as "STAGE: OP PATH"

	Findings []lint.Finding `json:"findings,omitempty"`
	Error    string         `json:"error,omitempty"`
}

func (u *up) event(e upEvent) error { return writeJSON(u.env.Stdout, e) }

// reportFindings tells what is wrong with a file.
func (u *up) reportFindings(findings []lint.Finding) error {
	if u.output == forPeople {
		printFindings(newScreen(u.env.Stderr, u.env.Lookup), u.file, findings)
		return nil
	}
	if len(findings) == 0 {
		return nil
	}
	name := "warned"
	if slices.ContainsFunc(findings, func(f lint.Finding) bool { return f.Severity == lint.Error }) {
		name = "refused"
	}
	return u.event(upEvent{Event: name, Findings: findings})
}

// reportError tells why a save is not served.
func (u *up) reportError(failure error) error {
	if u.output == forScripts {
		if errors.Is(failure, errUnusable) {
			return nil // the findings were reported
		}
		return u.event(upEvent{Event: "failed", Error: failure.Error()})
	}
	s := newScreen(u.env.Stderr, u.env.Lookup)
	consequence := "; what was deployed before keeps serving"
	if !u.begun {
		consequence = "; nothing is served yet"
	}
	s.print(0, text{red, failure.Error()}, text{plain, consequence})
	return nil
}

// reportServed tells what a save changed.
func (u *up) reportServed(api *upAPI, source source, e upEvent) error {
	if u.output == forScripts {
		return u.event(e)
	}
	s := newScreen(u.env.Stdout, u.env.Lookup)
	name := u.file
	if api.logicalID != "" {
		name += ": " + *source.definition.API.Name
	}
	said := summary(e.Changes)
	if len(e.Changes) == 0 && len(e.Settings) > 0 {
		said = "no method changed, but settings of stages"
	}
	s.print(0, text{bold, fmt.Sprintf("%s is served, %d ms after the save: %s.", name, e.Milliseconds, said)})
	printChanges(s, e.Changes)
	for _, setting := range e.Settings {
		s.print(2, text{plain, "stage " + setting})
	}
	return nil
}

// reportRemoved tells that the file has an API, or a stage of one, no more.
func (u *up) reportRemoved(api *upAPI, stage string) error {
	if u.output == forScripts {
		return u.event(upEvent{Event: "removed", API: api.id, Stage: stage})
	}
	what := api.logicalID
	if stage != "" {
		what += ", stage " + stage
	}
	newScreen(u.env.Stdout, u.env.Lookup).print(0, text{bold, fmt.Sprintf("%s: %s is removed.", u.file, what)})
	return nil
}

// reportUp tells how to call an API. The curl line has the path form of the
// URL: it works on machines that do not know names below localhost.
func (u *up) reportUp(api *upAPI, s source) error {
	address := func(stage string) string {
		return fmt.Sprintf("%s/restapis/%s/%s/_user_request_", u.gateway, api.id, stage)
	}
	if u.output == forScripts {
		for _, stage := range s.Stages {
			err := u.event(upEvent{Event: "up", API: api.id, Stage: stage.Name, URL: address(stage.Name), Endpoint: u.client.endpoint})
			if err != nil {
				return err
			}
		}
		return nil
	}
	_, host, _ := strings.Cut(u.gateway, "://")
	_, port, _ := strings.Cut(host[strings.LastIndexByte(host, ']')+1:], ":")
	out := u.env.Stdout
	fmt.Fprintf(out, "%s is up:\n\n", *s.definition.API.Name)
	for _, stage := range s.Stages {
		fmt.Fprintf(out, "  http://%s.execute-api.localhost:%s/%s\n", api.id, port, stage.Name)
	}
	fmt.Fprintf(out, "\nCall it, and look at it:\n\n  curl %s%s\n", address(s.Stages[0].Name), firstPath(s.definition))
	keys := ""
	if u.client.keys == defaultKeys { // others are in the environment, and no secret is printed
		keys = "AWS_ACCESS_KEY_ID=" + defaultKeys.AccessKey + " AWS_SECRET_ACCESS_KEY=" + defaultKeys.Secret + " "
	}
	fmt.Fprintf(out, "  %saws --region %s --endpoint-url %s apigateway get-stages --rest-api-id %s\n\n", keys, upRegion, u.client.endpoint, api.id)
	return nil
}

// reportWatching tells that saves are waited for.
func (u *up) reportWatching() {
	if u.watch && u.output == forPeople {
		fmt.Fprintf(u.env.Stdout, "Watching %s; end with Ctrl-C.\n", u.file)
	}
}
