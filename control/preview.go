package control

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/caller"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/openapi"
	"github.com/postern-gateway/postern/store"
	"github.com/postern-gateway/postern/store/mirror"
)

// Preview is what a deployment would freeze, or has frozen.
type Preview struct {
	// Snapshot is nil if a document cannot be imported.
	Snapshot *domain.Snapshot `json:"snapshot,omitempty"`
	// Problems are what an import drops with a warning, and what an import or
	// the deployment after it refuses. Those of a document have its places.
	Problems []openapi.Problem `json:"problems,omitempty"`
	// Document is what was read of a document; nil without one.
	Document *openapi.Definition `json:"-"`
}

// Definition returns the definition of an API as a deployment would freeze it
// now, or as the deployment of a stage has frozen it. The API may be of any
// account and region. The error is a fault.
func (s *Service) Definition(ctx context.Context, api, stage string) (*Preview, error) {
	out := &Preview{}
	err := s.readAPI(ctx, api, func(t *tx) error {
		if stage != "" {
			deployed, err := t.stage(api, stage)
			if err == nil {
				out.Snapshot, err = t.frozen(api, *deployed.Shape.DeploymentId)
			}
			return err
		}
		r, err := t.api(api)
		if err == nil {
			err = out.freeze(t, &r.Shape)
		}
		return err
	})
	return out, err
}

// PreviewPut returns the definition that PutRestApi would make, and changes
// nothing. Only what has nothing to do with the document is an error, a fault;
// FailOnWarnings has no effect.
func (s *Service) PreviewPut(ctx context.Context, in *apigw.PutRestApiRequest) (*Preview, error) {
	out := &Preview{}
	err := s.readAPI(ctx, in.RestApiId, func(t *tx) error {
		api, err := t.api(in.RestApiId)
		if err != nil {
			return err
		}
		im := &importer{service: s, tx: t, api: &api.Shape, order: api.Ext, overwrite: apigw.Val(in.Mode) == apigw.PutMode_overwrite}
		if im.read(in.Body, in.Parameters) != nil {
			out.Problems = im.problems
			return nil
		}
		return out.preview(im)
	})
	return out, err
}

// PreviewImport returns the definition that ImportRestApi would make in an
// empty account. It uses the clock, the ids and the limits of the service and
// needs no store. The error is a fault.
func (s *Service) PreviewImport(scope domain.Scope, in *apigw.ImportRestApiRequest) (*Preview, error) {
	t := &tx{
		scope: scope, now: apigw.Timestamp{Time: s.Clock.Now().UTC()}, made: &s.made,
		conds: map[string]store.Cond{}, index: map[string]int{},
	}
	im := &importer{service: s, tx: t}
	if im.read(in.Body, in.Parameters) != nil {
		return &Preview{Problems: im.problems, Document: im.definition}, nil
	}
	out := &Preview{Document: im.definition}
	if err := im.newAPI(in.Parameters); err != nil {
		im.fail(im.definition.PlaceOf(openapi.Info, ""), "", err)
		out.Problems = im.problems
		return out, nil
	}
	return out, out.preview(im)
}

// readAPI runs a handler in the scope of an API.
func (s *Service) readAPI(ctx context.Context, api string, f func(*tx) error) error {
	scope, err := s.scopeOf(ctx, api)
	if err != nil {
		return err
	}
	return s.read(caller.With(ctx, caller.Caller{Account: scope.Account, Region: scope.Region}), f)
}

// InAccount returns nil for an API of the account, in any region, and else the
// fault that there is none: who may not see an API learns nothing of it.
func (s *Service) InAccount(ctx context.Context, api, account string) error {
	scope, err := s.scopeOf(ctx, api)
	if err == nil && scope.Account != account {
		err = errNoAPI
	}
	return err
}

var errNoAPI = fault.NotFoundf("Invalid API identifier specified")

// scopeOf returns the account and region of an API.
func (s *Service) scopeOf(ctx context.Context, api string) (domain.Scope, error) {
	key := domain.APIIndex(api)
	entries, _, err := s.Store.List(ctx, key)
	if err != nil {
		return domain.Scope{}, unavailable(err)
	}
	i := slices.IndexFunc(entries, func(e store.Entry) bool { return e.Key == key })
	if i < 0 {
		return domain.Scope{}, errNoAPI
	}
	scope, err := domain.Decode[string, domain.None](key, entries[i].Value)
	if err != nil {
		return domain.Scope{}, err
	}
	account, region, _ := strings.Cut(scope.Shape, "/")
	return domain.Scope{Account: account, Region: region}, nil
}

// preview lets an importer write, and freezes what it wrote instead of
// committing it.
func (p *Preview) preview(im *importer) error {
	if err := im.build(); err != nil {
		return err
	}
	p.Problems = im.problems
	if err := im.checkQuotas(); err != nil {
		p.Problems = append(p.Problems, openapi.Problem{Text: fault.From(err).Message})
	}
	if openapi.Failed(p.Problems) {
		return nil
	}
	written := *im.tx
	var entries []store.Entry
	for _, w := range im.tx.writes {
		if !w.Delete {
			entries = append(entries, store.Entry{Key: w.Key, Value: w.Value})
		}
	}
	written.view = mirror.ViewOf(entries...)
	written.writes, written.index = nil, map[string]int{}
	at := len(p.Problems)
	if err := p.freeze(&written, im.api); err != nil {
		return err
	}
	for i, reason := range undeployable(p.Snapshot) {
		p.Problems[at+i].Place = im.definition.PlaceOfMethod(reason.path, reason.verb)
	}
	return nil
}

// freeze takes the definition of an API, and notes why it cannot be deployed.
func (p *Preview) freeze(t *tx, api *apigw.RestApi) error {
	var err error
	if p.Snapshot, err = t.snapshot(api); err != nil {
		return err
	}
	for _, reason := range undeployable(p.Snapshot) {
		text := reason.text
		if reason.verb != "" {
			text = fmt.Sprintf("%s: '%s' on resource at path '%s' cannot be deployed", text, reason.verb, reason.path)
		}
		p.Problems = append(p.Problems, openapi.Problem{Text: text})
	}
	return nil
}
