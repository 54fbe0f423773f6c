package node

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/postern-gateway/postern/awsapi/cloudwatch"
	logsapi "github.com/postern-gateway/postern/awsapi/logs"
	"github.com/postern-gateway/postern/logs"
	"github.com/postern-gateway/postern/logs/store"
)

// logging is where lines of stages go, and the API that reads them.
type logging struct {
	logs.Router
	store     *store.Store
	files     *logs.Queue // in front of the store; nil: no sink is the store
	api       *logsapi.Server
	directory string // to be removed at the end
}

// openLogs opens the store of logs and the sinks. The store serves the API even
// if no sink writes to it: groups can be made and tagged all the same.
func (n *Node) openLogs(background context.Context) error {
	directory, err := n.logDirectory()
	if err != nil {
		return err
	}
	n.logs.store, err = store.Open(store.Options{Dir: directory, MaxBytes: n.cfg.LogMaxBytes, Clock: n.time, Log: n.cfg.Log})
	if err != nil {
		return err
	}
	n.running.Go(func() { n.logs.store.Keep(background) })
	n.openLogSinks()
	n.logs.api = &logsapi.Server{
		Store:         n.logs.store,
		Authenticator: n.authenticator(logsapi.Service),
		Flush:         n.logs.flush,
		IDs:           n.cfg.IDs, Clock: n.time, Log: n.cfg.Log,
	}
	return nil
}

// logDirectory is the folder of the store: as configured, or below the data
// directory. A node of a cluster has none; its logs are removed when it ends.
func (n *Node) logDirectory() (string, error) {
	if n.cfg.LogDir != "" {
		return n.cfg.LogDir, nil
	}
	if directory := cmp.Or(n.cfg.Data, n.directory); directory != "" {
		return filepath.Join(directory, "logs"), nil
	}
	directory, err := os.MkdirTemp("", "postern-logs-")
	if err != nil {
		return "", fmt.Errorf("make a directory for logs: %w", err)
	}
	n.logs.directory = directory
	return directory, nil
}

// flush waits until lines that were put before can be read.
func (l *logging) flush(ctx context.Context) error {
	if l.files == nil {
		return nil
	}
	return l.files.Flush(ctx)
}

// logCloseTimeout bounds how long the end of a node waits for sinks.
const logCloseTimeout = 5 * time.Second

// closeLogs writes what is still in the queues. A sink that does not take it is
// reported, and does not make the end of the node a failure.
func (n *Node) closeLogs(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, logCloseTimeout)
	defer cancel()
	if err := n.logs.Close(ctx); err != nil {
		n.cfg.Log.Error("logs were not written at the end", "error", err)
	}
	if n.logs.directory != "" {
		return os.RemoveAll(n.logs.directory)
	}
	return nil
}

// serveAWS answers what is not the product's own: the API of CloudWatch
// Logs, of CloudWatch or of API Gateway.
func (n *Node) serveAWS(w http.ResponseWriter, r *http.Request) {
	switch {
	case logsapi.Claims(r):
		n.logs.api.ServeHTTP(w, r)
	case cloudwatch.Claims(r):
		n.monitoring.ServeHTTP(w, r)
	default:
		n.control.ServeHTTP(w, r)
	}
}
