package domain

import "github.com/postern-gateway/postern/apigw"

// Snapshot is the definition of an API as a deployment freezes it. It is never
// changed after it was made.
type Snapshot struct {
	Account string        `json:"account"`
	Region  string        `json:"region"`
	API     apigw.RestApi `json:"api"`
	// Resources are sorted by path. Each holds its methods whole, with their
	// integration and responses, in ResourceMethods.
	Resources []apigw.Resource `json:"resources"`
	// The rest is sorted by name, type or id.
	Models           []apigw.Model            `json:"models,omitempty"`
	Authorizers      []apigw.Authorizer       `json:"authorizers,omitempty"`
	Validators       []apigw.RequestValidator `json:"validators,omitempty"`
	GatewayResponses []apigw.GatewayResponse  `json:"gatewayResponses,omitempty"`
}
