package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
func definition(ctx context.Context, endpoint, api, stage string) (*preview, error) {
	return ask(ctx, http.MethodGet, endpoint+definitionPath(api, stage), nil)
}

func ask(ctx context.Context, method, address string, body []byte) (*preview, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	if response.StatusCode != http.StatusOK {
		var refusal struct{ Message string }
		_ = json.Unmarshal(answer, &refusal) // an answer that is no JSON has no message
		if refusal.Message == "" {
			refusal.Message = response.Status
		}
		return nil, errors.New(refusal.Message)
	}
	out := &preview{}
	if err := json.Unmarshal(answer, out); err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	return out, nil
}
