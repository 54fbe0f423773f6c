package control

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/caller"
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/secret"
	"github.com/postern-gateway/postern/store"
	"github.com/postern-gateway/postern/store/mirror"
)

// Service serves the operations. The fields from Store to Log are needed.
type Service struct {
	Store  store.Store
	Mirror *mirror.Mirror
	Clock  clock.Clock
	IDs    *ids.Source
	Log    *slog.Logger
	// Served waits until the data plane of this node serves a revision, so
	// that a change is in force when its answer leaves. Nil on a node without
	// data plane.
	Served func(context.Context, store.Revision) error
	// Invoke runs a test invocation on the data plane.
	Invoke func(context.Context, *Invocation) (*Invoked, error)
	// InvokeAuthorizer does the same for an authorizer.
	InvokeAuthorizer func(context.Context, *AuthorizerCall) *AuthorizerAnswer
	Quotas           Quotas
	// AccountThrottle is the limit of each account in each region.
	AccountThrottle Throttle
	// Secrets seals private keys. Without it no client certificate can be made.
	Secrets *secret.Box
	// CacheDelay is how long a cache cluster says CREATE_IN_PROGRESS. Zero
	// means half a second.
	CacheDelay time.Duration
	// PublicDomain is the domain below which an API is reached as {api}.DOMAIN:
	// exports name it. Empty means "execute-api.{region}.amazonaws.com".
	PublicDomain string
	// IntegrationTimeout is the longest timeout an integration may ask for.
	// Zero means 29 s.
	IntegrationTimeout time.Duration
	// RequireLogRole refuses execution logs before the account has a log role,
	// as the service does. It makes no sense without a cloud account.
	RequireLogRole bool
	// ReplaceCanary lets a deployment without canary settings move a stage that
	// has a canary, and drop the canary. The service refuses it.
	ReplaceCanary bool
	// TargetSuffix is what the generated names end in to which clients point
	// the DNS records of their domain names. Empty means the names of AWS.
	TargetSuffix string
	// LoneRootMapping refuses a mapping of the empty base path beside others,
	// as the service once did.
	LoneRootMapping bool

	locks keyLocks
	made  sequence
}

const (
	// deadline bounds a call, retries of lost writes included.
	deadline = 10 * time.Second
	// servedWait bounds how long an answer waits for the data plane: a plan
	// that cannot be made must not hold up the control plane.
	servedWait = 2 * time.Second
)

