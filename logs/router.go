package logs

import (
	"context"
	"errors"
	"sync"
)

// Route leads records to a sink.
type Route struct {
	Queue *Queue
	// Wants says whether records for a destination go this way; nil: all do.
	Wants func(Destination) bool
}

// Router hands records to the queues of all routes that want them. The zero
// value has no routes and forgets everything.
type Router struct{ Routes []Route }

// Put takes a record. It never blocks.
func (r *Router) Put(record Record) {
	for _, route := range r.Routes {
		if route.Wants == nil || route.Wants(record.Destination) {
			route.Queue.Put(record)
		}
	}
}

// Flush waits until all sinks have written what was put before.
func (r *Router) Flush(ctx context.Context) error {
	var errs []error
	for _, route := range r.Routes {
		errs = append(errs, route.Queue.Flush(ctx))
	}
	return errors.Join(errs...)
}

// Close ends all queues at once; see Queue.Close.
func (r *Router) Close(ctx context.Context) error {
	errs := make([]error, len(r.Routes))
	var closing sync.WaitGroup
	for i, route := range r.Routes {
		closing.Go(func() { errs[i] = route.Queue.Close(ctx) })
	}
	closing.Wait()
	return errors.Join(errs...)
}
