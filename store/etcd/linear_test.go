package etcd_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/postern-gateway/postern/store"
	"github.com/postern-gateway/postern/store/etcd/etcdtest"
	"github.com/postern-gateway/postern/store/storetest"
)

// register is what TestLinearizable thinks of the store: one key with the
// revision that wrote it.
type register struct {
	value    string
	modified store.Revision
}

type operation struct {
	write    bool
	value    string         // to write
	expected store.Revision // the condition of the write
}

type answer struct {
	register      // of a read; of a write that succeeded, only modified
	conflict bool // of a write
}

var registerModel = porcupine.Model{
	Init: func() any { return register{} },
	Step: func(state, input, output any) (bool, any) {
		now, in, out := state.(register), input.(operation), output.(answer)
		switch {
		case !in.write:
			return out.register == now, now
		case out.conflict:
			return in.expected != now.modified, now
		default:
			return in.expected == now.modified && out.modified > now.modified, register{in.value, out.modified}
		}
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v -> %+v", input, output) },
}

// TestLinearizable lets clients read and compare-and-write one key, and checks
// that there is an order of their calls that explains all answers.
func TestLinearizable(t *testing.T) {
	s := etcdtest.New(t)
	const clients, calls = 5, 60
	var mu sync.Mutex
	var history []porcupine.Operation
	begun := time.Now()
	var wait sync.WaitGroup
	for c := range clients {
		wait.Go(func() {
			random := rand.New(rand.NewPCG(7, uint64(c)))
			var known store.Revision
			for i := range calls {
				in := operation{write: random.IntN(2) == 0, value: fmt.Sprintf("%d.%d", c, i), expected: known}
				call := time.Since(begun)
				out, err := do(t, s, in)
				if err != nil {
					t.Error(err)
					return
				}
				if !out.conflict {
					known = out.modified
				}
				op := porcupine.Operation{ClientId: c, Input: in, Call: int64(call), Output: out, Return: int64(time.Since(begun))}
				mu.Lock()
				history = append(history, op)
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	if got := porcupine.CheckOperationsTimeout(registerModel, history, 30*time.Second); got != porcupine.Ok {
		for _, op := range history {
			t.Logf("%d [%d %d] %s", op.ClientId, op.Call, op.Return, registerModel.DescribeOperation(op.Input, op.Output))
		}
		t.Errorf("the history is %s", got)
	}
}

func do(t *testing.T, s store.Store, in operation) (answer, error) {
	if !in.write {
		entries, _, err := s.List(t.Context(), "register")
		if err != nil || len(entries) == 0 {
			return answer{}, err
		}
		return answer{register: register{string(entries[0].Value), entries[0].Modified}}, nil
	}
	revision, err := s.Commit(t.Context(), store.Tx{
		Conds:  []store.Cond{{Key: "register", Modified: in.expected}},
		Writes: []store.Write{storetest.Put("register", in.value)},
	})
	if errors.Is(err, store.ErrConflict) {
		return answer{conflict: true}, nil
	}
	return answer{register: register{modified: revision}}, err
}
