package domain

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/apigw"
)

// The key layout. Each segment but the first is an account, a region, an id or
// a name; names that may hold a slash are last or escaped by [segment].
//
//	meta/format                                          version of the layout
//	i/api/{api}                                          scope of an API (ids are unique across scopes)
//	w/{account}/{region}/account
//	w/{account}/{region}/api/{api}
//	w/{account}/{region}/gen/{api}                       generation of the API's parts
//	w/{account}/{region}/part/{api}/{gen}/resource/{id}
//	w/{account}/{region}/part/{api}/{gen}/child/{parent}/{pathPart}   id of that child
//	w/{account}/{region}/part/{api}/{gen}/variable/{parent}           id of the one variable child
//	w/{account}/{region}/part/{api}/{gen}/method/{resource}/{VERB}
//	w/{account}/{region}/part/{api}/{gen}/model/{name}
//	w/{account}/{region}/part/{api}/{gen}/authorizer/{id}
//	w/{account}/{region}/part/{api}/{gen}/authorizername/{name}       id of that authorizer
//	w/{account}/{region}/part/{api}/{gen}/validator/{id}
//	w/{account}/{region}/part/{api}/{gen}/gatewayresponse/{TYPE}      those that were put
//	w/{account}/{region}/part/{api}/{gen}/documentation/{id}
//	w/{account}/{region}/part/{api}/{gen}/location/{location}         id of the documentation part there
//	w/{account}/{region}/docversion/{api}/{version}
//	w/{account}/{region}/deployment/{api}/{id}
//	w/{account}/{region}/snapshot/{api}/{deployment}/{chunk}
//	w/{account}/{region}/stage/{api}/{stage}
//	i/domain/{region}/{name}                             scope of a public domain name (unique in a region)
//	w/{account}/{region}/domain/{domain}                 {domain} is a name, or name+id of a private one
//	w/{account}/{region}/mapping/{domain}/{basePath}     "(none)" for the empty base path
//	w/{account}/{region}/association/{domain}/{source}   of an endpoint of this account with a private domain
//	w/{account}/{region}/associated/{domain}/{account}/{source}  ARN of an association with a domain of this account
//	w/{account}/{region}/vpclink/{id}
//	h/{account}/{region}/{time}-{request}                change events
const (
	// FormatKey holds the version of the layout.
	FormatKey = "meta/format"
	// World is the prefix of everything that the mirror keeps in memory.
	World = "w/"
	// History is the prefix of the change events.
	History = "h/"
	// Index is the prefix of the keys that hold across scopes.
	Index = "i/"
)

// Scope is one account in one region: nothing of one is visible from another.
type Scope struct{ Account, Region string }

func (s Scope) key(parts ...string) string {
	return World + s.Account + "/" + s.Region + "/" + strings.Join(parts, "/")
}

// AccountKey is the key of the account settings.
func (s Scope) AccountKey() string { return s.key("account") }

// APIs is the prefix of all APIs.
func (s Scope) APIs() string { return s.key("api", "") }

// APIKey is the key of an API.
func (s Scope) APIKey(api string) string { return s.key("api", segment(api)) }

// APIIndex is the key that makes an id of an API unique across scopes.
func APIIndex(api string) string { return Index + "api/" + api }

// GenerationKey is the key of the generation of an API's parts. It exists as
// long as the API does.
func (s Scope) GenerationKey(api string) string { return s.key("gen", segment(api)) }

// AllParts is the prefix of the parts of an API in all generations.
func (s Scope) AllParts(api string) string { return s.key("part", segment(api), "") }

// AllStages is the prefix of the stages of all APIs.
func (s Scope) AllStages() string { return s.key("stage", "") }

// Stages is the prefix of the stages of an API.
func (s Scope) Stages(api string) string { return s.key("stage", segment(api), "") }

// StageKey is the key of a stage.
func (s Scope) StageKey(api, stage string) string {
	return s.key("stage", segment(api), segment(stage))
}

// Deployments is the prefix of the deployments of an API.
func (s Scope) Deployments(api string) string { return s.key("deployment", segment(api), "") }

// DeploymentKey is the key of a deployment.
func (s Scope) DeploymentKey(api, id string) string {
	return s.key("deployment", segment(api), segment(id))
}

// Snapshots is the prefix of all snapshots of an API.
func (s Scope) Snapshots(api string) string { return s.key("snapshot", segment(api), "") }

// Snapshot is the prefix of the chunks of a deployment's snapshot.
func (s Scope) Snapshot(api, deployment string) string {
	return s.key("snapshot", segment(api), segment(deployment), "")
}

// SnapshotKey is the key of a chunk.
func (s Scope) SnapshotKey(api, deployment string, chunk int) string {
	return fmt.Sprintf("%s%04d", s.Snapshot(api, deployment), chunk)
}

// DocumentationVersions is the prefix of the documentation versions of an API.
func (s Scope) DocumentationVersions(api string) string { return s.key("docversion", segment(api), "") }

// DocumentationVersionKey is the key of a documentation version.
func (s Scope) DocumentationVersionKey(api, version string) string {
	return s.DocumentationVersions(api) + segment(version)
}

// DomainRef names a domain name in keys and ARNs: the name of a public one,
// "name+id" of a private one. Names hold no plus sign.
func DomainRef(name, id string) string {
	if id == "" {
		return name
	}
	return name + "+" + id
}

// DomainIndex is the key that makes a public domain name unique in a region,
// across accounts.
func DomainIndex(region, name string) string { return Index + "domain/" + region + "/" + name }

// Domains is the prefix of all domain names.
func (s Scope) Domains() string { return s.key("domain", "") }

// NoBasePath stands for the empty base path, in keys, answers and URLs, and for
// a stage that the requests name themselves.
const NoBasePath = "(none)"

