package cli

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"github.com/postern-gateway/postern/caller"
	"github.com/postern-gateway/postern/control"
	"github.com/postern-gateway/postern/lambda"
	"github.com/postern-gateway/postern/node"
	"github.com/postern-gateway/postern/wire"
)

// settings are the flags of the commands that run a node.
type settings struct {
	listen, gatewayListen, controlListen string
	metricsListen                        string
	credentialsFile                      string
	clockSkew                            time.Duration
	insecureOpen                         bool
	tlsCert, tlsKey                      string
	certificates, trustStores            []string
	otlp                                 string
	data                                 string
	ephemeral                            bool
	etcd                                 []string
	keyFile                              string
	accounts, publicDomains              []string
	awsEndpoints, lambdaEndpoints        []string
	functions                            []string
	functionTimeout                      time.Duration
	functionConcurrency                  int
	linkTargets                          []string
	quotas                               []string
	accountThrottle                      string
	cacheDelay, integrationTimeout       time.Duration
	requireLogRole, replaceCanary        bool
	targetSuffix                         string
	loneRootMapping                      bool
	historyLimit                         int
	allowReset, pprof, testClock         bool
	explainLast                          int
	logLevel                             string
	printed                              func(lambda.Printed) // nil: into the log
	logDir                               string
	logMaxBytes                          int64
	logSinks                             []string
	drain                                time.Duration
	config                               string
}

// settingPrefix begins the variables that hold settings.
const settingPrefix = "POSTERN_"

const (
	defaultListen = "127.0.0.1:4566"
	defaultData   = "postern-data"
	defaultDrain  = 30 * time.Second
)

