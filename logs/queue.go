package logs

import (
	"context"
	"errors"
	"hash/maphash"
	"log/slog"
	"sync"
	"sync/atomic"
)

// QueueConfig says how much a queue holds. Sink and Name are needed.
type QueueConfig struct {
	Name string // of the sink, in logs and metrics
	Sink Sink
	// Records and Bytes bound what waits or is being written; zero means 65,536
	// records and 32 MiB.
	Records, Bytes int
	Batch          int          // most records of one Write; zero means 1,000
	Log            *slog.Logger // nil: discard
}

const (
	defaultQueueRecords = 65536
	defaultQueueBytes   = 32 << 20
	defaultBatch        = 1000
)

// Queue holds records until a sink has written them. It never blocks those who
// put records in: what it cannot hold is dropped and counted.
//
// Records of one destination are in one shard, which keeps their order; those
// of other destinations rarely meet them. Bounds are counted in atomics.
type Queue struct {
	cfg     QueueConfig
	seed    maphash.Seed
	dropped atomic.Int64
	wake    chan struct{} // holds one token if there is something to do
	cancel  context.CancelFunc
	ended   chan struct{} // closed when the writing goroutine has ended

	held  atomic.Int64 // records that wait or are being written
	bytes atomic.Int64 // their sizes

	shards [queueShards]queueShard

	mu        sync.Mutex // of what Flush waits for; no request takes it
	started   uint64     // rounds of the writing goroutine that have begun
	completed uint64     // and that are over
	progress  chan struct{}
}

const queueShards = 16

type queueShard struct {
	mu      sync.Mutex // never held while the sink writes
	pending []Record
	closed  bool
	_       [24]byte // shards do not share a cache line
}

// NewQueue starts a queue. Close ends it.
func NewQueue(cfg QueueConfig) *Queue {
	if cfg.Records == 0 {
		cfg.Records = defaultQueueRecords
	}
	if cfg.Bytes == 0 {
		cfg.Bytes = defaultQueueBytes
	}
	if cfg.Batch == 0 {
		cfg.Batch = defaultBatch
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	q := &Queue{cfg: cfg, seed: maphash.MakeSeed(), wake: make(chan struct{}, 1), cancel: cancel, ended: make(chan struct{}), progress: make(chan struct{})}
	go q.run(ctx)
	return q
}

// Name returns the name of the sink.
func (q *Queue) Name() string { return q.cfg.Name }

// Dropped counts the records that were put and will never be written: because
// the queue was full or closed, or because the sink lost them.
func (q *Queue) Dropped() int64 { return q.dropped.Load() }

// Put takes a record, or drops and counts it. It waits for nothing but other
// calls of Put for the same destination.
func (q *Queue) Put(r Record) {
	if !q.put(r) {
		q.dropped.Add(1)
	}
}

func (q *Queue) put(r Record) bool {
	if !q.reserve(r.size()) {
		return false
	}
	shard := &q.shards[maphash.String(q.seed, r.Name())%queueShards]
	shard.mu.Lock()
	if shard.closed {
		shard.mu.Unlock()
		q.release(1, r.size())
		return false
	}
	shard.pending = append(shard.pending, r)
	shard.mu.Unlock()
	q.signal()
	return true
}

// reserve takes room for a record, if there is some.
func (q *Queue) reserve(size int) bool {
	if q.held.Add(1) > int64(q.cfg.Records) {
		q.held.Add(-1)
		return false
	}
	if q.bytes.Add(int64(size)) > int64(q.cfg.Bytes) {
		q.release(1, size)
		return false
	}
	return true
}

func (q *Queue) release(records, bytes int) {
	q.held.Add(-int64(records))
	q.bytes.Add(-int64(bytes))
}

func (q *Queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// Flush waits until the sink has written or lost what was put before: until a
// round is over that began after now.
func (q *Queue) Flush(ctx context.Context) error {
	q.mu.Lock()
	target := q.started + 1
	for q.completed < target {
		progress := q.progress
		q.mu.Unlock()
		q.signal()
		select {
		case <-progress:
		case <-q.ended: // everything is written or lost
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
		q.mu.Lock()
	}
	q.mu.Unlock()
	return nil
}

// Close takes no more records, waits until those in the queue are written and
// closes the sink. When ctx ends before, what is left is dropped and counted.
func (q *Queue) Close(ctx context.Context) error {
	for i := range q.shards {
		q.shards[i].mu.Lock()
		q.shards[i].closed = true
		q.shards[i].mu.Unlock()
	}
	q.signal()
	var err error
	select {
	case <-q.ended:
	case <-ctx.Done():
		err = ctx.Err()
	}
	q.cancel()
	<-q.ended
	return errors.Join(err, q.cfg.Sink.Close(ctx))
}

// run writes until the queue is closed and empty, or ctx ends.
func (q *Queue) run(ctx context.Context) {
	defer close(q.ended)
	var records []Record // of one round; its memory is used again
	failing := false
	for {
		q.mu.Lock()
		q.started++
		round := q.started
		q.mu.Unlock()
		var closed bool
		records, closed = q.collect(records[:0])
		for rest := records; len(rest) > 0; {
			batch := rest[:min(len(rest), q.cfg.Batch)]
			rest = rest[len(batch):]
			failing = q.write(ctx, batch, failing)
		}
		q.mu.Lock()
		q.completed = round
		close(q.progress)
		q.progress = make(chan struct{})
		q.mu.Unlock()
		if len(records) > 0 {
			continue
		}
		if closed || ctx.Err() != nil {
			return
		}
		select {
		case <-q.wake:
		case <-ctx.Done():
		}
	}
}

// collect takes what waits in all shards. It reports whether they were closed
// before, so that nothing can come any more.
func (q *Queue) collect(records []Record) (_ []Record, closed bool) {
	closed = true
	for i := range q.shards {
		shard := &q.shards[i]
		shard.mu.Lock()
		records = append(records, shard.pending...)
		clear(shard.pending) // lets go of the messages
		shard.pending = shard.pending[:0]
		closed = closed && shard.closed
		shard.mu.Unlock()
	}
	return records, closed
}

// write hands a batch to the sink. It tells the log when the sink begins to
// fail and when it works again, not of each failure: those are counted.
func (q *Queue) write(ctx context.Context, batch []Record, failing bool) bool {
	lost, err := len(batch), ctx.Err()
	if err == nil {
		lost, err = q.cfg.Sink.Write(ctx, batch)
	}
	q.dropped.Add(int64(lost))
	switch {
	case err != nil && !failing:
		q.cfg.Log.Error("log records are lost", "sink", q.cfg.Name, "records", lost, "error", err)
	case err == nil && failing:
		q.cfg.Log.Info("log records are written again", "sink", q.cfg.Name, "dropped", q.Dropped())
	}
	bytes := 0
	for i := range batch {
		bytes += batch[i].size()
	}
	q.release(len(batch), bytes)
	clear(batch) // lets go of the messages
	return err != nil
}