// Handlers returns the operations that are served. Long because it lists them.
func (s *Service) Handlers() *apigw.Handlers {
	return &apigw.Handlers{
		CreateRestApi: s.CreateRestApi,
		ImportRestApi: s.ImportRestApi,
		PutRestApi:    s.PutRestApi,
		GetRestApi:    s.GetRestApi,
		GetRestApis:   s.GetRestApis,
		UpdateRestApi: s.UpdateRestApi,
		DeleteRestApi: s.DeleteRestApi,

		CreateResource: s.CreateResource,
		GetResource:    s.GetResource,
		GetResources:   s.GetResources,
		UpdateResource: s.UpdateResource,
		DeleteResource: s.DeleteResource,

		PutMethod:    s.PutMethod,
		GetMethod:    s.GetMethod,
		UpdateMethod: s.UpdateMethod,
		DeleteMethod: s.DeleteMethod,

		TestInvokeMethod:     s.TestInvokeMethod,
		TestInvokeAuthorizer: s.TestInvokeAuthorizer,

		PutMethodResponse:    s.PutMethodResponse,
		GetMethodResponse:    s.GetMethodResponse,
		UpdateMethodResponse: s.UpdateMethodResponse,
		DeleteMethodResponse: s.DeleteMethodResponse,

		PutIntegration:    s.PutIntegration,
		GetIntegration:    s.GetIntegration,
		UpdateIntegration: s.UpdateIntegration,
		DeleteIntegration: s.DeleteIntegration,

		PutIntegrationResponse:    s.PutIntegrationResponse,
		GetIntegrationResponse:    s.GetIntegrationResponse,
		UpdateIntegrationResponse: s.UpdateIntegrationResponse,
		DeleteIntegrationResponse: s.DeleteIntegrationResponse,

		CreateModel:      s.CreateModel,
		GetModel:         s.GetModel,
		GetModels:        s.GetModels,
		GetModelTemplate: s.GetModelTemplate,
		UpdateModel:      s.UpdateModel,
		DeleteModel:      s.DeleteModel,

		CreateRequestValidator: s.CreateRequestValidator,
		GetRequestValidator:    s.GetRequestValidator,
		GetRequestValidators:   s.GetRequestValidators,
		UpdateRequestValidator: s.UpdateRequestValidator,
		DeleteRequestValidator: s.DeleteRequestValidator,

		CreateAuthorizer: s.CreateAuthorizer,
		GetAuthorizer:    s.GetAuthorizer,
		GetAuthorizers:   s.GetAuthorizers,
		UpdateAuthorizer: s.UpdateAuthorizer,
		DeleteAuthorizer: s.DeleteAuthorizer,

		PutGatewayResponse:    s.PutGatewayResponse,
		GetGatewayResponse:    s.GetGatewayResponse,
		GetGatewayResponses:   s.GetGatewayResponses,
		UpdateGatewayResponse: s.UpdateGatewayResponse,
		DeleteGatewayResponse: s.DeleteGatewayResponse,

		CreateDocumentationPart:    s.CreateDocumentationPart,
		GetDocumentationPart:       s.GetDocumentationPart,
		GetDocumentationParts:      s.GetDocumentationParts,
		UpdateDocumentationPart:    s.UpdateDocumentationPart,
		DeleteDocumentationPart:    s.DeleteDocumentationPart,
		ImportDocumentationParts:   s.ImportDocumentationParts,
		CreateDocumentationVersion: s.CreateDocumentationVersion,
		GetDocumentationVersion:    s.GetDocumentationVersion,
		GetDocumentationVersions:   s.GetDocumentationVersions,
		UpdateDocumentationVersion: s.UpdateDocumentationVersion,
		DeleteDocumentationVersion: s.DeleteDocumentationVersion,

		CreateDeployment: s.CreateDeployment,
		GetDeployment:    s.GetDeployment,
		GetDeployments:   s.GetDeployments,
		UpdateDeployment: s.UpdateDeployment,
		DeleteDeployment: s.DeleteDeployment,

		CreateStage:                s.CreateStage,
		GetStage:                   s.GetStage,
		GetStages:                  s.GetStages,
		UpdateStage:                s.UpdateStage,
		DeleteStage:                s.DeleteStage,
		GetExport:                  s.GetExport,
		FlushStageCache:            s.FlushStageCache,
		FlushStageAuthorizersCache: s.FlushStageAuthorizersCache,

		CreateDomainName: s.CreateDomainName,
		GetDomainName:    s.GetDomainName,
		GetDomainNames:   s.GetDomainNames,
		UpdateDomainName: s.UpdateDomainName,
		DeleteDomainName: s.DeleteDomainName,

		CreateBasePathMapping: s.CreateBasePathMapping,
		GetBasePathMapping:    s.GetBasePathMapping,
		GetBasePathMappings:   s.GetBasePathMappings,
		UpdateBasePathMapping: s.UpdateBasePathMapping,
		DeleteBasePathMapping: s.DeleteBasePathMapping,

		CreateDomainNameAccessAssociation: s.CreateDomainNameAccessAssociation,
		GetDomainNameAccessAssociations:   s.GetDomainNameAccessAssociations,
		DeleteDomainNameAccessAssociation: s.DeleteDomainNameAccessAssociation,
		RejectDomainNameAccessAssociation: s.RejectDomainNameAccessAssociation,

		CreateVpcLink: s.CreateVpcLink,
		GetVpcLink:    s.GetVpcLink,
		GetVpcLinks:   s.GetVpcLinks,
		UpdateVpcLink: s.UpdateVpcLink,
		DeleteVpcLink: s.DeleteVpcLink,

		GetSdkType:  s.GetSdkType,
		GetSdkTypes: s.GetSdkTypes,

		GetAccount:    s.GetAccount,
		UpdateAccount: s.UpdateAccount,

		CreateApiKey:  s.CreateApiKey,
		GetApiKey:     s.GetApiKey,
		GetApiKeys:    s.GetApiKeys,
		UpdateApiKey:  s.UpdateApiKey,
		DeleteApiKey:  s.DeleteApiKey,
		ImportApiKeys: s.ImportApiKeys,

		CreateUsagePlan:    s.CreateUsagePlan,
		GetUsagePlan:       s.GetUsagePlan,
		GetUsagePlans:      s.GetUsagePlans,
		UpdateUsagePlan:    s.UpdateUsagePlan,
		DeleteUsagePlan:    s.DeleteUsagePlan,
		CreateUsagePlanKey: s.CreateUsagePlanKey,
		GetUsagePlanKey:    s.GetUsagePlanKey,
		GetUsagePlanKeys:   s.GetUsagePlanKeys,
		DeleteUsagePlanKey: s.DeleteUsagePlanKey,
		GetUsage:           s.GetUsage,
		UpdateUsage:        s.UpdateUsage,

		GenerateClientCertificate: s.GenerateClientCertificate,
		GetClientCertificate:      s.GetClientCertificate,
		GetClientCertificates:     s.GetClientCertificates,
		UpdateClientCertificate:   s.UpdateClientCertificate,
		DeleteClientCertificate:   s.DeleteClientCertificate,

		GetTags:       s.GetTags,
		TagResource:   s.TagResource,
		UntagResource: s.UntagResource,
	}
}

