package control

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

// CreateRestApi makes an API with its root resource and the two models that
// every new API has, or with the definition of another API.
func (s *Service) CreateRestApi(ctx context.Context, in *apigw.CreateRestApiRequest) (*apigw.RestApi, error) {
	var out *apigw.RestApi
	err := s.change(ctx, "create-api", func(t *tx) error {
		api := apigw.RestApi{
			Name:                      in.Name,
			Description:               in.Description,
			Version:                   apigw.Text(apigw.Val(in.Version)),
			CreatedDate:               &t.now,
			BinaryMediaTypes:          in.BinaryMediaTypes,
			MinimumCompressionSize:    in.MinimumCompressionSize,
			ApiKeySource:              in.ApiKeySource,
			EndpointConfiguration:     in.EndpointConfiguration,
			Tags:                      in.Tags,
			DisableExecuteApiEndpoint: new(apigw.Val(in.DisableExecuteApiEndpoint)),
			SecurityPolicy:            in.SecurityPolicy,
			EndpointAccessMode:        in.EndpointAccessMode,
		}
		var source *domain.API
		var noSource error
		if from := apigw.Val(in.CloneFrom); from != "" {
			if source, noSource = t.api(from); noSource == nil {
				inherit(&api, &source.Shape, in)
			}
		}
		if err := checkNewAPI(&api, in.Name); err != nil {
			return err
		}
		if err := s.checkTags(in.Tags); err != nil {
			return err
		}
		if err := s.Quotas.check(APIsPerRegion, t.view.Count(t.scope.APIs())+1); err != nil {
			return err
		}
		api.Id = new(s.newAPIID(t))
		if given := apigw.Val(in.Policy); given != "" || api.Policy == nil {
			var err error
			if api.Policy, err = normalizePolicy(t.scope, *api.Id, given); err != nil {
				return err
			}
		} else {
			api.Policy = new(strings.ReplaceAll(*api.Policy, ":"+*in.CloneFrom+"/", ":"+*api.Id+"/"))
		}
		if noSource != nil {
			return noSource
		}
		root := s.IDs.API()
		api.RootResourceId = &root
		parts := t.scope.Parts(*api.Id, 1)
		if source != nil {
			if err := s.clone(t, &source.Shape, parts, *api.Id, root); err != nil {
				return err
			}
		} else {
			t.put(parts.Resource(root), domain.New(apigw.Resource{Id: &root}, domain.None{}))
			for _, m := range domain.DefaultModels() {
				m.Id = new(s.IDs.Part())
				t.put(parts.Model(*m.Name), domain.New(m, domain.None{}))
			}
		}
		t.put(t.scope.APIKey(*api.Id), domain.New(api, t.order()))
		t.put(t.scope.GenerationKey(*api.Id), domain.New(1, domain.None{}))
		t.put(domain.APIIndex(*api.Id), domain.New(t.scope.Account+"/"+t.scope.Region, domain.None{}))
		out = presentAPI(api, false)
		return nil
	})
	return out, err
}

// newAPIID draws an id that no API has, in any account or region: requests
// name an API by its id alone. The index is not mirrored, so the commit is
// what refuses an id that is taken, and the call then draws another one.
func (s *Service) newAPIID(t *tx) string {
	id := s.IDs.API()
	t.absent(domain.APIIndex(id))
	return id
}

// checkNewAPI fills in defaults and refuses what cannot be, in the order of
// recorded answers.
func checkNewAPI(api *apigw.RestApi, name *string) error {
	if apigw.Val(name) == "" {
		return fault.BadRequestf("Invalid API name specified") // assumed
	}
	config := apigw.Val(api.EndpointConfiguration)
	if config.Types == nil {
		config.Types = []string{apigw.EndpointType_EDGE}
	}
	switch len(config.Types) {
	case 0:
		return fault.BadRequestf("REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.")
	case 1:
	default:
		return fault.BadRequestf("Cannot create an api with multiple Endpoint Types.")
	}
	if api.Description != nil && *api.Description == "" {
		return fault.BadRequestf("Description cannot be an empty string")
	}
	if config.IpAddressType == nil {
		config.IpAddressType = new(apigw.IpAddressType_ipv4)
		if config.Types[0] == apigw.EndpointType_PRIVATE {
			config.IpAddressType = new(apigw.IpAddressType_dualstack)
		}
	}
	api.EndpointConfiguration = &config
	if api.ApiKeySource == nil {
		api.ApiKeySource = new(apigw.ApiKeySourceType_HEADER)
	}
	if len(api.BinaryMediaTypes) == 0 {
		api.BinaryMediaTypes = nil
	}
	return checkAPI(api)
}

// checkAPI holds the rules over the whole of an API.
func checkAPI(api *apigw.RestApi) error {
	config := api.EndpointConfiguration
	private := slices.Contains(config.Types, apigw.EndpointType_PRIVATE)
	if private && *config.IpAddressType == apigw.IpAddressType_ipv4 {
		return fault.BadRequestf("Only dualstack ipAddressType is supported for Private APIs.")
	}
	if size := api.MinimumCompressionSize; size != nil && (*size < 0 || *size > maxCompression) {
		return errCompression()
	}
	if !private && len(config.VpcEndpointIds) > 0 {
		return fault.BadRequestf("VPCEndpoints can only be specified with PRIVATE apis.")
	}
	return checkAccessMode(api.EndpointAccessMode, api.SecurityPolicy)
}

