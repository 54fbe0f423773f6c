package control

import (
	"reflect"
	"testing"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/gaps"
)

// TestHandlersAndGaps: an operation is served or it is in the register, never
// both and never neither.
func TestHandlersAndGaps(t *testing.T) {
	listed := map[string]int{}
	for _, gap := range gaps.Register {
		for _, operation := range gap.Operations {
			listed[operation]++
		}
	}
	handlers := reflect.ValueOf((&Service{}).Handlers()).Elem()
	for _, operation := range apigw.Operations {
		served := !handlers.FieldByName(operation.Name).IsNil()
		if bound := operation.Bind((&Service{}).Handlers()) != nil; bound != served {
			t.Errorf("%s: bound %t, handler %t", operation.Name, bound, served)
		}
		switch n := listed[operation.Name]; {
		case n > 1:
			t.Errorf("%s is in the register %d times", operation.Name, n)
		case served && n == 1:
			t.Errorf("%s is served, and in the register", operation.Name)
		case !served && n == 0:
			t.Errorf("%s is not served, and not in the register", operation.Name)
		}
		delete(listed, operation.Name)
	}
	for operation := range listed {
		t.Errorf("the register lists %s, which is no operation", operation)
	}
	if handlers.NumField() != len(apigw.Operations) {
		t.Errorf("%d handlers, %d operations", handlers.NumField(), len(apigw.Operations))
	}
}
