package domain

import (
	"crypto/sha256"
	"encoding/hex"
)

// Keys of API keys, usage plans and client certificates, which belong to an
// account and not to an API.
//
//	w/{account}/{region}/apikey/{id}
//	w/{account}/{region}/apikeyvalue/{hash of the value}   id of that key
//	w/{account}/{region}/plan/{id}
//	w/{account}/{region}/plankey/{plan}/{key}
//	w/{account}/{region}/usage/{plan}/{key}
//	w/{account}/{region}/certificate/{id}

// APIKeys is the prefix of all API keys.
func (s Scope) APIKeys() string { return s.key("apikey", "") }

// APIKeyKey is the key of an API key.
func (s Scope) APIKeyKey(id string) string { return s.APIKeys() + segment(id) }

// APIKeyValue is the uniqueness key of the value of an API key. It holds a hash,
// so that the value is in one place only.
func (s Scope) APIKeyValue(value string) string {
	sum := sha256.Sum256([]byte(value))
	return s.key("apikeyvalue", hex.EncodeToString(sum[:]))
}

// UsagePlans is the prefix of all usage plans.
func (s Scope) UsagePlans() string { return s.key("plan", "") }

// UsagePlanKey is the key of a usage plan.
func (s Scope) UsagePlanKey(id string) string { return s.UsagePlans() + segment(id) }

// PlanKeys is the prefix of the API keys of a usage plan.
func (s Scope) PlanKeys(plan string) string { return s.key("plankey", segment(plan), "") }

// AllPlanKeys is the prefix of the API keys of all usage plans.
func (s Scope) AllPlanKeys() string { return s.key("plankey", "") }

// PlanKey is the key of an API key's place in a usage plan.
func (s Scope) PlanKey(plan, key string) string { return s.PlanKeys(plan) + segment(key) }

// Usages is the prefix of what is known of the use of a plan.
func (s Scope) Usages(plan string) string { return s.key("usage", segment(plan), "") }

// Usage is the key of what is known of the use of a plan by a key.
func (s Scope) Usage(plan, key string) string { return s.Usages(plan) + segment(key) }

// Certificates is the prefix of all client certificates.
func (s Scope) Certificates() string { return s.key("certificate", "") }

// CertificateKey is the key of a client certificate.
func (s Scope) CertificateKey(id string) string { return s.Certificates() + segment(id) }
