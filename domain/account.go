package domain

import "github.com/postern-gateway/postern/apigw"

// The records of what belongs to an account and not to an API.
type (
	APIKey            = Record[apigw.ApiKey, APIKeyExt]
	UsagePlan         = Record[apigw.UsagePlan, OrderExt]
	PlanKey           = Record[apigw.UsagePlanKey, OrderExt] // without name and value
	Usage             = Record[UsageState, None]
	ClientCertificate = Record[apigw.ClientCertificate, CertificateExt]
)

// OrderExt keeps the order of creation more exactly than dates do, which the
// store keeps in whole seconds.
type OrderExt struct {
	Order int64 `json:"order,omitempty"` // nanoseconds since 1970; 0 in records from before it was kept
}

// APIKeyExt holds the value of a key, which most answers do not show.
type APIKeyExt struct {
	OrderExt
	Value string `json:"value"`
}

// UsageState is the use of a plan by a key that an operator has set.
type UsageState struct {
	Date      string `json:"date"`      // the day that it holds for, "2006-01-02"
	Remaining int64  `json:"remaining"` // of the quota of that day's period
}

// CertificateExt holds what no answer shows.
type CertificateExt struct {
	OrderExt
	Key []byte `json:"key"` // the private key (PKCS #8), sealed
}

// secretKinds are the kinds of records whose Ext is a secret: it stays out of
// change events.
var secretKinds = map[string]bool{"apikey": true, "certificate": true}

// HasSecret reports whether the record of a key holds a secret.
func HasSecret(key string) bool {
	k, ok := ParseKey(key)
	return ok && secretKinds[k.Kind]
}