// read runs a handler on the newest state of the store.
func (s *Service) read(ctx context.Context, f func(*tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	t, err := s.begin(ctx)
	if err != nil {
		return err
	}
	return f(t)
}

// change runs a handler and commits what it wrote, together with the event
// that tells of it. Changes with the same lock (an API, mostly) run one after
// the other in this process, so that they do not lose against each other; a
// change that lost against another node runs again on fresh state.
func (s *Service) change(ctx context.Context, lock string, f func(*tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	unlock, err := s.locks.lock(ctx, lock)
	if err != nil {
		return fault.ConcurrentModification()
	}
	revision, err := s.commit(ctx, f)
	// The next writer of this API has to see this write, so the lock is held
	// until the mirror has it; what the data plane then does with it may
	// overlap with the next write.
	unlock()
	if err != nil || revision == 0 {
		return err
	}
	return s.waitServed(ctx, revision)
}

// update is a change by patch operations. An empty list changes nothing: what
// the handler then writes, because it always does, is not committed.
func (s *Service) update(ctx context.Context, lock string, operations []apigw.PatchOperation, f func(*tx) error) error {
	if len(operations) == 0 {
		return s.read(ctx, f)
	}
	return s.change(ctx, lock, f)
}

func (s *Service) commit(ctx context.Context, f func(*tx) error) (store.Revision, error) {
	for {
		t, err := s.begin(ctx)
		if err != nil {
			return 0, err
		}
		if err := f(t); err != nil {
			return 0, err
		}
		if len(t.writes) == 0 {
			return 0, nil
		}
		revision, err := s.write(ctx, t)
		switch {
		case err == nil:
			return revision, s.seen(ctx, revision)
		case errors.Is(err, store.ErrConflict) && ctx.Err() == nil:
			continue
		case errors.Is(err, store.ErrConflict):
			return 0, fault.ConcurrentModification()
		case errors.Is(err, store.ErrTooLarge):
			return 0, &fault.Error{Kind: fault.LimitExceeded, Message: "The change is too large for one call", Cause: err}
		}
		return 0, unavailable(err)
	}
}

// write commits a transaction. What had to be written ahead is removed again if
// the rest is not written.
func (s *Service) write(ctx context.Context, t *tx) (store.Revision, error) {
	pieces := t.ahead()
	if err := s.writeAhead(ctx, pieces); err != nil {
		s.clean(ctx, t.staging)
		return 0, err
	}
	revision, err := s.Store.Commit(ctx, t.transaction())
	// Of another error it is not known whether the commit happened: then what
	// was written ahead may be in use, and stays.
	if len(pieces) > 0 && (errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrTooLarge)) {
		s.clean(ctx, t.staging)
	}
	return revision, err
}

func (s *Service) writeAhead(ctx context.Context, pieces []store.Tx) error {
	for _, piece := range pieces {
		if _, err := s.Store.Commit(ctx, piece); err != nil {
			return err
		}
	}
	return nil
}

// clean removes the keys of a transaction that did not happen.
func (s *Service) clean(ctx context.Context, prefix string) {
	tx := store.Tx{Writes: []store.Write{{Key: prefix, Delete: true, Prefix: true}}}
	if _, err := s.Store.Commit(context.WithoutCancel(ctx), tx); err != nil {
		s.Log.Warn("keys of an import that failed are left behind", "prefix", prefix, "error", err)
	}
}

// begin opens a transaction on the newest state of the store.
func (s *Service) begin(ctx context.Context) (*tx, error) {
	revision, err := s.Store.Revision(ctx)
	if err != nil {
		return nil, unavailable(err)
	}
	if err := s.seen(ctx, revision); err != nil {
		return nil, err
	}
	c := caller.From(ctx)
	return &tx{
		throttle: s.AccountThrottle,
		made:     &s.made,
		scope:    domain.Scope{Account: c.Account, Region: c.Region},
		caller:   c,
		view:     s.Mirror.View(),
		now:      apigw.Timestamp{Time: s.Clock.Now().UTC()},
		conds:    map[string]store.Cond{},
		index:    map[string]int{},
	}, nil
}

// seen waits until the mirror has a revision.
func (s *Service) seen(ctx context.Context, revision store.Revision) error {
	if _, err := s.Mirror.Wait(ctx, revision); err != nil {
		return unavailable(fmt.Errorf("wait for revision %d: %w", revision, err))
	}
	return nil
}

func (s *Service) waitServed(ctx context.Context, revision store.Revision) error {
	if s.Served == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, servedWait)
	defer cancel()
	if err := s.Served(ctx, revision); err != nil {
		// The write is done and will be served; the answer must not deny it.
		s.Log.Warn("the data plane did not follow in time", "revision", revision, "error", err)
	}
	return nil
}

// unavailable is the answer while the store cannot be reached or written.
func unavailable(err error) error {
	return &fault.Error{
		Kind: fault.ServiceUnavailable, Message: "Service Unavailable", RetryAfter: time.Second,
		Cause: fmt.Errorf("store: %w", err),
	}
}
