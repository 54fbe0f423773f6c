package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/openapi"
)

// preview is what a node answers of a definition.
type preview struct {
	Snapshot *domain.Snapshot
	Problems []openapi.Problem
}

func definitionPath(api, stage string) string {
	path := "/_postern/definition/" + url.PathEscape(api)
	if stage != "" {
		path += "/" + url.PathEscape(stage)
	}
	return path
}

// definition asks a node for what a stage serves, or without a stage for what
// a deployment would freeze.
func (c *client) definition(ctx context.Context, api, stage string) (*preview, error) {
	return c.ask(ctx, http.MethodGet, definitionPath(api, stage), nil)
}

func (c *client) ask(ctx context.Context, method, target string, body []byte) (*preview, error) {
	response, answer, err := c.send(ctx, method, target, body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, errors.New(refusal(response, answer))
	}
	out := &preview{}
	if err := json.Unmarshal(answer, out); err != nil {
		return nil, fmt.Errorf("%s: %w", target, err)
	}
	return out, nil
}
