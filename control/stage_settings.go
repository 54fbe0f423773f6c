package control

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/patch"
	"github.com/postern-gateway/postern/fault"
)

// settingRow is one leaf of a method setting.
type settingRow struct {
	suffix string
	set    func(*apigw.MethodSetting, patch.Op) error
}

var settingRows = []settingRow{
	{"metrics/enabled", func(m *apigw.MethodSetting, op patch.Op) error {
		m.MetricsEnabled = op.Bool()
		return nil
	}},
	{"logging/loglevel", func(m *apigw.MethodSetting, op patch.Op) error {
		if !slices.Contains(logLevels, op.Value()) {
			return fault.BadRequestf("Invalid logging level specified. Must be one of: [OFF, ERROR, INFO]") // assumed
		}
		m.LoggingLevel = new(op.Value())
		return nil
	}},
	{"logging/dataTrace", func(m *apigw.MethodSetting, op patch.Op) error {
		m.DataTraceEnabled = op.Bool()
		return nil
	}},
	{"throttling/burstLimit", func(m *apigw.MethodSetting, op patch.Op) error {
		burst, ok := op.Int()
		if !ok || burst < -1 {
			return fault.BadRequestf("Invalid throttling burst limit specified. Must be a non-negative integer") // assumed
		}
		m.ThrottlingBurstLimit = &burst
		return nil
	}},
	{"throttling/rateLimit", func(m *apigw.MethodSetting, op patch.Op) error {
		rate, ok := op.Double()
		if !ok || rate < 0 && rate != -1 {
			return fault.BadRequestf("Invalid throttling rate limit specified. Must be a non-negative number") // assumed
		}
		m.ThrottlingRateLimit = new(apigw.Double(rate))
		return nil
	}},
	{"caching/enabled", func(m *apigw.MethodSetting, op patch.Op) error {
		m.CachingEnabled = op.Bool()
		return nil
	}},
	{"caching/ttlInSeconds", func(m *apigw.MethodSetting, op patch.Op) error {
		ttl, ok := op.Int()
		if !ok || ttl < 0 || ttl > maximalTTL {
			return fault.BadRequestf("Invalid time-to-live setting, must be an integer no greater than 3600")
		}
		m.CacheTtlInSeconds = &ttl
		return nil
	}},
	{"caching/dataEncrypted", func(m *apigw.MethodSetting, op patch.Op) error {
		m.CacheDataEncrypted = op.Bool()
		return nil
	}},
	{"caching/requireAuthorizationForCacheControl", func(m *apigw.MethodSetting, op patch.Op) error {
		m.RequireAuthorizationForCacheControl = op.Bool()
		return nil
	}},
	{"caching/unauthorizedCacheControlHeaderStrategy", func(m *apigw.MethodSetting, op patch.Op) error {
		if !slices.Contains(apigw.Schema["UnauthorizedCacheControlHeaderStrategy"].Enum, op.Value()) {
			return fault.BadRequestf("Invalid unauthorized cache control header strategy specified") // assumed
		}
		m.UnauthorizedCacheControlHeaderStrategy = new(op.Value())
		return nil
	}},
}

var logLevels = []string{"OFF", "ERROR", "INFO"}

const maximalTTL = 3600 // seconds

// stageDefault is the key of the entry that holds for all methods without one.
const stageDefault = "*/*"

// defaultSetting is a new entry of a stage without a stage default. Recorded;
// the throttles are those of the account.
func (s *Service) defaultSetting() apigw.MethodSetting {
	rate, burst := s.AccountThrottle.Limits()
	return apigw.MethodSetting{
		MetricsEnabled:                         new(false),
		DataTraceEnabled:                       new(false),
		ThrottlingBurstLimit:                   &burst,
		ThrottlingRateLimit:                    new(apigw.Double(rate)),
		CachingEnabled:                         new(false),
		CacheTtlInSeconds:                      new(int32(300)),
		CacheDataEncrypted:                     new(false),
		RequireAuthorizationForCacheControl:    new(true),
		UnauthorizedCacheControlHeaderStrategy: new(apigw.UnauthorizedCacheControlHeaderStrategy_SUCCEED_WITH_RESPONSE_HEADER),
	}
}

