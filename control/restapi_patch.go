package control

import (
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/patch"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

// maxCompression is the largest minimumCompressionSize, in bytes.
const maxCompression = 10485760

// Recorded: update-rest-api with -1 and with text.
func errCompression() error {
	return fault.BadRequestf("Invalid minimum compression size, must be between 0 and 10485760")
}

// apiDraft is an API that is being patched.
type apiDraft struct {
	*apigw.RestApi
	scope domain.Scope
}

var restAPIPatch = patch.Table[apiDraft]{
	Resource: "RestApi",
	Refuse:   patch.Plain,
	Finish:   func(d *apiDraft) error { return checkAPI(d.RestApi) },
	Rows: []patch.Row[apiDraft]{
		{Path: "/name", Ops: patch.Replace, Apply: func(d *apiDraft, op patch.Op) error {
			if op.Value() == "" {
				return fault.BadRequestf("Invalid API name specified") // assumed
			}
			d.Name = op.Text()
			return nil
		}},
		{Path: "/description", Ops: patch.Add | patch.Replace, Apply: func(d *apiDraft, op patch.Op) error {
			d.Description = op.Text()
			return nil
		}},
		{Path: "/description", Ops: patch.Remove, Apply: func(d *apiDraft, _ patch.Op) error {
			d.Description = nil
			return nil
		}},
		{Path: "/version", Ops: patch.Replace, Apply: func(d *apiDraft, op patch.Op) error {
			d.Version = op.Text()
			return nil
		}},
		{Path: "/apiKeySource", Ops: patch.Replace, Apply: setAPIKeySource},
		// Recorded: add takes the type from the path and ignores the value;
		// replace drops the type of the path and appends the value.
		{Path: "/binaryMediaTypes/{type}", Ops: patch.Add, Apply: func(d *apiDraft, op patch.Op) error {
			d.addBinaryMediaType(op.Args[0])
			return nil
		}},
		{Path: "/binaryMediaTypes/{type}", Ops: patch.Replace, Apply: func(d *apiDraft, op patch.Op) error {
			d.removeBinaryMediaType(op.Args[0])
			d.addBinaryMediaType(op.Value())
			return nil
		}},
		{Path: "/binaryMediaTypes/{type}", Ops: patch.Remove, Apply: func(d *apiDraft, op patch.Op) error {
			d.removeBinaryMediaType(op.Args[0])
			return nil
		}},
		{Path: "/minimumCompressionSize", Ops: patch.Replace, Apply: setCompression},
		// The refusals of add and remove name operations that it does not take. Recorded.
		{Path: "/endpointConfiguration/types/{type}", Ops: patch.Add | patch.Remove, Apply: func(*apiDraft, patch.Op) error {
			return fault.BadRequestf("Invalid patch operation specified. Must be 'add'|'remove'|'replace'")
		}},
		{Path: "/endpointConfiguration/types/{type}", Ops: patch.Replace, Apply: setEndpointType},
		{Path: "/endpointConfiguration/ipAddressType", Ops: patch.Replace, Apply: func(d *apiDraft, op patch.Op) error {
			return setAddressType(d.EndpointConfiguration, op)
		}},
		{Path: "/endpointConfiguration/vpcEndpointIds", Ops: patch.Add, Apply: addVPCEndpoint},
		{Path: "/endpointConfiguration/vpcEndpointIds", Ops: patch.Remove, Apply: func(d *apiDraft, op patch.Op) error {
			config := d.EndpointConfiguration
			config.VpcEndpointIds = without(config.VpcEndpointIds, op.Value())
			return nil
		}},
		{Path: "/policy", Ops: patch.Replace, Apply: func(d *apiDraft, op patch.Op) (err error) {
			d.Policy, err = normalizePolicy(d.scope, *d.Id, op.Value())
			return err
		}},
		{Path: "/disableExecuteApiEndpoint", Ops: patch.Replace, Apply: func(d *apiDraft, op patch.Op) error {
			d.DisableExecuteApiEndpoint = op.Bool()
			return nil
		}},
		{Path: "/securityPolicy", Ops: patch.Replace, Apply: func(d *apiDraft, op patch.Op) error {
			return setEnum(&d.SecurityPolicy, "SecurityPolicy", "security policy", op)
		}},
		{Path: "/endpointAccessMode", Ops: patch.Replace, Apply: func(d *apiDraft, op patch.Op) error {
			return setEnum(&d.EndpointAccessMode, "EndpointAccessMode", "endpoint access mode", op)
		}},
	},
}

func (d *apiDraft) addBinaryMediaType(mediaType string) {
	d.removeBinaryMediaType(mediaType)
	if mediaType != "" {
		d.BinaryMediaTypes = append(d.BinaryMediaTypes, mediaType)
	}
}

func (d *apiDraft) removeBinaryMediaType(mediaType string) {
	d.BinaryMediaTypes = without(d.BinaryMediaTypes, mediaType)
}

// without returns a list without a value, and nil when nothing is left: an
// empty list is not shown.
func without(list []string, value string) []string {
	list = slices.DeleteFunc(list, func(have string) bool { return have == value })
	if len(list) == 0 {
		return nil
	}
	return list
}

func setAPIKeySource(d *apiDraft, op patch.Op) error {
	switch op.Value() {
	case apigw.ApiKeySourceType_HEADER, apigw.ApiKeySourceType_AUTHORIZER:
		d.ApiKeySource = op.Text()
		return nil
	}
	return fault.BadRequestf("Invalid API key source specified. Valid options are HEADER,AUTHORIZER") // assumed
}

func setCompression(d *apiDraft, op patch.Op) error {
	if op.Value() == "" { // Recorded for "", documented for null.
		d.MinimumCompressionSize = nil
		return nil
	}
	size, ok := op.Int()
	if !ok || size < 0 || size > maxCompression {
		return errCompression()
	}
	d.MinimumCompressionSize = &size
	return nil
}

// setEndpointType ignores which type the path names. Recorded: it may be an
// index or the present type, and a move to PRIVATE sets the address type.
func setEndpointType(d *apiDraft, op patch.Op) error {
	switch op.Value() {
	case apigw.EndpointType_REGIONAL, apigw.EndpointType_EDGE:
	case apigw.EndpointType_PRIVATE:
		d.EndpointConfiguration.IpAddressType = new(apigw.IpAddressType_dualstack)
	default:
		return fault.BadRequestf("Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE")
	}
	d.EndpointConfiguration.Types = []string{op.Value()}
	return nil
}

// setAddressType. Recorded, both texts.
func setAddressType(config *apigw.EndpointConfiguration, op patch.Op) error {
	switch op.Value() {
	case apigw.IpAddressType_ipv4, apigw.IpAddressType_dualstack:
		config.IpAddressType = op.Text()
		return nil
	}
	return fault.BadRequestf("ipAddressType must be either ipv4 or dualstack.")
}

func addVPCEndpoint(d *apiDraft, op patch.Op) error {
	config := d.EndpointConfiguration
	if !slices.Contains(config.Types, apigw.EndpointType_PRIVATE) {
		return fault.BadRequestf("VPCEndpoints can only be specified with PRIVATE apis.")
	}
	if op.Value() == "" {
		return errEmptyValue("vpcEndpointIds") // assumed
	}
	if !slices.Contains(config.VpcEndpointIds, op.Value()) {
		config.VpcEndpointIds = append(config.VpcEndpointIds, op.Value())
	}
	return nil
}

// setEnum sets a member to one of the values of an enum of the model; an empty
// value clears it. The wording is assumed.
func setEnum(member **string, shape, noun string, op patch.Op) error {
	values := apigw.Schema[shape].Enum
	if op.Value() != "" && !slices.Contains(values, op.Value()) {
		return fault.BadRequestf("Invalid %s specified. Must be one of: [%s]", noun, strings.Join(values, ", "))
	}
	*member = op.Text()
	return nil
}
