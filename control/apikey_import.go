package control

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

// minImportedValue is the shortest value of a key in a file: longer than that
// of a single key. Guide.
const minImportedValue = 30

// importedKey is one row of a file of API keys.
type importedKey struct {
	name, value, description string
	enabled                  bool
	plans                    []string
}

// readKeys reads a file of API keys: a header row with the columns Name and Key
// and, if wanted, Description, Enabled and UsagePlanIds, in any order and case;
// other columns are ignored. Guide.
func readKeys(body []byte) ([]importedKey, error) {
	r := csv.NewReader(bytes.NewReader(body))
	r.LazyQuotes, r.FieldsPerRecord, r.TrimLeadingSpace = true, -1, true
	rows, err := r.ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, fault.BadRequestf("Invalid API key file specified. The file must be CSV with a header row.") // assumed
	}
	columns := map[string]int{}
	for i, name := range rows[0] {
		columns[strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))] = i
	}
	for _, needed := range []string{"name", "key"} {
		if _, ok := columns[needed]; !ok {
			return nil, fault.BadRequestf("Invalid API key file specified. The columns Name and Key are required.") // assumed
		}
	}
	var keys []importedKey
	for _, row := range rows[1:] {
		cell := func(column string) string {
			if i, ok := columns[column]; ok && i < len(row) {
				return strings.TrimSpace(row[i])
			}
			return ""
		}
		k := importedKey{name: cell("name"), value: cell("key"), description: cell("description"), enabled: true}
		if text := cell("enabled"); text != "" {
			k.enabled = strings.EqualFold(text, "true")
		}
		for plan := range strings.SplitSeq(strings.Trim(cell("usageplanids"), `'"`), ",") {
			if plan = strings.TrimSpace(plan); plan != "" {
				k.plans = append(k.plans, plan)
			}
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// ImportApiKeys makes or updates the keys of a file. A row that is wrong is a
// warning, unless warnings are to fail the whole.
func (s *Service) ImportApiKeys(ctx context.Context, in *apigw.ImportApiKeysRequest) (*apigw.ApiKeyIds, error) {
	keys, err := readKeys(in.Body)
	if err != nil {
		return nil, err
	}
	out := &apigw.ApiKeyIds{}
	err = s.change(ctx, "api-keys", func(t *tx) error {
		out.Ids, out.Warnings = []string{}, nil
		for i, k := range keys {
			id, err := s.importKey(t, k)
			if err != nil {
				out.Warnings = append(out.Warnings, fmt.Sprintf("Row %d: %s", i+1, fault.From(err).Message))
				continue
			}
			out.Ids = append(out.Ids, id)
		}
		return importFault(nil, out.Warnings, apigw.Val(in.FailOnWarnings))
	})
	return out, err
}

func (s *Service) importKey(t *tx, k importedKey) (string, error) {
	switch {
	case len(k.value) < minImportedValue:
		return "", fault.BadRequestf("API Key value should be at least %d characters", minImportedValue)
	case len(k.value) > maxKeyValue:
		return "", checkKeyValue(k.value)
	}
	for _, plan := range k.plans {
		if !t.exists(t.scope.UsagePlanKey(plan)) {
			return "", errNoUsagePlan()
		}
	}
	owner, taken, err := get[string, domain.None](t, t.scope.APIKeyValue(k.value))
	if err != nil {
		return "", err
	}
	var r *domain.APIKey
	if taken {
		if r, err = t.apiKey(owner.Shape); err != nil {
			return "", err
		}
		r.Shape.LastUpdatedDate = &t.now
	} else if r, err = s.newAPIKey(t, apigw.ApiKey{StageKeys: []string{}, Enabled: new(false), Name: &k.name}, k.value); err != nil {
		return "", err
	}
	r.Shape.Name, r.Shape.Description, r.Shape.Enabled = apigw.Text(k.name), apigw.Text(k.description), &k.enabled
	if err := checkAPIKey(&r.Shape); err != nil {
		return "", err
	}
	t.put(t.scope.APIKeyKey(*r.Shape.Id), r)
	for _, plan := range slices.Compact(slices.Sorted(slices.Values(k.plans))) {
		if err := s.addPlanKey(t, plan, *r.Shape.Id); err != nil {
			return "", err
		}
	}
	return *r.Shape.Id, nil
}