// checkAccessMode: guide for the rule, assumed for the text.
func checkAccessMode(mode, policy *string) error {
	if apigw.Val(mode) != "" && !strings.HasPrefix(apigw.Val(policy), "SecurityPolicy_") {
		return fault.BadRequestf("Endpoint access mode can only be set with a security policy that begins with SecurityPolicy_")
	}
	return nil
}

// GetRestApi answers one API.
func (s *Service) GetRestApi(ctx context.Context, in *apigw.GetRestApiRequest) (*apigw.RestApi, error) {
	var out *apigw.RestApi
	err := s.read(ctx, func(t *tx) error {
		api, err := t.api(in.RestApiId)
		if err == nil {
			out = presentAPI(api.Shape, false)
		}
		return err
	})
	return out, err
}

// GetRestApis lists the APIs of the caller's account and region by creation.
func (s *Service) GetRestApis(ctx context.Context, in *apigw.GetRestApisRequest) (*apigw.RestApis, error) {
	out := &apigw.RestApis{}
	err := s.read(ctx, func(t *tx) error {
		items := []*domain.API{}
		for api, err := range scan[apigw.RestApi, domain.OrderExt](t, t.scope.APIs()) {
			if err != nil {
				return err
			}
			items = append(items, api)
		}
		key := func(api *domain.API) string { return byCreation(api.Shape.CreatedDate, api.Ext, api.Shape.Id) }
		sortBy(items, key)
		shown, position, err := page(items, key, in.Position, in.Limit)
		out.Items, out.Position = []apigw.RestApi{}, position
		for _, api := range shown {
			out.Items = append(out.Items, *presentAPI(api.Shape, false))
		}
		return err
	})
	return out, err
}

// byCreation is a sort key: the older first. The date comes before the order,
// for records that have none; among them the id decides.
func byCreation(at *apigw.Timestamp, order domain.OrderExt, id *string) string {
	return fmt.Sprintf("%020d/%020d/%s", apigw.Val(at).Unix(), order.Order, apigw.Val(id))
}

// byCreationNewest is a sort key: the newer first, else as byCreation.
func byCreationNewest(at *apigw.Timestamp, order domain.OrderExt, id *string) string {
	return fmt.Sprintf("%020d/%020d/%s", math.MaxInt64-apigw.Val(at).Unix(), math.MaxInt64-order.Order, apigw.Val(id))
}

func sortBy[T any](items []T, key func(T) string) {
	type keyed struct {
		key  string
		item T
	}
	all := make([]keyed, len(items)) // a key may take some making: each is made once
	for i, item := range items {
		all[i] = keyed{key(item), item}
	}
	slices.SortFunc(all, func(a, b keyed) int { return strings.Compare(a.key, b.key) })
	for i := range all {
		items[i] = all[i].item
	}
}

// UpdateRestApi patches an API.
func (s *Service) UpdateRestApi(ctx context.Context, in *apigw.UpdateRestApiRequest) (*apigw.RestApi, error) {
	var out *apigw.RestApi
	err := s.update(ctx, in.RestApiId, in.PatchOperations, func(t *tx) error {
		api, err := t.api(in.RestApiId)
		if err != nil {
			return err
		}
		draft := apiDraft{RestApi: &api.Shape, scope: t.scope}
		if err := restAPIPatch.Apply(&draft, in.PatchOperations); err != nil {
			return err
		}
		t.put(t.scope.APIKey(in.RestApiId), api)
		out = presentAPI(api.Shape, true)
		return nil
	})
	return out, err
}

// DeleteRestApi removes an API with all that belongs to it, unless a domain
// name leads to it. The text is quoted by users.
func (s *Service) DeleteRestApi(ctx context.Context, in *apigw.DeleteRestApiRequest) error {
	return s.change(ctx, in.RestApiId, func(t *tx) error {
		if _, err := t.api(in.RestApiId); err != nil {
			return err
		}
		if _, _, err := t.parts(in.RestApiId); err != nil {
			return err
		}
		domains, err := t.mappedBy(func(m *apigw.BasePathMapping) bool { return *m.RestApiId == in.RestApiId })
		if err != nil {
			return err
		}
		if domains != "" {
			return fault.BadRequestf("Deleting RestApi %s failed. Please remove all base path mappings related to the RestApi in your domains: %s.", in.RestApiId, domains)
		}
		t.delete(t.scope.APIKey(in.RestApiId))
		t.delete(t.scope.GenerationKey(in.RestApiId))
		t.delete(domain.APIIndex(in.RestApiId))
		t.deleteAll(t.scope.AllParts(in.RestApiId))
		t.deleteAll(t.scope.Stages(in.RestApiId))
		t.deleteAll(t.scope.Deployments(in.RestApiId))
		t.deleteAll(t.scope.Snapshots(in.RestApiId))
		t.deleteAll(t.scope.DocumentationVersions(in.RestApiId))
		return t.leavePlans(in.RestApiId, "")
	})
}
