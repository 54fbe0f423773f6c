package control

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/patch"
	"github.com/postern-gateway/postern/fault"
)

// integrationDraft is an integration that is being patched.
type integrationDraft struct {
	*apigw.Integration
	method   *apigw.Method
	service  *Service
	resource string
	account  string
	// rolesOf is the account if the credentials were patched: those that were
	// kept are left alone, from before they were looked at.
	rolesOf string
}

func (d *integrationDraft) mock() bool { return *d.Type == apigw.IntegrationType_MOCK }

var integrationPatch = patch.Table[integrationDraft]{
	Resource: "Integration",
	Refuse:   patch.Plain,
	Finish:   func(d *integrationDraft) error { return d.service.checkIntegration(d.rolesOf, d.method, d.Integration) },
	Rows: []patch.Row[integrationDraft]{
		// Clients send uri and httpMethod also for a MOCK, which has neither.
		{Path: "/uri", Ops: patch.Replace, Apply: func(d *integrationDraft, op patch.Op) error {
			if !d.mock() {
				d.Uri = op.Text()
			}
			return nil
		}},
		{Path: "/httpMethod", Ops: patch.Replace, Apply: func(d *integrationDraft, op patch.Op) error {
			if !d.mock() {
				d.HttpMethod = op.Text()
			}
			return nil
		}},
		{Path: "/credentials", Ops: patch.Replace, Apply: func(d *integrationDraft, op patch.Op) error {
			d.Credentials, d.rolesOf = op.Text(), d.account
			return nil
		}},
		{Path: "/connectionType", Ops: patch.Replace, Apply: func(d *integrationDraft, op patch.Op) error {
			return setEnum(&d.ConnectionType, "ConnectionType", "connection type", op)
		}},
		{Path: "/connectionId", Ops: patch.Replace, Apply: func(d *integrationDraft, op patch.Op) error {
			d.ConnectionId = op.Text()
			return nil
		}},
		{Path: "/passthroughBehavior", Ops: patch.Replace, Apply: func(d *integrationDraft, op patch.Op) error {
			d.PassthroughBehavior = new(op.Value())
			return nil
		}},
		{Path: "/contentHandling", Ops: patch.Replace, Apply: func(d *integrationDraft, op patch.Op) error {
			return setEnum(&d.ContentHandling, "ContentHandlingStrategy", "content handling", op)
		}},
		{Path: "/timeoutInMillis", Ops: patch.Replace, Apply: func(d *integrationDraft, op patch.Op) error {
			n, _ := op.Int() // no number is 0, which the check of the range refuses
			d.TimeoutInMillis = &n
			return nil
		}},
		{Path: "/cacheNamespace", Ops: patch.Replace, Apply: func(d *integrationDraft, op patch.Op) error {
			d.CacheNamespace = op.Text()
			if d.CacheNamespace == nil {
				d.CacheNamespace = &d.resource
			}
			return nil
		}},
		{Path: "/cacheKeyParameters/{name}", Ops: patch.Add, Apply: func(d *integrationDraft, op patch.Op) error {
			d.addCacheKey(op.Args[0])
			return nil
		}},
		{Path: "/cacheKeyParameters/{name}", Ops: patch.Remove, Apply: func(d *integrationDraft, op patch.Op) error {
			d.CacheKeyParameters = slices.DeleteFunc(d.CacheKeyParameters, func(have string) bool { return have == op.Args[0] })
			return nil
		}},
		{Path: "/cacheKeyParameters", Ops: anyChange, Apply: setCacheKeys},
		{Path: "/requestParameters/{name}", Ops: anyChange, Apply: func(d *integrationDraft, op patch.Op) error {
			return patchEntry(&d.RequestParameters, op, errNoParameter, op.Value())
		}},
		{Path: "/requestParameters", Ops: anyChange, Apply: func(d *integrationDraft, op patch.Op) error {
			return patchMap(&d.RequestParameters, op)
		}},
		{Path: "/requestTemplates/{type}", Ops: anyChange, Apply: func(d *integrationDraft, op patch.Op) error {
			return patchEntry(&d.RequestTemplates, op, errNoContentType, new(op.Value()))
		}},
		{Path: "/requestTemplates", Ops: anyChange, Apply: func(d *integrationDraft, op patch.Op) error {
			return patchMap(&d.RequestTemplates, op)
		}},
		{Path: "/tlsConfig/insecureSkipVerification", Ops: patch.Replace, Apply: func(d *integrationDraft, op patch.Op) error {
			d.TlsConfig = &apigw.TlsConfig{InsecureSkipVerification: op.Bool()}
			return nil
		}},
		{Path: "/integrationTarget", Ops: patch.Replace, Apply: func(d *integrationDraft, op patch.Op) error {
			d.IntegrationTarget = op.Text()
			return nil
		}},
		{Path: "/responseTransferMode", Ops: patch.Replace, Apply: func(d *integrationDraft, op patch.Op) error {
			return setEnum(&d.ResponseTransferMode, "ResponseTransferMode", "response transfer mode", op)
		}},
	},
}

func (d *integrationDraft) addCacheKey(parameter string) {
	if !slices.Contains(d.CacheKeyParameters, parameter) {
		d.CacheKeyParameters = append(d.CacheKeyParameters, parameter)
	}
}

// setCacheKeys: add appends one, replace sets all from a JSON array, remove
// clears. Documented.
func setCacheKeys(d *integrationDraft, op patch.Op) error {
	switch op.Kind {
	case patch.Add:
		d.addCacheKey(op.Value())
	case patch.Remove:
		d.CacheKeyParameters = []string{}
	default:
		parameters := []string{}
		if strings.TrimSpace(op.Value()) != "" {
			if err := json.Unmarshal([]byte(op.Value()), &parameters); err != nil {
				return fault.BadRequestf("Invalid cache key parameter specified")
			}
		}
		d.CacheKeyParameters = parameters
	}
	return nil
}
