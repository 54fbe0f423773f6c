package logs

import (
	"context"
	"errors"
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
type Queue struct {
	cfg     QueueConfig
	dropped atomic.Int64
	wake    chan struct{} // holds one token if there is something to do
	cancel  context.CancelFunc
	ended   chan struct{} // closed when the writing goroutine has ended

	mu       sync.Mutex // never held while the sink writes
	pending  []Record
	held     int    // records that wait or are being written
	bytes    int    // their sizes
	put      uint64 // records taken, ever
	done     uint64 // of those, written or lost
	closed   bool
	progress chan struct{} // closed when done advances; nil if nobody waits for it
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
	q := &Queue{cfg: cfg, wake: make(chan struct{}, 1), cancel: cancel, ended: make(chan struct{})}
	go q.run(ctx)
	return q
}

// Name returns the name of the sink.
func (q *Queue) Name() string { return q.cfg.Name }

// Dropped counts the records that were put and will never be written: because
// the queue was full or closed, or because the sink lost them.
func (q *Queue) Dropped() int64 { return q.dropped.Load() }

// Put takes a record, or drops and counts it. It waits for nothing but other
// calls of Put.
func (q *Queue) Put(r Record) {
	size := r.size()
	q.mu.Lock()
	if q.closed || q.held >= q.cfg.Records || q.bytes+size > q.cfg.Bytes {
		q.mu.Unlock()
		q.dropped.Add(1)
		return
	}
	q.pending = append(q.pending, r)
	q.held++
	q.bytes += size
	q.put++
	q.mu.Unlock()
	q.signal()
}

func (q *Queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// Flush waits until the sink has written or lost what was put before.
func (q *Queue) Flush(ctx context.Context) error {
	q.mu.Lock()
	target := q.put
	for q.done < target {
		if q.progress == nil {
			q.progress = make(chan struct{})
		}
		progress := q.progress
		q.mu.Unlock()
		select {
		case <-progress:
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
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
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
	var records []Record // written before; its memory is used again
	failing := false
	for {
		q.mu.Lock()
		records, q.pending = q.pending, records[:0]
		closed := q.closed
		q.mu.Unlock()
		if len(records) == 0 {
			if closed || ctx.Err() != nil {
				return
			}
			select {
			case <-q.wake:
			case <-ctx.Done():
			}
			continue
		}
		for rest := records; len(rest) > 0; {
			batch := rest[:min(len(rest), q.cfg.Batch)]
			rest = rest[len(batch):]
			failing = q.write(ctx, batch, failing)
		}
	}
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
	q.mu.Lock()
	q.held -= len(batch)
	q.bytes -= bytes
	q.done += uint64(len(batch))
	if q.progress != nil {
		close(q.progress)
		q.progress = nil
	}
	q.mu.Unlock()
	clear(batch) // lets go of the messages
	return err != nil
}
