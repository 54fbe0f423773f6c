package gateway

import (
	"math"
	"testing"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/plan"
)

// TestCanaryShare: of n requests the canary gets a share within the 99.9 %
// interval of the binomial distribution. The draw is seeded: the test says the
// same each time.
func TestCanaryShare(t *testing.T) {
	n := 40_000
	if testing.Short() {
		n = 10_000
	}
	one, _ := plan.CompileAPI(snapshot(mockMethod("GET /", "one")))
	two, _ := plan.CompileAPI(snapshot(mockMethod("GET /", "two")))
	for _, percent := range []float64{0, 0.1, 1, 5, 50, 99.9, 100} {
		g := servingPlan(nil, plan.StageInput{API: one, Canary: two, Stage: &apigw.Stage{
			DeploymentId:   new("d1"),
			CanarySettings: &apigw.CanarySettings{DeploymentId: new("d2"), PercentTraffic: new(apigw.Double(percent))},
		}})
		canary := 0
		for range n {
			if res := serve(t, g, request("GET /dev", nil, "")); string(res.Body) == "two" {
				canary++
			} else if string(res.Body) != "one" {
				t.Fatalf("answer %q", res.Body)
			}
		}
		if least, most := binomialInterval(n, percent/100, 0.999); canary < least || canary > most {
			t.Errorf("%v %%: %d of %d, want %d to %d", percent, canary, n, least, most)
		}
	}
}

// binomialInterval returns the numbers between which a count lies with a
// probability, the rest being equal on both sides.
func binomialInterval(n int, p, probability float64) (least, most int) {
	if p == 0 || p == 1 {
		return int(p * float64(n)), int(p * float64(n))
	}
	tail := (1 - probability) / 2
	lgN, _ := math.Lgamma(float64(n + 1))
	sum := 0.0
	least = -1
	for k := range n + 1 {
		lgK, _ := math.Lgamma(float64(k + 1))
		lgRest, _ := math.Lgamma(float64(n - k + 1))
		sum += math.Exp(lgN - lgK - lgRest + float64(k)*math.Log(p) + float64(n-k)*math.Log(1-p))
		if least < 0 && sum > tail {
			least = k
		}
		if sum >= 1-tail {
			return least, k
		}
	}
	return least, n
}