// newSetting is the entry that the first change of a key begins with.
func (d *stageDraft) newSetting() apigw.MethodSetting {
	if setting, ok := d.Shape.MethodSettings[stageDefault]; ok {
		return apigw.Clone(setting)
	}
	return d.service.defaultSetting()
}

// settingKey reads "pets/{id}/GET", "~1pets/GET" or "*/*", and returns what
// follows the method. ok is false if no method of the grammar is found.
// Measured by users on the real service: the one wildcard is "*/*", ANY and
// doubled slashes are refused, several plain segments are fine.
func settingKey(path string) (key, rest string, ok bool) {
	if strings.Contains(path, "//") {
		return "", "", false
	}
	segments := strings.Split(path, "/")
	if len(segments) >= 2 && segments[0] == "*" && segments[1] == "*" {
		return stageDefault, strings.Join(segments[2:], "/"), true
	}
	for i, segment := range segments {
		if segment == "" || segment == "*" {
			return "", "", false
		}
		if i > 0 && segment != "ANY" && slices.Contains(verbs, segment) {
			return strings.Join(segments[:i+1], "/"), strings.Join(segments[i+1:], "/"), true
		}
	}
	return "", "", false
}

// splitSetting splits a path into what stands for a key and one of the known
// suffixes. It reads from the right, so that a resource whose path holds the
// name of a verb is found too.
func splitSetting(path string) (key string, row settingRow, ok bool) {
	for _, row := range settingRows {
		if key, ok := strings.CutSuffix(path, "/"+row.suffix); ok {
			return key, row, true
		}
	}
	return "", settingRow{}, false
}

// validSettingKey reports whether a whole path is the key of an entry.
func validSettingKey(key string) bool {
	if key == stageDefault {
		return true
	}
	resource, verb := "", key
	if i := strings.LastIndexByte(key, '/'); i > 0 {
		resource, verb = key[:i], key[i+1:]
	}
	return resource != "" && verb != "ANY" && slices.Contains(verbs, verb) &&
		!slices.ContainsFunc(strings.Split(resource, "/"), func(s string) bool { return s == "" || s == "*" })
}

func setMethodSetting(d *stageDraft, op patch.Op) error {
	key, row, ok := splitSetting(op.Args[0])
	if !ok {
		if _, rest, ok := settingKey(op.Args[0]); ok && rest != "" {
			return errUnknownSuffix(rest)
		}
		return errUnknownPath(op)
	}
	if !validSettingKey(key) {
		return errUnknownPath(op)
	}
	setting, ok := d.Shape.MethodSettings[key]
	if !ok {
		setting = d.newSetting()
	}
	if err := row.set(&setting, op); err != nil {
		return err
	}
	if err := d.checkLogRole(&setting); err != nil {
		return err
	}
	if d.Shape.MethodSettings == nil {
		d.Shape.MethodSettings = map[string]apigw.MethodSetting{}
	}
	d.Shape.MethodSettings[key] = setting
	return nil
}

// checkLogRole holds only where the operator asks for it: without a cloud
// account nobody assumes the role.
func (d *stageDraft) checkLogRole(setting *apigw.MethodSetting) error {
	level := apigw.Val(setting.LoggingLevel)
	if !d.service.RequireLogRole || level == "" || level == "OFF" {
		return nil
	}
	account, err := d.tx.account()
	if err == nil && apigw.Val(account.Shape.CloudwatchRoleArn) == "" {
		err = fault.BadRequestf("CloudWatch Logs role ARN must be set in account settings to enable logging")
	}
	return err
}

func removeMethodSetting(d *stageDraft, op patch.Op) error {
	if _, ok := d.Shape.MethodSettings[op.Args[0]]; !ok {
		return errCannotRemove(op)
	}
	delete(d.Shape.MethodSettings, op.Args[0])
	return nil
}