func (s *settings) flags(f *pflag.FlagSet) {
	f.StringVar(&s.listen, "listen", defaultListen, "address of both planes")
	f.StringVar(&s.gatewayListen, "gateway-listen", "", "address of the gateway alone; replaces --listen")
	f.StringVar(&s.controlListen, "control-listen", "", "address of the AWS API alone; replaces --listen")
	f.StringVar(&s.metricsListen, "metrics-listen", "", "one more address, for GET /metrics and /_postern/health without a signature")
	f.StringVar(&s.credentialsFile, "credentials-file", "", "file with identities, their access keys and policies (YAML); without it any well-formed signature is accepted")
	f.DurationVar(&s.clockSkew, "clock-skew", 0, "how far the clock of a client may differ (default 5m)")
	f.BoolVar(&s.insecureOpen, "insecure-open", false, "allow the AWS API beyond loopback without --credentials-file: anyone can change everything")
	f.StringVar(&s.tlsCert, "tls-cert", "", "file with a certificate chain (PEM): clients may speak TLS too")
	f.StringVar(&s.tlsKey, "tls-key", "", "file with the private key of --tls-cert (PEM)")
	f.StringArrayVar(&s.certificates, "certificate", nil, "certificate of custom domain names, ARN=CERTFILE,KEYFILE (PEM); repeatable")
	f.StringArrayVar(&s.trustStores, "truststore", nil, "who signs the clients of custom domain names with mutual TLS, s3://BUCKET/KEY=FILE (PEM); repeatable")
	f.StringVar(&s.otlp, "otlp", "", "URL of a collector of OpenTelemetry (OTLP over HTTP): gets spans of stages with tracing and metrics")
	f.StringVar(&s.data, "data", "", "data directory (default "+defaultData+")")
	f.BoolVar(&s.ephemeral, "ephemeral", false, "keep nothing: no data directory, no fsync")
	f.StringSliceVar(&s.etcd, "etcd", nil, "URLs of an etcd cluster to keep everything in, instead of a data directory")
	f.StringVar(&s.keyFile, "key-file", "", "file with the key that seals secrets in the store (default secret.key in the data directory)")
	f.StringArrayVar(&s.accounts, "account", nil, "account of all callers, or ACCESSKEY=ACCOUNT; repeatable (default "+caller.DefaultAccount+")")
	f.StringArrayVar(&s.publicDomains, "public-domain", nil, "domain below which APIs are reached as {api}.DOMAIN; repeatable")
	f.StringArrayVar(&s.awsEndpoints, "aws-endpoint", nil, "URL that calls of AWS services go to, or SERVICE=URL; repeatable")
	f.StringArrayVar(&s.lambdaEndpoints, "lambda-endpoint", nil, "PATTERN=URL: the Invoke API of the functions whose ARN matches, * standing for any text; repeatable")
	f.StringArrayVar(&s.functions, "function", nil, "NAME=COMMAND: a Lambda function that a program of this machine answers; repeatable")
	f.DurationVar(&s.functionTimeout, "function-timeout", lambda.DefaultTimeout, "how long a call of a --function may take")
	f.IntVar(&s.functionConcurrency, "function-concurrency", lambda.DefaultConcurrency, "how many processes one --function may have")
	f.StringArrayVar(&s.linkTargets, "vpc-link-target", nil, "ARN=HOST:PORT[,HOST:PORT]: what stands in for a load balancer behind VPC links; repeatable")
	f.StringArrayVar(&s.quotas, "quota", nil, "NAME=NUMBER or NAME=unlimited; repeatable; names: "+strings.Join(control.QuotaNames(), ", "))
	f.StringVar(&s.accountThrottle, "account-throttle", "10000:5000", "limit of each account in each region, as RATE:BURST, or unlimited")
	f.DurationVar(&s.cacheDelay, "cache-delay", 0, "how long a cache cluster is being created (default 500ms)")
	f.DurationVar(&s.integrationTimeout, "integration-timeout", 0, "longest timeout that an integration may have (default 29s)")
	f.BoolVar(&s.requireLogRole, "require-log-role", false, "refuse execution logs before the account has a log role, as AWS does")
	f.BoolVar(&s.replaceCanary, "replace-canary", false, "let a deployment without canary settings end a canary, which AWS refuses")
	f.StringVar(&s.targetSuffix, "target-suffix", "", "end of the names that DNS records of custom domains point to (default amazonaws.com and cloudfront.net)")
	f.BoolVar(&s.loneRootMapping, "lone-root-mapping", false, "refuse a base path mapping (none) beside others, as AWS once did")
	f.IntVar(&s.historyLimit, "history-limit", 0, "change events kept per account and region (default 10000)")
	f.BoolVar(&s.allowReset, "allow-reset", false, "let POST /_postern/reset empty everything")
	f.BoolVar(&s.testClock, "test-clock", false, "let POST /_postern/clock freeze and advance the time of limits, expiry, dates and logs")
	f.IntVar(&s.explainLast, "explain-last", 0, "how many requests to remember for 'postern explain'; it costs some microseconds each")
	f.BoolVar(&s.pprof, "pprof", false, "serve profiles below /_postern/pprof/")
	f.StringArrayVar(&s.logSinks, "log-sink", nil, "where access and execution logs go: files (default), stdout, otlp=URL, cloudwatch=URL or firehose=URL, with patterns of group and stream names behind it; repeatable")
	f.StringVar(&s.logDir, "log-dir", "", "directory of the log files (default logs in the data directory)")
	f.Int64Var(&s.logMaxBytes, "log-max-bytes", 0, "size of the log files at which the oldest go (default 1 GiB)")
	f.StringVar(&s.logLevel, "log-level", "info", "debug, info, warn or error")
	f.DurationVar(&s.drain, "drain", defaultDrain, "how long requests in flight may take after a signal to end")
	f.StringVar(&s.config, "config", "", "file with settings (YAML): the names of these flags without dashes before them")
}

// complete fills in the flags that were not given from the environment and
// then from the configuration file.
func (s *settings) complete(cmd *cobra.Command, lookup func(string) (string, bool)) error {
	var failure error
	given := map[string]bool{}
	cmd.Flags().Visit(func(f *pflag.Flag) { given[f.Name] = true })
	set := func(f *pflag.Flag, value, from string) {
		given[f.Name] = true
		if err := f.Value.Set(value); err != nil && failure == nil {
			failure = fmt.Errorf("%s: %s: %w", from, f.Name, err)
		}
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		name := settingPrefix + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		if value, ok := lookup(name); ok && !given[f.Name] {
			for _, one := range splitList(f, value) {
				set(f, one, name)
			}
		}
	})
	if failure == nil && s.config != "" {
		failure = s.readFile(cmd.Flags(), given, set)
	}
	if failure == nil && given["listen"] && (s.gatewayListen != "" || s.controlListen != "") {
		failure = fmt.Errorf("--listen is for both planes; give either it, or --gateway-listen and --control-listen")
	}
	if s.gatewayListen != "" || s.controlListen != "" {
		s.listen = ""
	}
	return failure
}

// splitList splits the variable of a repeatable flag at commas.
func splitList(f *pflag.Flag, value string) []string {
	if _, repeatable := f.Value.(pflag.SliceValue); repeatable {
		return strings.Split(value, ",")
	}
	return []string{value}
}

