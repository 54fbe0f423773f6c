package control

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/patch"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

// Limits of an API key, in characters. Recorded.
const (
	maxKeyName        = 1024
	maxKeyDescription = 125_000
	minKeyValue       = 20
	maxKeyValue       = 128
	madeKeyValue      = 40
)

// checkAPIKey holds the rules over an API key. Recorded, all texts.
func checkAPIKey(k *apigw.ApiKey) error {
	switch {
	case len(apigw.Val(k.Name)) > maxKeyName:
		return fault.BadRequestf("Invalid API Key name, can be at most 1024 characters.")
	case len(apigw.Val(k.Description)) > maxKeyDescription:
		return fault.BadRequestf("Invalid API Key description specified.")
	}
	return nil
}

// checkKeyValue. Recorded, both texts.
func checkKeyValue(value string) error {
	switch {
	case len(value) < minKeyValue:
		return fault.BadRequestf("API Key value should be at least 20 characters")
	case len(value) > maxKeyValue:
		return fault.BadRequestf("API Key value exceeds maximum size of 128 characters")
	}
	return nil
}

// errNoAPIKey. From an emulator that was checked by hand.
func errNoAPIKey() error { return fault.NotFoundf("Invalid API Key identifier specified") }

// newAPIKey puts a key with its value, which nobody else may have.
func (s *Service) newAPIKey(t *tx, k apigw.ApiKey, value string) (*domain.APIKey, error) {
	if err := checkAPIKey(&k); err != nil {
		return nil, err
	}
	if value == "" {
		value = s.IDs.Secret(madeKeyValue)
	} else if err := checkKeyValue(value); err != nil {
		return nil, err
	}
	if err := s.Quotas.check(APIKeysPerRegion, t.view.Count(t.scope.APIKeys())+1); err != nil {
		return nil, err
	}
	if t.exists(t.scope.APIKeyValue(value)) {
		return nil, fault.Conflictf("API Key already exists")
	}
	k.Id = new(s.IDs.API())
	k.CreatedDate, k.LastUpdatedDate = &t.now, &t.now
	r := domain.New(k, domain.APIKeyExt{OrderExt: t.order(), Value: value})
	t.put(t.scope.APIKeyValue(value), domain.New(*k.Id, domain.None{}))
	t.put(t.scope.APIKeyKey(*k.Id), r)
	return r, nil
}

// CreateApiKey makes an API key. Recorded: it is not enabled unless the call
// says so, and the answer shows its value.
func (s *Service) CreateApiKey(ctx context.Context, in *apigw.CreateApiKeyRequest) (*apigw.ApiKey, error) {
	var out *apigw.ApiKey
	err := s.change(ctx, "api-keys", func(t *tx) error {
		if err := s.checkTags(in.Tags); err != nil {
			return err
		}
		k := apigw.ApiKey{
			Name: apigw.Text(apigw.Val(in.Name)), Description: apigw.Text(apigw.Val(in.Description)),
			CustomerId: apigw.Text(apigw.Val(in.CustomerId)), Enabled: new(apigw.Val(in.Enabled)),
			StageKeys: []string{}, Tags: in.Tags,
		}
		for _, stage := range in.StageKeys {
			key, err := t.stageKey(apigw.Val(stage.RestApiId), apigw.Val(stage.StageName))
			if err != nil {
				return err
			}
			k.StageKeys = append(k.StageKeys, key)
		}
		r, err := s.newAPIKey(t, k, apigw.Val(in.Value))
		if err == nil {
			out = presentAPIKey(r, true, false)
		}
		return err
	})
	return out, err
}

// stageKey returns "api/stage" for a stage that exists.
func (t *tx) stageKey(api, stage string) (string, error) {
	if !t.exists(t.scope.StageKey(api, stage)) {
		return "", fault.BadRequestf("Invalid stage identifier specified")
	}
	return api + "/" + stage, nil
}

// presentAPIKey returns a key as answers show it.
func presentAPIKey(r *domain.APIKey, value, emptyTags bool) *apigw.ApiKey {
	k := r.Shape
	if value {
		k.Value = new(r.Ext.Value)
	}
	if k.StageKeys == nil {
		k.StageKeys = []string{}
	}
	k.Tags = presentTags(k.Tags, emptyTags)
	return &k
}

// presentTags returns tags as answers show them: an empty map is shown by some
// operations and left out by others. Recorded.
func presentTags(tags map[string]string, emptyTags bool) map[string]string {
	switch {
	case len(tags) > 0:
		return tags
	case emptyTags:
		return map[string]string{}
	}
	return nil
}

func (t *tx) apiKey(id string) (*domain.APIKey, error) {
	r, ok, err := get[apigw.ApiKey, domain.APIKeyExt](t, t.scope.APIKeyKey(id))
	if err == nil && !ok {
		err = errNoAPIKey()
	}
	return r, err
}

// GetApiKey answers one key.
func (s *Service) GetApiKey(ctx context.Context, in *apigw.GetApiKeyRequest) (*apigw.ApiKey, error) {
	var out *apigw.ApiKey
	err := s.read(ctx, func(t *tx) error {
		r, err := t.apiKey(in.ApiKey)
		if err == nil {
			out = presentAPIKey(r, apigw.Val(in.IncludeValue), false)
		}
		return err
	})
	return out, err
}

// newestFirst is a sort key.
func newestFirst(order int64, id *string) string {
	return fmt.Sprintf("%020d/%s", uint64(1<<63-1-order), apigw.Val(id))
}

