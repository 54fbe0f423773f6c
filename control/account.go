package control

import (
	"context"
	"regexp"
	"slices"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/patch"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

// The throttle of an account. Guide.
const (
	accountRate  = 10000 // requests per second
	accountBurst = 5000
)

// account reads the settings of the caller's account in its region. They are
// there from the beginning.
func (t *tx) account() (*domain.Account, error) {
	r, ok, err := get[apigw.Account, domain.None](t, t.scope.AccountKey())
	if err == nil && !ok {
		r = domain.New(apigw.Account{
			ThrottleSettings: &apigw.ThrottleSettings{
				BurstLimit: new(int32(accountBurst)), RateLimit: new(apigw.Double(accountRate)),
			},
			Features:      []string{usagePlans},
			ApiKeyVersion: new("4"),
		}, domain.None{})
	}
	return r, err
}

const usagePlans = "UsagePlans"

// GetAccount answers the account settings.
func (s *Service) GetAccount(ctx context.Context, _ *apigw.GetAccountRequest) (*apigw.Account, error) {
	var out *apigw.Account
	err := s.read(ctx, func(t *tx) error {
		account, err := t.account()
		if err == nil {
			out = &account.Shape
		}
		return err
	})
	return out, err
}

var roleARN = regexp.MustCompile(`^arn:[^:]+:iam::[^:]*:role/.+$`)

var accountPatch = patch.Table[apigw.Account]{
	Resource: "Account",
	Refuse:   patch.ListsPaths,
	Rows: []patch.Row[apigw.Account]{
		{Path: "/cloudwatchRoleArn", Ops: patch.Replace, Apply: func(a *apigw.Account, op patch.Op) error {
			// There is no role to test; anything that is one is taken.
			if op.Value() != "" && !roleARN.MatchString(op.Value()) {
				return fault.BadRequestf("The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy.")
			}
			a.CloudwatchRoleArn = op.Text()
			return nil
		}},
		{Path: "/features", Ops: patch.Add, Apply: func(a *apigw.Account, op patch.Op) error {
			if op.Value() != usagePlans {
				return fault.BadRequestf("Invalid feature specified. Must be one of: [%s]", usagePlans) // assumed
			}
			if !slices.Contains(a.Features, usagePlans) {
				a.Features = append(a.Features, usagePlans)
			}
			return nil
		}},
		{Path: "/features", Ops: patch.Remove, Apply: func(*apigw.Account, patch.Op) error {
			return fault.BadRequestf("Usage Plans cannot be disabled once enabled") // guide for the rule, assumed for the text
		}},
	},
}

// UpdateAccount patches the account settings.
func (s *Service) UpdateAccount(ctx context.Context, in *apigw.UpdateAccountRequest) (*apigw.Account, error) {
	var out *apigw.Account
	err := s.change(ctx, "account", func(t *tx) error {
		account, err := t.account()
		if err != nil {
			return err
		}
		if err := accountPatch.Apply(&account.Shape, in.PatchOperations); err != nil {
			return err
		}
		t.put(t.scope.AccountKey(), account)
		out = &account.Shape
		return nil
	})
	return out, err
}
