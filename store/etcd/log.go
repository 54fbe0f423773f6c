package etcd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// newZap returns a logger for etcd that passes errors on to log and drops the
// rest. etcd calls it at fatal and panic level when it cannot go on, for example
// because a write to the disk failed; then failed is called and the goroutine
// ends, instead of the process.
func newZap(log *slog.Logger, failed func(error)) *zap.Logger {
	hook := failHook(failed)
	return zap.New(&slogCore{log: log}, zap.WithFatalHook(hook), zap.WithPanicHook(hook))
}

type failHook func(error)

// OnWrite implements zapcore.CheckWriteHook.
func (h failHook) OnWrite(entry *zapcore.CheckedEntry, fields []zapcore.Field) {
	if h != nil {
		err := errors.New(entry.Message)
		for _, field := range fields {
			if cause, ok := field.Interface.(error); ok {
				err = fmt.Errorf("%s: %w", entry.Message, cause)
			}
		}
		h(err)
	}
	runtime.Goexit()
}

// slogCore is a zapcore.Core that writes to slog.
type slogCore struct {
	log *slog.Logger
}

func (*slogCore) Enabled(level zapcore.Level) bool { return level >= zapcore.ErrorLevel }

func (c *slogCore) With(fields []zapcore.Field) zapcore.Core {
	return &slogCore{log: slog.New(c.log.Handler().WithAttrs(attrs(fields)))}
}

func (c *slogCore) Check(entry zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.Enabled(entry.Level) {
		return checked.AddCore(entry, c)
	}
	return checked
}

// harmless are messages at error level that tell of no error. A member writes
// the first one at its very first start: there is no term yet to look at.
var harmless = []string{"failed to update storage version"}

func (c *slogCore) Write(entry zapcore.Entry, fields []zapcore.Field) error {
	if slices.Contains(harmless, entry.Message) {
		return nil
	}
	c.log.LogAttrs(context.Background(), slog.LevelError, "etcd: "+entry.Message, attrs(fields)...)
	return nil
}

func (*slogCore) Sync() error { return nil }

func attrs(fields []zapcore.Field) []slog.Attr {
	out := make([]slog.Attr, 0, len(fields))
	for _, field := range fields {
		values := zapcore.NewMapObjectEncoder()
		field.AddTo(values)
		for key, value := range values.Fields {
			out = append(out, slog.Any(key, value))
		}
	}
	return out
}
