package control

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/fault"
)

// Quota is a limit on the number of things.
type Quota string

// The quotas that apply. Guide, for the figures; the text is one that users of
// the real service quote for resources, assumed for the others.
const (
	APIsPerRegion   Quota = "apis-per-region"
	StagesPerAPI    Quota = "stages-per-api"
	ResourcesPerAPI Quota = "resources-per-api"
	VariablesPer    Quota = "variables-per-stage"
	TagsPer         Quota = "tags-per-resource"

	APIKeysPerRegion         Quota = "api-keys-per-region"
	UsagePlansPerRegion      Quota = "usage-plans-per-region"
	CertificatesPerRegion    Quota = "client-certificates-per-region"
	AuthorizersPerAPI        Quota = "authorizers-per-api"
	DocumentationPartsPerAPI Quota = "documentation-parts-per-api"

	UsagePlansPerKey  Quota = "usage-plans-per-api-key"
	ThrottlesPerStage Quota = "method-throttles-per-usage-plan-stage"

	DomainsPerRegion        Quota = "domains-per-region"
	PrivateDomainsPerRegion Quota = "private-domains-per-region"
	VPCLinksPerRegion       Quota = "vpc-links-per-region"
)

// quotaTable has the default and the name that a refusal uses.
var quotaTable = []struct {
	Quota
	limit int
	noun  string
	scope string
}{
	{APIsPerRegion, 600, "REST APIs", "account"},
	{StagesPerAPI, 10, "Stages", "API"},
	{ResourcesPerAPI, 300, "Resources", "API"},
	{VariablesPer, 100, "Variables", "stage"},
	{TagsPer, 50, "Tags", "resource"},
	{APIKeysPerRegion, 10_000, "API Keys", "account"},
	{UsagePlansPerRegion, 300, "Usage Plans", "account"},
	{UsagePlansPerKey, 10, "Usage Plans", "API Key"},
	{ThrottlesPerStage, 20, "Method throttles", "API Stage"},
	{CertificatesPerRegion, 60, "Client Certificates", "account"},
	{AuthorizersPerAPI, 10, "Authorizers", "API"},
	{DocumentationPartsPerAPI, 2000, "Documentation parts", "API"},
	{DomainsPerRegion, 120, "Domain Names", "account"},
	{PrivateDomainsPerRegion, 50, "private Domain Names", "account"},
	{VPCLinksPerRegion, 20, "VPC Links", "account"},
}

// Quotas are settings that differ from the defaults; a negative number means
// unlimited.
type Quotas map[Quota]int

// Sizes that are no settings. Guide for the figures, assumed for the texts.
const (
	maxSchema   = 400 << 10
	maxTemplate = 300 << 10
)

// checkTemplates bounds the mapping templates of an integration or of one of
// its responses.
func checkTemplates(templates map[string]*string) error {
	for _, mediaType := range sortedKeys(templates) {
		if len(apigw.Val(templates[mediaType])) > maxTemplate {
			return fault.BadRequestf("Mapping template for content type %s exceeds maximum size of %d bytes", mediaType, maxTemplate)
		}
	}
	return nil
}

// QuotaNames returns the names of all quotas.
func QuotaNames() []string {
	var names []string
	for _, row := range quotaTable {
		names = append(names, string(row.Quota))
	}
	return names
}

// ParseQuota reads "NAME=NUMBER" or "NAME=unlimited".
func ParseQuota(setting string) (Quota, int, error) {
	name, value, _ := strings.Cut(setting, "=")
	for _, row := range quotaTable {
		if string(row.Quota) != name {
			continue
		}
		if value == "unlimited" {
			return row.Quota, -1, nil
		}
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 {
			return "", 0, fmt.Errorf("quota %q: want %s=NUMBER or %s=unlimited", setting, name, name)
		}
		return row.Quota, n, nil
	}
	return "", 0, fmt.Errorf("quota %q: unknown name; the quotas are %s", setting, strings.Join(QuotaNames(), ", "))
}

// check refuses if n things are more than a quota allows.
func (q Quotas) check(quota Quota, n int) error {
	for _, row := range quotaTable {
		if row.Quota != quota {
			continue
		}
		limit, set := q[quota]
		if !set {
			limit = row.limit
		}
		if limit >= 0 && n > limit {
			return fault.New(fault.LimitExceeded,
				"Maximum number of %s for this %s has been reached.  Please contact AWS if you need additional %s.",
				row.noun, row.scope, row.noun)
		}
		return nil
	}
	panic("unknown quota " + string(quota))
}
