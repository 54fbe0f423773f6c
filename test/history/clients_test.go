package history

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/smithy-go"

	"github.com/postern-gateway/postern/test/postern"
)

const stageName = "dev"

// api is what the clients know of an API.
type api struct {
	id, root string

	mu    sync.Mutex
	known []string // ids of resources that an answer has shown, not all of them there any more
}

func newAPI(t *testing.T, client *apigateway.Client, name string) *api {
	t.Helper()
	made := postern.NewAPI(t, client, name)
	made.Mock(t, "GET", "/", "", nil)
	made.Deploy(t, stageName)
	return &api{id: made.ID, root: made.Root}
}

func (a *api) learn(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	const enough = 8
	if a.known = append(a.known, id); len(a.known) > enough {
		a.known = a.known[1:]
	}
}

// some returns an id, or one that never was.
func (a *api) some() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.known) == 0 {
		return "none"
	}
	return a.known[rand.IntN(len(a.known))]
}

func (a *api) arn() string { return "arn:aws:apigateway:" + postern.Region + "::/restapis/" + a.id }

// history collects calls and their answers.
type history struct {
	begun  time.Time
	values atomic.Int64 // every value is written once

	mu         sync.Mutex
	operations []porcupine.Operation
	open       []int // calls without an answer that may still happen
	answers    int   // of this round
}

func (h *history) now() int64 { return int64(time.Since(h.begun)) }

// add notes a call. One without an answer ends when settle says so.
func (h *history) add(client int, in input, call int64, out any) {
	end := h.now()
	h.mu.Lock()
	defer h.mu.Unlock()
	if out == (lost{}) {
		h.open = append(h.open, len(h.operations))
		end = math.MaxInt64
	} else {
		h.answers++
	}
	h.operations = append(h.operations, porcupine.Operation{ClientId: client, Input: in, Call: call, Output: out, Return: end})
}

// enough reports whether the round has so many answers.
func (h *history) enough(answers int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.answers >= answers
}

// settle says that what has no answer by now has happened or never will.
func (h *history) settle() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, i := range h.open {
		h.operations[i].Return = h.now()
	}
	h.open = nil
}

// user is one client.
type user struct {
	number int
	nodes  []*apigateway.Client
	client *apigateway.Client // the node of the present call
	apis   []*api             // the first one is everybody's favourite
}

// act makes one call at random and notes it. It reports whether there was an
// answer, and fails on an answer that no call of this kind should get.
func (u *user) act(ctx context.Context, h *history) (answered bool, err error) {
	on := u.apis[0]
	if rand.IntN(2) == 0 {
		on = u.apis[rand.IntN(len(u.apis))]
	}
	u.client = u.nodes[rand.IntN(len(u.nodes))]
	value := strconv.FormatInt(h.values.Add(1), 10)
	name := rand.IntN(len(names))
	in := input{object: "stage of " + on.id}
	call := h.now()
	var out any
	switch rand.IntN(16) {
	case 0, 1, 2, 3, 4:
		in.ask = set{{u.number, value}, {clients, value}}
		out, err = u.updateStage(ctx, on, value)
	case 5, 6:
		in.ask = look{}
		out, err = u.getStage(ctx, on)
	case 7:
		in = input{"record of " + on.id, set{{clients, value}}}
		out, err = u.updateAPI(ctx, on, value)
	case 8:
		in = input{"record of " + on.id, set{{u.number, value}}}
		err = u.tag(ctx, on, value)
	case 9:
		in = input{"record of " + on.id, set{{u.number, ""}}}
		err = u.untag(ctx, on)
	case 10:
		in = input{"record of " + on.id, look{}}
		out, err = u.getAPI(ctx, on)
	case 11, 12:
		in = input{"tree of " + on.id, create{name}}
		out, err = u.create(ctx, on, name)
	case 13:
		ask := remove{on.some()}
		in = input{"tree of " + on.id, ask}
		out, err = u.remove(ctx, on, ask.id)
	case 14:
		ask := rename{on.some(), name}
		in = input{"tree of " + on.id, ask}
		out, err = u.rename(ctx, on, ask)
	case 15:
		in = input{"tree of " + on.id, list{}}
		out, err = u.list(ctx, on)
	}
	if err != nil {
		if refusal := (smithy.APIError)(nil); errors.As(err, &refusal) {
			return true, fmt.Errorf("client %d, %T %+v on %s: %w", u.number, in.ask, in.ask, in.object, err)
		}
		out = lost{}
	}
	h.add(u.number, in, call, out)
	return err == nil, nil
}