// replaceMethodSettings sets the whole map from JSON text. Members that an
// entry does not give have the values of a new entry.
func replaceMethodSettings(d *stageDraft, op patch.Op) error {
	var entries map[string]json.RawMessage
	if err := json.Unmarshal([]byte(op.Value()), &entries); err != nil {
		return fault.BadRequestf("Invalid patch value  '%s' specified for op '%s'. Must be a JSON object", op.Value(), op.Name) // assumed
	}
	settings := map[string]apigw.MethodSetting{}
	for _, key := range sortedKeys(entries) {
		setting := d.service.defaultSetting()
		if err := json.Unmarshal(entries[key], &setting); err != nil {
			return fault.BadRequestf("Invalid patch value  '%s' specified for op '%s'. Must be a JSON object", op.Value(), op.Name) // assumed
		}
		if !validSettingKey(key) {
			return fault.BadRequestf("Invalid method setting path: /%s. Must be one of: %s", key, stagePaths)
		}
		if err := checkSetting(&setting); err != nil {
			return err
		}
		if err := d.checkLogRole(&setting); err != nil {
			return err
		}
		settings[key] = setting
	}
	d.Shape.MethodSettings = settings
	return nil
}

// checkSetting holds the ranges for an entry that came whole.
func checkSetting(m *apigw.MethodSetting) error {
	texts := map[string]*string{"logging/loglevel": m.LoggingLevel, "caching/unauthorizedCacheControlHeaderStrategy": m.UnauthorizedCacheControlHeaderStrategy}
	if m.ThrottlingBurstLimit != nil {
		texts["throttling/burstLimit"] = new(strconv.Itoa(int(*m.ThrottlingBurstLimit)))
	}
	if m.ThrottlingRateLimit != nil {
		texts["throttling/rateLimit"] = new(strconv.FormatFloat(float64(*m.ThrottlingRateLimit), 'g', -1, 64))
	}
	if m.CacheTtlInSeconds != nil {
		texts["caching/ttlInSeconds"] = new(strconv.Itoa(int(*m.CacheTtlInSeconds)))
	}
	for _, row := range settingRows {
		if text := texts[row.suffix]; text != nil {
			if err := row.set(m, patch.NewOp(patch.Replace, *text)); err != nil {
				return err
			}
		}
	}
	return nil
}

// The texts for a path that no row takes. The odd joints of stagePaths are
// part of the recorded text.
func errUnknownPath(op patch.Op) error {
	return fault.BadRequestf("Invalid method setting path: %s. Must be one of: %s", op.Path, stagePaths)
}

func errUnknownSuffix(suffix string) error {
	return fault.BadRequestf("Invalid method setting path: %s. Must be one of: [.../metrics/enabled, .../logging/dataTrace, .../logging/loglevel,.../throttling/burstLimit, .../throttling/rateLimit, .../caching/ttlInSeconds, .../caching/enabled, .../caching/dataEncrypted, .../caching/requireAuthorizationForCacheControl, .../caching/unauthorizedCacheControlHeaderStrategy]", suffix)
}

// errCannotRemove. Recorded, with the blank at the end.
func errCannotRemove(op patch.Op) error {
	return fault.BadRequestf("Cannot remove method setting %s because there is no method setting for this method ", strings.TrimPrefix(op.Path, "/"))
}

