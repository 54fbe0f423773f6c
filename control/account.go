package control

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/patch"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

// Throttle is the limit of an account in a region. The zero value is the
// service's: 10,000 requests a second with a burst of 5,000 (guide).
type Throttle struct {
	Unlimited bool
	Rate      float64 // requests per second
	Burst     int32   // requests
}

const (
	accountRate  = 10000
	accountBurst = 5000
)

// Limits returns the rate and the burst, -1 and -1 if there are none.
func (t Throttle) Limits() (rate float64, burst int32) {
	switch {
	case t.Unlimited:
		return -1, -1
	case t == Throttle{}:
		return accountRate, accountBurst
	}
	return t.Rate, t.Burst
}

// ParseThrottle reads "RATE:BURST" or "unlimited".
func ParseThrottle(text string) (Throttle, error) {
	if text == "unlimited" {
		return Throttle{Unlimited: true}, nil
	}
	first, second, _ := strings.Cut(text, ":")
	rate, err := strconv.ParseFloat(first, 64)
	burst, burstErr := strconv.ParseInt(second, 10, 32)
	if err != nil || burstErr != nil || !(rate > 0) || math.IsInf(rate, 0) || burst <= 0 {
		return Throttle{}, fmt.Errorf("account throttle %q: want RATE:BURST such as 10000:5000, or unlimited", text)
	}
	return Throttle{Rate: rate, Burst: int32(burst)}, nil
}

// account reads the settings of the caller's account in its region. They are
// there from the beginning.
func (t *tx) account() (*domain.Account, error) {
	r, ok, err := get[apigw.Account, domain.None](t, t.scope.AccountKey())
	if err == nil && !ok {
		r = domain.New(apigw.Account{
			Features:      []string{usagePlans},
			ApiKeyVersion: new("4"),
		}, domain.None{})
	}
	if err == nil { // the operator says, not the store
		rate, burst := t.throttle.Limits()
		r.Shape.ThrottleSettings = &apigw.ThrottleSettings{BurstLimit: &burst, RateLimit: new(apigw.Double(rate))}
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
	err := s.update(ctx, "account", in.PatchOperations, func(t *tx) error {
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