func variable(pair string, client int) string { return fmt.Sprintf("%s%d", pair, client) }

// pairs reads what all clients wrote to a map, each of them two equal values.
// Two that are not equal give a value that nobody wrote.
func pairs(m map[string]string, last string) record {
	var r record
	for i := range clients {
		x, y := m[variable("x", i)], m[variable("y", i)]
		if r[i] = x; x != y {
			r[i] = "half a change: " + x + ", " + y
		}
	}
	r[clients] = last
	return r
}

func value(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

func (u *user) updateStage(ctx context.Context, a *api, n string) (any, error) {
	out, err := u.client.UpdateStage(ctx, &apigateway.UpdateStageInput{
		RestApiId: &a.id, StageName: new(stageName),
		PatchOperations: []types.PatchOperation{
			postern.Replace("/variables/"+variable("x", u.number), n),
			postern.Replace("/description", n),
			postern.Replace("/variables/"+variable("y", u.number), n),
		},
	})
	if err != nil {
		return nil, err
	}
	return pairs(out.Variables, value(out.Description)), nil
}

func (u *user) getStage(ctx context.Context, a *api) (any, error) {
	out, err := u.client.GetStage(ctx, &apigateway.GetStageInput{RestApiId: &a.id, StageName: new(stageName)})
	if err != nil {
		return nil, err
	}
	return pairs(out.Variables, value(out.Description)), nil
}

func (u *user) updateAPI(ctx context.Context, a *api, n string) (any, error) {
	out, err := u.client.UpdateRestApi(ctx, &apigateway.UpdateRestApiInput{
		RestApiId: &a.id, PatchOperations: []types.PatchOperation{postern.Replace("/description", n)},
	})
	if err != nil {
		return nil, err
	}
	return pairs(out.Tags, value(out.Description)), nil
}

func (u *user) getAPI(ctx context.Context, a *api) (any, error) {
	out, err := u.client.GetRestApi(ctx, &apigateway.GetRestApiInput{RestApiId: &a.id})
	if err != nil {
		return nil, err
	}
	return pairs(out.Tags, value(out.Description)), nil
}

func (u *user) tag(ctx context.Context, a *api, n string) error {
	_, err := u.client.TagResource(ctx, &apigateway.TagResourceInput{
		ResourceArn: new(a.arn()), Tags: map[string]string{variable("x", u.number): n, variable("y", u.number): n},
	})
	return err
}

func (u *user) untag(ctx context.Context, a *api) error {
	_, err := u.client.UntagResource(ctx, &apigateway.UntagResourceInput{
		ResourceArn: new(a.arn()), TagKeys: []string{variable("x", u.number), variable("y", u.number)},
	})
	return err
}

func (u *user) create(ctx context.Context, a *api, name int) (any, error) {
	out, err := u.client.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: &a.id, ParentId: &a.root, PathPart: &names[name]})
	if err != nil {
		return refusal(err)
	}
	a.learn(*out.Id)
	return *out.Id, nil
}

func (u *user) remove(ctx context.Context, a *api, id string) (any, error) {
	_, err := u.client.DeleteResource(ctx, &apigateway.DeleteResourceInput{RestApiId: &a.id, ResourceId: &id})
	return refusal(err)
}

func (u *user) rename(ctx context.Context, a *api, ask rename) (any, error) {
	_, err := u.client.UpdateResource(ctx, &apigateway.UpdateResourceInput{
		RestApiId: &a.id, ResourceId: &ask.id, PatchOperations: []types.PatchOperation{postern.Replace("/pathPart", names[ask.name])},
	})
	return refusal(err)
}

func (u *user) list(ctx context.Context, a *api) (any, error) {
	out, err := u.client.GetResources(ctx, &apigateway.GetResourcesInput{RestApiId: &a.id})
	if err != nil {
		return nil, err
	}
	var shown tree
	for _, item := range out.Items {
		for i, name := range names {
			if value(item.PathPart) == name {
				shown[i] = *item.Id
				a.learn(*item.Id)
			}
		}
	}
	return shown, nil
}

// refusal turns the refusals that the model knows into outcomes.
func refusal(err error) (any, error) {
	if err == nil {
		return done, nil
	}
	if _, ok := errors.AsType[*types.ConflictException](err); ok {
		return refused, nil
	}
	if _, ok := errors.AsType[*types.NotFoundException](err); ok {
		return missing, nil
	}
	return nil, err
}
