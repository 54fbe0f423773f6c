package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/postern-gateway/postern/apigw"
)

func newCache(env Environment) *cobra.Command {
	var endpoint, flushPath, flushKey string
	var flush bool
	var output format
	cmd := &cobra.Command{
		Use:   "cache API/STAGE",
		Short: "List what the cache of a stage holds, or flush some or all of it",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, stage, ok := strings.Cut(args[0], "/")
			if !ok {
				return fmt.Errorf("%q: want API/STAGE", args[0])
			}
			c, target := newClient(env, endpoint), "/_postern/cache/"+api+"/"+stage
			if flush {
				in := &apigw.FlushStageCacheRequest{RestApiId: api, StageName: stage}
				return c.call(cmd.Context(), "FlushStageCache", in, nil)
			}
			method := http.MethodGet
			if query := (url.Values{}); flushPath != "" || flushKey != "" {
				for name, value := range map[string]string{"path": flushPath, "key": flushKey} {
					if value != "" {
						query.Set(name, value)
					}
				}
				method, target = http.MethodDelete, target+"?"+query.Encode()
			}
			response, body, err := c.send(cmd.Context(), method, target, nil)
			if err != nil {
				return err
			}
			if response.StatusCode != http.StatusOK {
				return fmt.Errorf("%s: %s", args[0], refusal(response, body))
			}
			if output == forScripts {
				_, err := env.Stdout.Write(body)
				return err
			}
			if method == http.MethodDelete {
				return newScreen(env.Stdout, env.Lookup).flushed(body)
			}
			return newScreen(env.Stdout, env.Lookup).cached(body)
		},
	}
	f := cmd.Flags()
	f.StringVar(&endpoint, "endpoint", "http://"+defaultListen, "address of the AWS API")
	f.BoolVar(&flush, "flush", false, "empty the cache, on all nodes")
	f.StringVar(&flushPath, "flush-path", "", "remove the entries of paths that begin with this one, on this node")
	f.StringVar(&flushKey, "flush-key", "", "remove the entry of a key, on this node")
	cmd.MarkFlagsMutuallyExclusive("flush", "flush-path", "flush-key")
	output.addTo(cmd)
	return cmd
}

// flushed says how many entries are gone.
func (s *screen) flushed(body []byte) error {
	var answer struct{ Removed int }
	if err := json.Unmarshal(body, &answer); err != nil {
		return err
	}
	s.print(0, text{plain, fmt.Sprintf("%d entries removed", answer.Removed)})
	return nil
}

// cached prints one line for each entry.
func (s *screen) cached(body []byte) error {
	var view struct {
		Entries []struct {
			Key, Method, Path       string
			Status                  int
			Bytes, Hits             int64
			AgeSeconds, LeftSeconds float64
			Encrypted               bool
		}
		Bytes, Hits, Misses, Evictions int64
	}
	if err := json.Unmarshal(body, &view); err != nil {
		return fmt.Errorf("the node sent a list that cannot be read: %w", err)
	}
	s.print(0, text{plain, fmt.Sprintf("%d entries, %d bytes, %d hits, %d misses, %d evicted", len(view.Entries), view.Bytes, view.Hits, view.Misses, view.Evictions)})
	for _, e := range view.Entries {
		kind := ""
		if e.Encrypted {
			kind = " encrypted"
		}
		s.print(2, text{bold, e.Method + " " + e.Path}, text{statusStyle(e.Status), fmt.Sprintf(" %d", e.Status)},
			text{plain, fmt.Sprintf("  %d bytes  %d hits  %.0f s old, %.0f s left%s  %s", e.Bytes, e.Hits, e.AgeSeconds, e.LeftSeconds, kind, e.Key)})
	}
	return nil
}