func (s *settings) readFile(flags *pflag.FlagSet, given map[string]bool, set func(*pflag.Flag, string, string)) error {
	data, err := os.ReadFile(s.config)
	if err != nil {
		return err
	}
	var file map[string]any
	if err := yaml.Unmarshal(data, &file); err != nil {
		return fmt.Errorf("%s: %w", s.config, err)
	}
	for name, value := range file {
		f := flags.Lookup(name)
		if f == nil || name == "config" || name == "help" {
			return fmt.Errorf("%s: there is no setting %q", s.config, name)
		}
		if given[name] {
			continue
		}
		values, ok := value.([]any)
		if !ok {
			values = []any{value}
		}
		for _, one := range values {
			set(f, fmt.Sprint(one), s.config)
		}
	}
	return nil
}

// node returns the configuration of a node.
func (s *settings) node(env Environment) (node.Config, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.logLevel)); err != nil {
		return node.Config{}, fmt.Errorf("log level %q: want debug, info, warn or error", s.logLevel)
	}
	cfg := node.Config{
		Listen: s.listen, GatewayListen: s.gatewayListen, ControlListen: s.controlListen, MetricsListen: s.metricsListen,
		CredentialsFile: s.credentialsFile, ClockSkew: s.clockSkew, InsecureOpen: s.insecureOpen,
		Data: s.data, Ephemeral: s.ephemeral, Etcd: s.etcd, KeyFile: s.keyFile,
		OTLP:          s.otlp,
		PublicDomains: s.publicDomains,
		CacheDelay:    s.cacheDelay, IntegrationTimeout: s.integrationTimeout,
		RequireLogRole: s.requireLogRole, ReplaceCanary: s.replaceCanary,
		TargetSuffix: s.targetSuffix, LoneRootMapping: s.loneRootMapping, HistoryLimit: s.historyLimit,
		AWSEndpoints: s.awsEndpoints, LambdaEndpoints: s.lambdaEndpoints, AWSKeys: environmentKeys(env),
		Functions: s.functions, FunctionEnv: functionEnvironment(env), FunctionTimeout: s.functionTimeout, FunctionConcurrency: s.functionConcurrency,
		Printed:     s.printed,
		LinkTargets: s.linkTargets,
		AllowReset:  s.allowReset, Pprof: s.pprof, TestClock: s.testClock, ExplainLast: s.explainLast,
		LogDir: s.logDir, LogMaxBytes: s.logMaxBytes, Stdout: env.Stdout,
		Log: slog.New(slog.NewJSONHandler(env.Stderr, &slog.HandlerOptions{Level: level})),
	}
	var err error
	if len(s.accounts) > 0 || s.credentialsFile == "" {
		if cfg.Accounts, err = wire.ParseAccounts(s.accounts); err != nil {
			return cfg, err
		}
	}
	if cfg.AccountThrottle, err = control.ParseThrottle(s.accountThrottle); err != nil {
		return cfg, err
	}
	if cfg.Quotas, err = parseQuotas(s.quotas); err != nil {
		return cfg, err
	}
	for _, setting := range s.logSinks {
		sink, err := node.ParseLogSink(setting)
		if err != nil {
			return cfg, err
		}
		cfg.LogSinks = append(cfg.LogSinks, sink)
	}
	if cfg.Certificates, err = readCertificates(s.certificates); err != nil {
		return cfg, err
	}
	if cfg.TrustStores, err = readTrustStores(s.trustStores); err != nil {
		return cfg, err
	}
	if s.tlsCert != "" || s.tlsKey != "" {
		certificate, err := tls.LoadX509KeyPair(s.tlsCert, s.tlsKey)
		if err != nil {
			return cfg, fmt.Errorf("certificate %s with key %s: %w", s.tlsCert, s.tlsKey, err)
		}
		cfg.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	}
	return cfg, nil
}

func parseQuotas(settings []string) (control.Quotas, error) {
	quotas := control.Quotas{}
	for _, setting := range settings {
		quota, limit, err := control.ParseQuota(setting)
		if err != nil {
			return nil, err
		}
		quotas[quota] = limit
	}
	return quotas, nil
}

// functionEnvironment is what functions see of the environment: everything but
// settings of postern.
func functionEnvironment(env Environment) []string {
	return slices.DeleteFunc(slices.Clone(env.Environ), func(variable string) bool {
		return strings.HasPrefix(variable, settingPrefix)
	})
}
