package control

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/openapi"
)

// ImportRestApi makes an API from a document. All of it or nothing.
func (s *Service) ImportRestApi(ctx context.Context, in *apigw.ImportRestApiRequest) (*apigw.RestApi, error) {
	var out *apigw.RestApi
	err := s.change(ctx, "create-api", func(t *tx) error {
		im := &importer{service: s, tx: t, failOnWarnings: apigw.Val(in.FailOnWarnings)}
		if err := im.read(in.Body, in.Parameters); err != nil {
			return err
		}
		if err := s.Quotas.check(APIsPerRegion, t.view.Count(t.scope.APIs())+1); err != nil {
			return err
		}
		if err := im.newAPI(in.Parameters); err != nil {
			return err
		}
		var err error
		out, err = im.run()
		return err
	})
	return out, err
}

// PutRestApi replaces the definition of an API by a document, or merges the
// document into it. The deployments of the API stay as they are.
func (s *Service) PutRestApi(ctx context.Context, in *apigw.PutRestApiRequest) (*apigw.RestApi, error) {
	var out *apigw.RestApi
	err := s.change(ctx, in.RestApiId, func(t *tx) error {
		api, err := t.api(in.RestApiId)
		if err != nil {
			return err
		}
		im := &importer{
			service: s, tx: t, api: &api.Shape, order: api.Ext,
			failOnWarnings: apigw.Val(in.FailOnWarnings), overwrite: apigw.Val(in.Mode) == apigw.PutMode_overwrite,
		}
		if err := im.read(in.Body, in.Parameters); err != nil {
			return err
		}
		out, err = im.run()
		return err
	})
	return out, err
}

// importEndpoint is the endpoint of an imported API: its type is a parameter,
// not the document's business, which may name VPC endpoints.
func importEndpoint(d *openapi.Definition, parameters map[string]string) (*apigw.EndpointConfiguration, error) {
	config := apigw.Val(d.API.EndpointConfiguration)
	if kind := parameters["endpointConfigurationTypes"]; kind != "" {
		config.Types = strings.Split(strings.ToUpper(kind), ",")
	}
	for _, kind := range config.Types {
		if !slices.Contains(apigw.Schema["EndpointType"].Enum, kind) {
			return nil, fault.BadRequestf("Invalid endpoint configuration type specified: %s. Valid options are %s",
				kind, strings.Join(apigw.Schema["EndpointType"].Enum, ",")) // assumed
		}
	}
	if len(config.VpcEndpointIds) > 0 && config.Types == nil {
		config.Types = []string{apigw.EndpointType_PRIVATE}
	}
	return &config, nil
}

// refusal is what an import answers to the problems of a document: nothing if
// there are only warnings that it tolerates, else all errors and all warnings at
// once. The form is quoted by users of the real service.
func refusal(problems []openapi.Problem, failOnWarnings bool) error {
	var failures []string
	for _, p := range problems {
		if p.Whole {
			return &fault.Error{Kind: fault.BadRequest, Message: p.Text, Cause: errors.New(p.String())}
		}
		if !p.Warning {
			failures = append(failures, p.Text)
		}
	}
	return importFault(failures, warningTexts(problems), failOnWarnings)
}

func importFault(failures, warnings []string, failOnWarnings bool) error {
	const sep = "\n\t"
	switch {
	case len(failures) > 0 && len(warnings) > 0:
		return fault.BadRequestf("%s", "Errors found during import:"+sep+strings.Join(failures, sep)+
			"\nAdditionally, these warnings were found:"+sep+strings.Join(warnings, sep))
	case len(failures) > 0:
		return fault.BadRequestf("%s", "Errors found during import:"+sep+strings.Join(failures, sep))
	case len(warnings) > 0 && failOnWarnings:
		return fault.BadRequestf("%s", "Warnings found during import:"+sep+strings.Join(warnings, sep))
	}
	return nil
}

func warningTexts(problems []openapi.Problem) []string {
	var warnings []string
	for _, p := range problems {
		if p.Warning {
			warnings = append(warnings, p.Text)
		}
	}
	return warnings
}

