package cli

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

func newExplain(env Environment) *cobra.Command {
	var endpoint, curl string
	var output format
	cmd := &cobra.Command{
		Use:   "explain [REQUEST-ID]",
		Short: "Tell why a request was answered as it was",
		Long: "Tell why a request was answered as it was: its route and release, the limits\n" +
			"with what is left of them, the cache, the backend, and the settings that\n" +
			"decided.\n\n" +
			"REQUEST-ID is the x-amzn-RequestId of an answer; the node must run with\n" +
			"--explain-last. With --curl a request is sent and explained, on any node.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (len(args) == 1) == (curl != "") {
				return fmt.Errorf("want either a request id or --curl")
			}
			c := newClient(env, endpoint)
			var id string
			if len(args) == 1 {
				id = args[0]
			} else if sent, err := c.explained(cmd, curl); err != nil {
				return err
			} else {
				id = sent
			}
			response, body, err := c.send(cmd.Context(), http.MethodGet, "/_postern/explain/"+id, nil)
			if err != nil {
				return err
			}
			if response.StatusCode != http.StatusOK {
				return fmt.Errorf("%s: %s", id, refusal(response, body))
			}
			if output == forScripts {
				_, err := env.Stdout.Write(body)
				return err
			}
			return newScreen(env.Stdout, env.Lookup).explanation(body)
		},
	}
	f := cmd.Flags()
	f.StringVar(&endpoint, "endpoint", "http://"+defaultListen, "address of the AWS API")
	output.addTo(cmd)
	f.StringVar(&curl, "curl", "", "a command line of curl for the request to send")
	return cmd
}

// explained sends a request that the node explains, and returns its id.
func (c *client) explained(cmd *cobra.Command, curl string) (string, error) {
	request, err := parseCurl(curl)
	if err != nil {
		return "", fmt.Errorf("--curl: %w", err)
	}
	response, body, err := c.send(cmd.Context(), http.MethodPost, "/_postern/explain", nil)
	if err != nil {
		return "", err
	}
	var announced struct{ RequestID string }
	if response.StatusCode != http.StatusOK || json.Unmarshal(body, &announced) != nil {
		return "", fmt.Errorf("announce a request: %s", refusal(response, body))
	}
	answer, err := request.send(cmd, announced.RequestID)
	if err != nil {
		return "", err
	}
	if got := answer.Header.Get("x-amzn-RequestId"); got != announced.RequestID {
		return "", fmt.Errorf("%s did not answer as the gateway of %s", request.url, c.endpoint)
	}
	return announced.RequestID, nil
}

// explanation is what the text form shows.
type explanation struct {
	RequestID, Method, Path string
	Status                  int
	Notes                   []struct {
		Step, Text       string
		AfterNanoseconds time.Duration
	}
}

// explanation prints one line for each note.
func (s *screen) explanation(body []byte) error {
	var e explanation
	if err := json.Unmarshal(body, &e); err != nil {
		return fmt.Errorf("the node sent an explanation that cannot be read: %w", err)
	}
	s.print(0, text{bold, e.Method + " " + e.Path + " "}, text{statusStyle(e.Status), fmt.Sprint(e.Status)}, text{plain, "  " + e.RequestID})
	for _, note := range e.Notes {
		s.print(2, text{plain, fmt.Sprintf("%9.3f ms  ", float64(note.AfterNanoseconds.Microseconds())/1000)},
			text{bold, fmt.Sprintf("%-15s", note.Step)}, text{plain, " " + note.Text})
	}
	return nil
}

// curlRequest is what a command line of curl asks for.
type curlRequest struct {
	method, url, host string
	header            http.Header
	body              []byte
	insecure          bool
}

func (q *curlRequest) send(cmd *cobra.Command, id string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(cmd.Context(), q.method, q.url, bytes.NewReader(q.body))
	if err != nil {
		return nil, err
	}
	request.Header, request.Host = q.header, q.host
	request.Header["x-amzn-RequestId"] = []string{id}
	client := &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: q.insecure}}, // the user said --insecure
	}
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response, err
}
