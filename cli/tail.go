package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func newTail(env Environment) *cobra.Command {
	var endpoint string
	var output format
	var status, method, path, release []string
	cmd := &cobra.Command{
		Use:   "tail API/STAGE",
		Short: "Print the requests of a stage as they finish",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, stage, ok := strings.Cut(args[0], "/")
			if !ok {
				return fmt.Errorf("%q: want API/STAGE", args[0])
			}
			query := url.Values{"status": status, "method": method, "path": path, "release": release}
			lines, err := newClient(env, endpoint).stream(cmd.Context(), "/_postern/tail/"+api+"/"+stage+"?"+query.Encode())
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			defer lines.Close()
			show := func(line []byte) error {
				_, err := fmt.Fprintf(env.Stdout, "%s\n", line)
				return err
			}
			if output != forScripts {
				s := newScreen(env.Stdout, env.Lookup)
				show = func(line []byte) error { return s.finished(line) }
			}
			return tail(cmd.Context(), lines, show)
		},
	}
	f := cmd.Flags()
	f.StringVar(&endpoint, "endpoint", "http://"+defaultListen, "address of the AWS API")
	output.addTo(cmd)
	f.StringArrayVar(&status, "status", nil, "only this status, such as 404 or 5xx; repeatable")
	f.StringArrayVar(&method, "method", nil, "only this method; repeatable")
	f.StringArrayVar(&path, "path", nil, "only this path after the stage: * is anything in a segment, /** at the end anything below; repeatable")
	f.StringArrayVar(&release, "release", nil, "only production or canary")
	return cmd
}

// tail shows lines until they end, or the command is interrupted.
func tail(ctx context.Context, lines io.Reader, show func([]byte) error) error {
	scanner := bufio.NewScanner(lines)
	for scanner.Scan() {
		if len(scanner.Bytes()) == 0 {
			continue // a heartbeat
		}
		if err := show(scanner.Bytes()); err != nil {
			return err
		}
	}
	if err := scanner.Err(); err != nil && ctx.Err() == nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return nil
}

// finishedRequest is what the text form shows of a line.
type finishedRequest struct {
	Time                  time.Time
	RequestID             string
	Method, Path, Release string
	Status                int
	Bytes                 int64
	Milliseconds          float64
	BackendMilliseconds   *float64
	Response, Error       string
	Missed                int64
}

// finished prints a request on one line.
func (s *screen) finished(line []byte) error {
	var f finishedRequest
	if err := json.Unmarshal(line, &f); err != nil {
		return fmt.Errorf("the node sent a line that cannot be read: %w", err)
	}
	if f.Missed > 0 {
		s.print(0, text{yellow, fmt.Sprintf("%d requests are not shown: they came too fast", f.Missed)})
	}
	took := fmt.Sprintf("%.1f ms", f.Milliseconds)
	if f.BackendMilliseconds != nil {
		took += fmt.Sprintf(" (backend %.1f)", *f.BackendMilliseconds)
	}
	end := ""
	if f.Release != "production" {
		end += " " + f.Release
	}
	if f.Response != "" {
		end += " " + f.Response
	}
	s.print(0, text{plain, f.Time.Local().Format("15:04:05.000") + " "}, text{statusStyle(f.Status), fmt.Sprint(f.Status)},
		text{plain, fmt.Sprintf(" %-6s %s %s %d bytes%s %s", f.Method, max(f.Path, "/"), took, f.Bytes, end, f.RequestID)})
	return nil
}

func statusStyle(status int) style {
	switch {
	case status >= 500:
		return red
	case status >= 400:
		return yellow
	}
	return green
}

// stream asks for something that has no end of its own.
func (c *client) stream(ctx context.Context, target string) (io.ReadCloser, error) {
	response, err := c.open(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		defer response.Body.Close()
		answer, _ := io.ReadAll(response.Body) // it only makes the message better
		return nil, fmt.Errorf("%s: %s", response.Status, refusal(response, answer))
	}
	return response.Body, nil
}