const stagePaths = "[/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, /accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format, /{resourcePath}/{httpMethod}/metrics/enabled, /{resourcePath}/{httpMethod}/logging/dataTrace, /{resourcePath}/{httpMethod}/logging/loglevel, /{resourcePath}/{httpMethod}/throttling/burstLimit/{resourcePath}/{httpMethod}/throttling/rateLimit/{resourcePath}/{httpMethod}/caching/ttlInSeconds, /{resourcePath}/{httpMethod}/caching/enabled, /{resourcePath}/{httpMethod}/caching/dataEncrypted, /{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl, /{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy, /*/*/metrics/enabled, /*/*/logging/dataTrace, /*/*/logging/loglevel, /*/*/throttling/burstLimit /*/*/throttling/rateLimit /*/*/caching/ttlInSeconds, /*/*/caching/enabled, /*/*/caching/dataEncrypted, /*/*/caching/requireAuthorizationForCacheControl, /*/*/caching/unauthorizedCacheControlHeaderStrategy, /variables/{variable_name}, /tracingEnabled]"

var (
	variableName  = regexp.MustCompile(`^\w{1,64}$`)
	variableValue = regexp.MustCompile(`^[A-Za-z0-9 \-._~:/?#&=,]{1,512}$`)
)

// checkVariable. The texts are quoted by users, the missing quote included; the
// values are the union of what the text and what the model allow, which is
// never nothing.
func checkVariable(name, value string) error {
	if !variableName.MatchString(name) {
		return fault.BadRequestf("Invalid stage variable name: %s. Please use names with only word characters.", name)
	}
	if !variableValue.MatchString(value) {
		return fault.BadRequestf("Invalid stage variable value of key %s.  Please use values with alphanumeric characters and the symbols ' ', -', '.', '_', ':', '/', '?', '&', '=', and ','.", name)
	}
	return nil
}

var (
	logARN      = regexp.MustCompile(`^arn:[^:]+:(logs|firehose):[^:]*:[^:]*:.+$`)
	logGroupARN = regexp.MustCompile(`^arn:[^:]+:logs:[^:]*:[^:]*:log-group:[a-zA-Z0-9._/#-]+$`)
	firehoseARN = regexp.MustCompile(`^arn:[^:]+:firehose:[^:]*:[^:]*:deliverystream/([a-zA-Z0-9._-]+)$`)
)

const maximalFormat = 3 << 10 // bytes

func setLogDestination(d *stageDraft, op patch.Op) error {
	arn := op.Value()
	if arn == "" {
		return fault.BadRequestf("Access Log value must not be empty")
	}
	kind := logARN.FindStringSubmatch(arn)
	if kind == nil {
		return fault.BadRequestf("The ARN must be a valid CloudWatch Logs log group or Kinesis Data Firehose delivery stream")
	}
	stream := firehoseARN.FindStringSubmatch(arn)
	if stream != nil && !strings.HasPrefix(stream[1], "amazon-apigateway-") {
		return fault.BadRequestf("Kinesis Firehose delivery stream name must begin with the characters 'amazon-apigateway-'")
	}
	if stream == nil && !logGroupARN.MatchString(arn) {
		// The head is quoted by users; the tail is assumed.
		return fault.BadRequestf("Access log destination must only contain characters a-z, A-Z, 0-9, '_', '-', '/', '.' and '#'")
	}
	d.accessLog().DestinationArn = &arn
	return nil
}

func setLogFormat(d *stageDraft, op patch.Op) error {
	format := op.Value()
	switch {
	case format == "":
		return fault.BadRequestf("Access Log value must not be empty")
	case strings.ContainsAny(strings.TrimRight(format, "\r\n"), "\r\n"):
		return fault.BadRequestf("Access Log format must be single line, new line character is allowed only at end of the format")
	case !strings.Contains(format, "$context.requestId") && !strings.Contains(format, "$context.extendedRequestId"):
		return fault.BadRequestf("Access Log format must include either $context.requestId or $context.extendedRequestId")
	case len(format) > maximalFormat:
		return fault.BadRequestf("Access Log format must not be longer than %d bytes", maximalFormat) // assumed
	}
	d.accessLog().Format = &format
	return nil
}

func (d *stageDraft) accessLog() *apigw.AccessLogSettings {
	if d.Shape.AccessLogSettings == nil {
		d.Shape.AccessLogSettings = &apigw.AccessLogSettings{}
	}
	return d.Shape.AccessLogSettings
}