// GetApiKeys lists keys, the newest first. Recorded, and that the name of a
// query is a prefix whose case counts.
func (s *Service) GetApiKeys(ctx context.Context, in *apigw.GetApiKeysRequest) (*apigw.ApiKeys, error) {
	out := &apigw.ApiKeys{Items: []apigw.ApiKey{}}
	err := s.read(ctx, func(t *tx) error {
		items := []*domain.APIKey{}
		for r, err := range scan[apigw.ApiKey, domain.APIKeyExt](t, t.scope.APIKeys()) {
			if err != nil {
				return err
			}
			if strings.HasPrefix(apigw.Val(r.Shape.Name), apigw.Val(in.NameQuery)) &&
				(in.CustomerId == nil || apigw.Val(r.Shape.CustomerId) == *in.CustomerId) {
				items = append(items, r)
			}
		}
		key := func(r *domain.APIKey) string { return newestFirst(r.Ext.Order, r.Shape.Id) }
		sortBy(items, key)
		shown, position, err := page(items, key, in.Position, in.Limit)
		for _, r := range shown {
			out.Items = append(out.Items, *presentAPIKey(r, apigw.Val(in.IncludeValues), false))
		}
		out.Position = position
		return err
	})
	return out, err
}

// apiKeyDraft is a key that is being patched.
type apiKeyDraft struct {
	*apigw.ApiKey
	tx *tx
}

var apiKeyPatch = patch.Table[apiKeyDraft]{
	Refuse: patch.ListsPaths,
	Finish: func(d *apiKeyDraft) error { return checkAPIKey(d.ApiKey) },
	Rows: []patch.Row[apiKeyDraft]{
		{Path: "/description", Ops: patch.Replace, Apply: func(d *apiKeyDraft, op patch.Op) error { return setText(&d.Description, op) }},
		{Path: "/enabled", Ops: patch.Replace, Apply: func(d *apiKeyDraft, op patch.Op) error {
			d.Enabled = op.Bool()
			return nil
		}},
		{Path: "/name", Ops: patch.Replace, Apply: func(d *apiKeyDraft, op patch.Op) error { return setText(&d.Name, op) }},
		{Path: "/customerId", Ops: patch.Replace, Apply: func(d *apiKeyDraft, op patch.Op) error { return setText(&d.CustomerId, op) }},
		{Path: "/stages", Ops: patch.Add, Apply: func(d *apiKeyDraft, op patch.Op) error {
			api, stage, _ := strings.Cut(op.Value(), "/")
			key, err := d.tx.stageKey(api, stage)
			if err == nil && !slices.Contains(d.StageKeys, key) {
				d.StageKeys = append(d.StageKeys, key)
			}
			return err
		}},
		{Path: "/stages", Ops: patch.Remove, Apply: func(d *apiKeyDraft, op patch.Op) error {
			d.StageKeys = without(d.StageKeys, op.Value())
			return nil
		}},
		// The old name of tags: "key" or "key=value". Documented, the form assumed.
		{Path: "/labels", Ops: patch.Add, Apply: func(d *apiKeyDraft, op patch.Op) error {
			key, value, _ := strings.Cut(op.Value(), "=")
			if d.Tags == nil {
				d.Tags = map[string]string{}
			}
			d.Tags[key] = value
			return nil
		}},
		{Path: "/labels", Ops: patch.Remove, Apply: func(d *apiKeyDraft, op patch.Op) error {
			key, _, _ := strings.Cut(op.Value(), "=")
			delete(d.Tags, key)
			return nil
		}},
	},
}

// UpdateApiKey patches a key. Recorded: the answer shows empty tags and no value.
func (s *Service) UpdateApiKey(ctx context.Context, in *apigw.UpdateApiKeyRequest) (*apigw.ApiKey, error) {
	var out *apigw.ApiKey
	err := s.update(ctx, "api-keys", in.PatchOperations, func(t *tx) error {
		r, err := t.apiKey(in.ApiKey)
		if err != nil {
			return err
		}
		if err := apiKeyPatch.Apply(&apiKeyDraft{&r.Shape, t}, in.PatchOperations); err != nil {
			return err
		}
		if err := s.checkTags(r.Shape.Tags); err != nil {
			return err
		}
		if len(in.PatchOperations) > 0 {
			r.Shape.LastUpdatedDate = &t.now
		}
		t.put(t.scope.APIKeyKey(in.ApiKey), r)
		out = presentAPIKey(r, false, true)
		return nil
	})
	return out, err
}

// DeleteApiKey removes a key, also from the usage plans that it is in.
func (s *Service) DeleteApiKey(ctx context.Context, in *apigw.DeleteApiKeyRequest) error {
	return s.change(ctx, "api-keys", func(t *tx) error {
		r, err := t.apiKey(in.ApiKey)
		if err != nil {
			return err
		}
		t.delete(t.scope.APIKeyKey(in.ApiKey))
		t.delete(t.scope.APIKeyValue(r.Ext.Value))
		t.settled(t.scope.AllPlanKeys())
		for entry := range t.view.Scan(t.scope.AllPlanKeys()) {
			if k, _ := domain.ParseKey(entry.Key); k.Rest[1] == in.ApiKey {
				t.delete(entry.Key)
				t.delete(t.scope.Usage(k.Rest[0], in.ApiKey))
			}
		}
		return nil
	})
}

// withoutSecret returns a stored record as change events keep it.
func withoutSecret(key string, value []byte) []byte {
	if !domain.HasSecret(key) || value == nil {
		return value
	}
	var r map[string]json.RawMessage
	if err := json.Unmarshal(value, &r); err != nil {
		return nil
	}
	delete(r, "ext")
	redacted, err := json.Marshal(r)
	if err != nil {
		return nil
	}
	return redacted
}