// DomainKey is the key of a domain name; ref is a DomainRef, here and below.
func (s Scope) DomainKey(ref string) string { return s.Domains() + segment(ref) }

// AllMappings is the prefix of the base path mappings of all domain names.
func (s Scope) AllMappings() string { return s.key("mapping", "") }

// Mappings is the prefix of the base path mappings of a domain name.
func (s Scope) Mappings(ref string) string { return s.key("mapping", segment(ref), "") }

// MappingKey is the key of a base path mapping.
func (s Scope) MappingKey(ref, basePath string) string { return s.Mappings(ref) + segment(basePath) }

// Associations is the prefix of the access associations that this account made.
func (s Scope) Associations() string { return s.key("association", "") }

// AssociationKey is the key of an access association.
func (s Scope) AssociationKey(ref, source string) string {
	return s.key("association", segment(ref), segment(source))
}

// AllAssociated is the prefix of the references to all access associations with
// domain names of this account.
func (s Scope) AllAssociated() string { return s.key("associated", "") }

// Associated is the prefix of the references to the access associations with a
// domain name, whichever account made them.
func (s Scope) Associated(ref string) string { return s.key("associated", segment(ref), "") }

// AssociatedKey is the key of the reference to an association that an account made.
func (s Scope) AssociatedKey(ref, account, source string) string {
	return s.Associated(ref) + segment(account) + "/" + segment(source)
}

// VPCLinks is the prefix of all VPC links.
func (s Scope) VPCLinks() string { return s.key("vpclink", "") }

// VPCLinkKey is the key of a VPC link.
func (s Scope) VPCLinkKey(id string) string { return s.VPCLinks() + segment(id) }

// Parts are the keys of one generation of an API's definition.
type Parts string

// Parts returns the keys of a generation.
func (s Scope) Parts(api string, generation int) Parts {
	return Parts(s.key("part", segment(api), strconv.Itoa(generation), ""))
}

// Resources is the prefix of all resources.
func (p Parts) Resources() string { return string(p) + "resource/" }

// Resource is the key of a resource.
func (p Parts) Resource(id string) string { return p.Resources() + segment(id) }

// Child is the uniqueness key of a path part below a parent.
func (p Parts) Child(parent, pathPart string) string {
	return string(p) + "child/" + segment(parent) + "/" + segment(pathPart)
}

// Variable is the uniqueness key of the one variable child of a parent.
func (p Parts) Variable(parent string) string { return string(p) + "variable/" + segment(parent) }

// Methods is the prefix of all methods.
func (p Parts) Methods() string { return string(p) + "method/" }

// MethodsOf is the prefix of the methods of a resource.
func (p Parts) MethodsOf(resource string) string { return p.Methods() + segment(resource) + "/" }

// Method is the key of a method.
func (p Parts) Method(resource, verb string) string { return p.MethodsOf(resource) + segment(verb) }

// Models is the prefix of all models.
func (p Parts) Models() string { return string(p) + "model/" }

// Model is the key of a model.
func (p Parts) Model(name string) string { return p.Models() + segment(name) }

// Authorizers is the prefix of all authorizers.
func (p Parts) Authorizers() string { return string(p) + "authorizer/" }

// Authorizer is the key of an authorizer.
func (p Parts) Authorizer(id string) string { return p.Authorizers() + segment(id) }

// AuthorizerName is the uniqueness key of the name of an authorizer.
func (p Parts) AuthorizerName(name string) string {
	return string(p) + "authorizername/" + segment(name)
}

// Validators is the prefix of all request validators.
func (p Parts) Validators() string { return string(p) + "validator/" }

// Validator is the key of a request validator.
func (p Parts) Validator(id string) string { return p.Validators() + segment(id) }

// GatewayResponses is the prefix of the gateway responses that were put.
func (p Parts) GatewayResponses() string { return string(p) + "gatewayresponse/" }

// GatewayResponse is the key of the gateway response of a type.
func (p Parts) GatewayResponse(responseType string) string {
	return p.GatewayResponses() + segment(responseType)
}

// DocumentationParts is the prefix of all documentation parts.
func (p Parts) DocumentationParts() string { return string(p) + "documentation/" }

// DocumentationPart is the key of a documentation part.
func (p Parts) DocumentationPart(id string) string { return p.DocumentationParts() + segment(id) }

// Location is the uniqueness key of what a documentation part describes.
func (p Parts) Location(l apigw.DocumentationPartLocation) string {
	texts := []*string{l.Type, l.Path, l.Method, l.StatusCode, l.Name}
	escaped := make([]string, len(texts))
	for i, text := range texts {
		escaped[i] = segment(apigw.Val(text))
	}
	return string(p) + "location/" + strings.Join(escaped, "/")
}

var (
	escaper   = strings.NewReplacer("%", "%25", "/", "%2F", "\x00", "%00")
	unescaper = strings.NewReplacer("%25", "%", "%2F", "/", "%00", "\x00")
)

// segment keeps a name that came from a client inside its segment.
func segment(name string) string { return escaper.Replace(name) }

// Key is a parsed key below World.
type Key struct {
	Scope
	Kind string   // "api", "part", "stage" ...
	Rest []string // the segments after the kind, unescaped
}

// ParseKey reads a key below World.
func ParseKey(key string) (Key, bool) {
	rest, ok := strings.CutPrefix(key, World)
	parts := strings.Split(rest, "/")
	if !ok || len(parts) < 3 {
		return Key{}, false
	}
	for i, part := range parts {
		if strings.IndexByte(part, '%') >= 0 {
			parts[i] = unescaper.Replace(part)
		}
	}
	return Key{Scope: Scope{parts[0], parts[1]}, Kind: parts[2], Rest: parts[3:]}, true
}