// importer writes a definition as the next generation of an API's parts.
// Readers see the old generation until the one write that names the new one.
type importer struct {
	service        *Service
	tx             *tx
	api            *apigw.RestApi
	order          domain.OrderExt // of the API
	definition     *openapi.Definition
	overwrite      bool
	failOnWarnings bool
	problems       []openapi.Problem // of the document, then of its parts against the rules

	parts     domain.Parts               // of the new generation
	old       *definition                // of the present generation; empty for a new API
	resources map[string]*apigw.Resource // by path

	authorizers, documentation int // how many there will be
}

// definition is one generation of an API's parts in memory.
type definition struct {
	resources   map[string]*apigw.Resource // by path
	methods     map[string]map[string]*apigw.Method
	models      map[string]*apigw.Model
	authorizers map[string]*apigw.Authorizer       // by name
	validators  map[string]*apigw.RequestValidator // by name
	responses   map[string]*apigw.GatewayResponse
	documented  map[string]*apigw.DocumentationPart // by location
}

// fail notes that the rules refuse what stands at a place.
func (im *importer) fail(at openapi.Place, prefix string, err error) {
	im.problems = append(im.problems, openapi.Problem{Place: at, Text: prefix + fault.From(err).Message})
}

// read reads a document, and refuses one that cannot be used.
func (im *importer) read(body []byte, parameters map[string]string) error {
	im.definition, im.problems = openapi.Read(body, openapi.Options{
		Account: im.tx.scope.Account, Region: im.tx.scope.Region,
		BasePath:            openapi.BasePath(strings.ToLower(parameters["basepath"])),
		IgnoreDocumentation: strings.EqualFold(parameters["ignore"], "documentation"),
	})
	return refusal(im.problems, im.failOnWarnings)
}

// newAPI makes the API of a document that is not put into one.
func (im *importer) newAPI(parameters map[string]string) error {
	t := im.tx
	im.api = &apigw.RestApi{
		Id: new(im.service.newAPIID(t)), RootResourceId: new(im.service.IDs.API()), CreatedDate: &t.now,
		DisableExecuteApiEndpoint: new(false),
	}
	im.order = t.order()
	var err error
	if im.api.EndpointConfiguration, err = importEndpoint(im.definition, parameters); err != nil {
		return err
	}
	im.overwrite = true // there is nothing to keep
	t.put(domain.APIIndex(*im.api.Id), domain.New(t.scope.Account+"/"+t.scope.Region, domain.None{}))
	return checkNewAPI(im.api, im.definition.API.Name)
}

// run writes everything and returns the answer of the import.
func (im *importer) run() (*apigw.RestApi, error) {
	if err := im.build(); err != nil {
		return nil, err
	}
	if err := refusal(im.problems, im.failOnWarnings); err != nil {
		return nil, err
	}
	if err := im.checkQuotas(); err != nil {
		return nil, err
	}
	out := presentAPI(*im.api, false)
	out.Warnings = warningTexts(im.problems)
	return out, nil
}

