package node

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/postern-gateway/postern/caller"
	"github.com/postern-gateway/postern/clock"
	"github.com/postern-gateway/postern/control"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/ids"
	"github.com/postern-gateway/postern/lambda"
	"github.com/postern-gateway/postern/observe/otel"
	"github.com/postern-gateway/postern/sigv4"
	"github.com/postern-gateway/postern/wire"
)

// Config is what a node is made from.
type Config struct {
	// Listen is the address of both planes. GatewayListen and ControlListen
	// separate them; one that is empty is then not served.
	Listen        string
	GatewayListen string
	ControlListen string
	// MetricsListen serves GET /metrics and /_postern/health to anyone: a
	// collector cannot sign. Empty: not served there.
	MetricsListen string
	// CredentialsFile holds who may use the control plane; see package
	// credentials. Without one any signature that is well formed is taken.
	CredentialsFile string
	ClockSkew       time.Duration // how far clocks of clients may differ; 0: five minutes
	// InsecureOpen allows a control plane beyond loopback without a credentials
	// file: anyone who reaches it can change everything.
	InsecureOpen bool
	// TLS is how both planes speak TLS. Nil: cleartext, but for custom domain
	// names whose certificate is known.
	TLS *tls.Config
	// Certificates are those of custom domain names, by their ARNs.
	Certificates map[string]tls.Certificate
	// TrustStores hold who signs the clients of custom domain names with mutual
	// TLS, by their URIs ("s3://bucket/key").
	TrustStores map[string]*x509.CertPool

	// One of the three says where the configuration is kept.
	Data      string   // directory of the embedded store
	Ephemeral bool     // a directory that is removed at the end, never forced to disk
	Etcd      []string // URLs of a cluster

	// KeyFile holds the key that seals secrets in the store. Empty: a file in
	// the data directory, made when it is missing; with a cluster, none.
	KeyFile string

	// LogDir is the folder of the log files. Empty: logs in the data directory;
	// with a cluster, one that is removed at the end.
	LogDir      string
	LogMaxBytes int64 // of log files, above which the oldest go; 0: 1 GiB
	// LogSinks are where lines of stages go. Nil: the log files. AWSKeys sign for
	// those that speak protocols of AWS.
	LogSinks []LogSink
	Stdout   io.Writer // of the sink of that name

	// OTLP is the URL of a collector of OpenTelemetry that gets spans and
	// metrics. Empty: none does.
	OTLP string

	Accounts      wire.Accounts // without a credentials file
	PublicDomains []string      // {api}.DOMAIN reaches an API, besides the built-in names

	Quotas             control.Quotas
	CacheDelay         time.Duration
	IntegrationTimeout time.Duration
	// AccountThrottle is the limit of each account in each region. The zero
	// value is the service's: 10,000 requests a second with a burst of 5,000.
	AccountThrottle control.Throttle
	RequireLogRole  bool
	ReplaceCanary   bool
	TargetSuffix    string // see control.Service, as the two before
	LoneRootMapping bool
	HistoryLimit    int // change events kept per account and region; 0: 10,000

	// AWSEndpoints ("URL", "SERVICE=URL") and LambdaEndpoints ("PATTERN=URL")
	// say where services and functions are if not in AWS; AWSKeys, of the
	// environment, sign calls of them. See package gateway/integration/aws.
	AWSEndpoints    []string
	LambdaEndpoints []string
	AWSKeys         sigv4.Keys
	// Functions are functions of this machine ("NAME=COMMAND"), with the
	// environment of all of them and their limits; zeros mean the defaults of
	// package lambda.
	Functions           []string
	FunctionEnv         []string
	FunctionTimeout     time.Duration
	FunctionConcurrency int
	// Printed takes what functions print, from several goroutines; nil: Log does.
	Printed     func(lambda.Printed)
	LinkTargets []string // "ARN=HOST:PORT,HOST:PORT": where targets of VPC links are

	AllowReset bool // POST /_postern/reset empties everything
	Pprof      bool // /_postern/pprof/
	// TestClock lets POST /_postern/clock freeze and advance the time that
	// settings act by and that data carries. Sockets, signatures and the store
	// keep the time of Clock.
	TestClock bool
	// EditStage is rollout.Config.Edit and EditAnswer wire.Server.Edit: only tests
	// set them.
	EditStage  func(*domain.Stage)
	EditAnswer func(out any)
	// ExplainLast is how many requests are explained without being asked for.
	ExplainLast int

	Clock clock.Clock  // nil: the machine's
	IDs   *ids.Source  // nil: the system's randomness
	Log   *slog.Logger // nil: discard
}

const defaultHistoryLimit = 10_000

// check completes a configuration or says what is wrong with it.
func (c *Config) check() error {
	stores := 0
	for _, given := range []bool{c.Data != "", c.Ephemeral, len(c.Etcd) > 0} {
		if given {
			stores++
		}
	}
	if stores != 1 {
		return errors.New("want exactly one of a data directory, an ephemeral store and an etcd cluster")
	}
	if c.Listen == "" && c.GatewayListen == "" && c.ControlListen == "" {
		return errors.New("want an address to listen on")
	}
	if c.Listen != "" && (c.GatewayListen != "" || c.ControlListen != "") {
		return errors.New("want either one address for both planes, or one for each")
	}
	control := c.ControlListen + c.Listen
	if control != "" && !c.InsecureOpen && c.CredentialsFile == "" && !isLoopback(control) {
		return fmt.Errorf("the control plane would listen on %s, beyond loopback, where any signature would be taken: give a credentials file, listen on 127.0.0.1, separate the planes with a gateway address, or allow it with --insecure-open", control)
	}
	if c.CredentialsFile != "" && c.InsecureOpen {
		return errors.New("with a credentials file the control plane is not open: leave out --insecure-open")
	}
	if c.CredentialsFile != "" && (c.Accounts.Default != "" || len(c.Accounts.ByKey) > 0) {
		return errors.New("with a credentials file the accounts are those of its identities: leave out --account")
	}
	if c.OTLP != "" {
		if err := otel.Check(c.OTLP); err != nil {
			return err
		}
	}
	if c.LogMaxBytes < 0 {
		return fmt.Errorf("%d bytes of log files: want zero or more", c.LogMaxBytes)
	}
	if err := c.checkLogSinks(); err != nil {
		return err
	}
	if c.FunctionTimeout < 0 || c.FunctionConcurrency < 0 {
		return fmt.Errorf("function timeout %v and concurrency %d: want more than zero", c.FunctionTimeout, c.FunctionConcurrency)
	}
	if c.ClockSkew < 0 {
		return fmt.Errorf("clock skew %v: want zero or more", c.ClockSkew)
	}
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.IDs == nil {
		c.IDs = ids.New()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Accounts.Default == "" {
		c.Accounts.Default = caller.DefaultAccount
	}
	if c.HistoryLimit == 0 {
		c.HistoryLimit = defaultHistoryLimit
	}
	return nil
}

func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
