package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/postern-gateway/postern/changes"
	"github.com/postern-gateway/postern/lint"
	"github.com/postern-gateway/postern/openapi"
)

// upEvent is one line that up writes for scripts.
type upEvent struct {
	// Event is "up" once, then "served" for each save that is served, and
	// "refused" or "failed" for each that is not.
	Event string `json:"event"`

	API      string `json:"api,omitempty"`
	Stage    string `json:"stage,omitempty"`
	URL      string `json:"url,omitempty"`      // of the stage, in the path form
	Endpoint string `json:"endpoint,omitempty"` // of the AWS API

	Deployment   string           `json:"deployment,omitempty"`
	Milliseconds int64            `json:"milliseconds,omitempty"` // from the save until it is served
	Changes      []changes.Change `json:"changes,omitempty"`

	Findings []lint.Finding `json:"findings,omitempty"`
	Error    string         `json:"error,omitempty"`
}

func (u *up) event(e upEvent) error { return writeJSON(u.env.Stdout, e) }

// reportFindings tells what is wrong with a document.
func (u *up) reportFindings(report *lint.Report) error {
	if u.output == forPeople {
		printFindings(newScreen(u.env.Stderr, u.env.Lookup), u.file, report.Findings)
		return nil
	}
	name := "warned"
	if report.Count(lint.Error) > 0 {
		name = "refused"
	}
	if len(report.Findings) == 0 {
		return nil
	}
	return u.event(upEvent{Event: name, Findings: report.Findings})
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
	if u.served == nil {
		consequence = "; nothing is served yet"
	}
	s.print(0, text{red, failure.Error()}, text{plain, consequence})
	return nil
}

// reportServed tells what a save changed.
func (u *up) reportServed(deployment string, list []changes.Change, took time.Duration) error {
	if u.output == forScripts {
		return u.event(upEvent{Event: "served", Deployment: deployment, Milliseconds: took.Milliseconds(), Changes: list})
	}
	s := newScreen(u.env.Stdout, u.env.Lookup)
	s.print(0, text{bold, fmt.Sprintf("%s is served, %d ms after the save: %s.", u.file, took.Milliseconds(), summary(list))})
	printChanges(s, list)
	return nil
}

// reportUp tells how to call the API. The curl line has the path form of the
// URL: it works on machines that do not know names below localhost.
func (u *up) reportUp(d *openapi.Definition) error {
	address := fmt.Sprintf("%s/restapis/%s/%s/_user_request_", u.gateway, u.api, u.stage)
	if u.output == forScripts {
		return u.event(upEvent{Event: "up", API: u.api, Stage: u.stage, URL: address, Endpoint: u.client.endpoint})
	}
	_, host, _ := strings.Cut(u.gateway, "://")
	_, port, _ := strings.Cut(host[strings.LastIndexByte(host, ']')+1:], ":")
	out := u.env.Stdout
	fmt.Fprintf(out, "%s is up:\n\n  http://%s.execute-api.localhost:%s/%s\n\n", *d.API.Name, u.api, port, u.stage)
	fmt.Fprintf(out, "Call it, and look at it:\n\n  curl %s%s\n", address, firstPath(d))
	keys := ""
	if u.client.keys == defaultKeys { // others are in the environment, and no secret is printed
		keys = "AWS_ACCESS_KEY_ID=" + defaultKeys.AccessKey + " AWS_SECRET_ACCESS_KEY=" + defaultKeys.Secret + " "
	}
	fmt.Fprintf(out, "  %saws --region %s --endpoint-url %s apigateway get-stages --rest-api-id %s\n\n", keys, upRegion, u.client.endpoint, u.api)
	if u.watch {
		fmt.Fprintf(out, "Watching %s; end with Ctrl-C.\n", u.file)
	}
	return nil
}