// checkQuotas refuses a definition that is larger than an API may be.
func (im *importer) checkQuotas() error {
	quotas := im.service.Quotas
	for _, err := range []error{
		quotas.check(ResourcesPerAPI, len(im.resources)),
		quotas.check(AuthorizersPerAPI, im.authorizers),
		quotas.check(DocumentationPartsPerAPI, im.documentation),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// build writes the new generation and what makes it the present one, and notes
// what the rules refuse.
func (im *importer) build() error {
	t := im.tx
	id := *im.api.Id
	present, exists, err := t.parts(id)
	if err != nil {
		return err
	}
	im.old = &definition{}
	if exists {
		t.settled(string(present))
		if im.old, err = t.loadDefinition(present); err != nil {
			return err
		}
	}
	// A number that no other import has used or is using: an import that broke
	// off may have left keys behind.
	generation := int(im.service.IDs.Percent() / 100 * (1 << 53))
	im.parts = t.scope.Parts(id, generation)
	t.staging = string(im.parts)

	im.putAPI()
	im.putModels()
	im.putAuthorizers()
	im.putValidators()
	im.putGatewayResponses()
	im.putResources()
	im.putMethods()
	im.putDocumentation()
	t.put(t.scope.APIKey(id), domain.New(*im.api, im.order))
	t.put(t.scope.GenerationKey(id), domain.New(generation, domain.None{}))
	if exists {
		t.deleteAll(string(present))
	}
	return nil
}

// putAPI sets what the document says of the API itself. An overwrite also
// takes back what it does not say.
func (im *importer) putAPI() {
	api, d, at := im.api, &im.definition.API, im.definition.PlaceOf(openapi.Info, "")
	api.Name = d.Name
	if im.overwrite || d.Description != nil {
		api.Description = d.Description
	}
	if im.overwrite || d.Version != nil {
		api.Version = d.Version
	}
	if im.overwrite {
		api.BinaryMediaTypes = nil
	}
	for _, mediaType := range d.BinaryMediaTypes {
		if !slices.Contains(api.BinaryMediaTypes, mediaType) {
			api.BinaryMediaTypes = append(api.BinaryMediaTypes, mediaType)
		}
	}
	if im.overwrite || d.MinimumCompressionSize != nil {
		api.MinimumCompressionSize = d.MinimumCompressionSize
	}
	switch {
	case d.ApiKeySource != nil:
		api.ApiKeySource = d.ApiKeySource
	case im.overwrite:
		api.ApiKeySource = new(apigw.ApiKeySourceType_HEADER)
	}
	if d.DisableExecuteApiEndpoint != nil {
		api.DisableExecuteApiEndpoint = d.DisableExecuteApiEndpoint
	}
	if im.overwrite || d.Policy != nil {
		policy, err := normalizePolicy(im.tx.scope, *api.Id, apigw.Val(d.Policy))
		if err != nil {
			im.fail(at, "", err)
		}
		api.Policy = policy
	}
	if !slices.Contains(apigw.Schema["ApiKeySourceType"].Enum, *api.ApiKeySource) {
		im.fail(at, "", fault.BadRequestf("Invalid API key source specified. Valid options are HEADER,AUTHORIZER"))
	}
	if err := checkAPI(api); err != nil {
		im.fail(at, "", err)
	}
}

// loadDefinition reads a generation. Ids are kept across an import by path,
// name and location.
func (t *tx) loadDefinition(parts domain.Parts) (*definition, error) {
	d := &definition{
		resources: map[string]*apigw.Resource{}, methods: map[string]map[string]*apigw.Method{},
		models: map[string]*apigw.Model{}, authorizers: map[string]*apigw.Authorizer{},
		validators: map[string]*apigw.RequestValidator{}, responses: map[string]*apigw.GatewayResponse{},
		documented: map[string]*apigw.DocumentationPart{},
	}
	all, err := t.resources(parts)
	if err != nil {
		return nil, err
	}
	for id, r := range all {
		path := pathOf(all, id)
		d.resources[path] = &r
		whole := apigw.Resource{Id: r.Id}
		if err := t.addMethods(parts, &whole, true); err != nil {
			return nil, err
		}
		d.methods[path] = map[string]*apigw.Method{}
		for verb, m := range whole.ResourceMethods {
			d.methods[path][verb] = &m
		}
	}
	if err := index(t, parts.Models(), d.models, func(m *apigw.Model) string { return *m.Name }); err != nil {
		return nil, err
	}
	if err := index(t, parts.Authorizers(), d.authorizers, func(a *apigw.Authorizer) string { return *a.Name }); err != nil {
		return nil, err
	}
	if err := index(t, parts.Validators(), d.validators, func(v *apigw.RequestValidator) string { return *v.Name }); err != nil {
		return nil, err
	}
	if err := index(t, parts.GatewayResponses(), d.responses, func(r *apigw.GatewayResponse) string { return *r.ResponseType }); err != nil {
		return nil, err
	}
	return d, index(t, parts.DocumentationParts(), d.documented, func(p *apigw.DocumentationPart) string { return place(*p.Location) })
}

// place is a text that is equal for equal locations.
func place(l apigw.DocumentationPartLocation) string { return domain.Parts("").Location(l) }

// index reads all shapes below a prefix into a map.
func index[S any](t *tx, prefix string, into map[string]*S, key func(*S) string) error {
	all, err := shapes[S](t, prefix)
	for _, shape := range all {
		into[key(&shape)] = &shape
	}
	return err
}
