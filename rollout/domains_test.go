package rollout

import (
	"crypto/tls"
	"slices"
	"testing"

	"github.com/postern-gateway/postern/apigw"
)

// TestMinimalTLS has a row for every policy of the model.
func TestMinimalTLS(t *testing.T) {
	versions := map[string]uint16{
		"TLS_1_0": tls.VersionTLS10,
		"TLS_1_2": tls.VersionTLS12,

		"SecurityPolicy_TLS13_1_3_2025_09":             tls.VersionTLS13,
		"SecurityPolicy_TLS13_1_3_FIPS_2025_09":        tls.VersionTLS13,
		"SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09":      tls.VersionTLS12,
		"SecurityPolicy_TLS13_1_2_FIPS_PQ_2025_09":     tls.VersionTLS12,
		"SecurityPolicy_TLS13_1_2_FIPS_PFS_PQ_2025_09": tls.VersionTLS12,
		"SecurityPolicy_TLS13_1_2_PQ_2025_09":          tls.VersionTLS12,
		"SecurityPolicy_TLS13_1_2_2021_06":             tls.VersionTLS12,
		"SecurityPolicy_TLS13_2025_EDGE":               tls.VersionTLS13,
		"SecurityPolicy_TLS12_PFS_2025_EDGE":           tls.VersionTLS12,
		"SecurityPolicy_TLS12_2018_EDGE":               tls.VersionTLS12,
	}
	for policy, want := range versions {
		if got := minimalTLS(policy); got != want {
			t.Errorf("minimalTLS(%s) = %s, want %s", policy, tls.VersionName(got), tls.VersionName(want))
		}
		if !slices.Contains(apigw.Schema["SecurityPolicy"].Enum, policy) {
			t.Errorf("the model has no policy %s", policy)
		}
	}
	for _, policy := range apigw.Schema["SecurityPolicy"].Enum {
		if _, ok := versions[policy]; !ok {
			t.Errorf("no row for %s", policy)
		}
	}
}
