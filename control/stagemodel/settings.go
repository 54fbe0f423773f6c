package stagemodel

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// verbs are the methods that an entry may be for: ANY is none of them.
var verbs = []string{"GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD"}

var strategies = []string{"FAIL_WITH_403", "SUCCEED_WITH_RESPONSE_HEADER", "SUCCEED_WITHOUT_RESPONSE_HEADER"}

// defaults is a new entry of a stage without a "*/*" entry.
func defaults() map[string]any {
	return map[string]any{
		"metricsEnabled": false, "dataTraceEnabled": false,
		"throttlingBurstLimit": 5000.0, "throttlingRateLimit": 10000.0,
		"cachingEnabled": false, "cacheTtlInSeconds": 300.0, "cacheDataEncrypted": false,
		"requireAuthorizationForCacheControl": true, "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
	}
}

// member is the member that a suffix of a path sets.
var member = map[string]string{
	"metrics/enabled":                                "metricsEnabled",
	"logging/loglevel":                               "loggingLevel",
	"logging/dataTrace":                              "dataTraceEnabled",
	"throttling/burstLimit":                          "throttlingBurstLimit",
	"throttling/rateLimit":                           "throttlingRateLimit",
	"caching/enabled":                                "cachingEnabled",
	"caching/ttlInSeconds":                           "cacheTtlInSeconds",
	"caching/dataEncrypted":                          "cacheDataEncrypted",
	"caching/requireAuthorizationForCacheControl":    "requireAuthorizationForCacheControl",
	"caching/unauthorizedCacheControlHeaderStrategy": "unauthorizedCacheControlHeaderStrategy",
}

// setMember reads the text of a value into an entry.
func setMember(entry map[string]any, name, value string) *Refusal {
	switch name {
	case "loggingLevel":
		if value != "OFF" && value != "ERROR" && value != "INFO" {
			return bad("Invalid logging level specified. Must be one of: [OFF, ERROR, INFO]")
		}
		entry[name] = value
	case "throttlingBurstLimit":
		burst, ok := integer(value)
		if !ok || burst < -1 {
			return bad("Invalid throttling burst limit specified. Must be a non-negative integer")
		}
		entry[name] = float64(burst)
	case "throttlingRateLimit":
		rate, ok := decimal(value)
		if !ok || rate < 0 && rate != -1 {
			return bad("Invalid throttling rate limit specified. Must be a non-negative number")
		}
		entry[name] = rate
	case "cacheTtlInSeconds":
		seconds, ok := integer(value)
		if !ok || seconds < 0 || seconds > 3600 {
			return bad("Invalid time-to-live setting, must be an integer no greater than 3600")
		}
		entry[name] = float64(seconds)
	case "unauthorizedCacheControlHeaderStrategy":
		if !slices.Contains(strategies, value) {
			return bad("Invalid unauthorized cache control header strategy specified")
		}
		entry[name] = value
	default:
		entry[name] = isTrue(&value)
	}
	return nil
}

func validKey(key string) bool {
	if key == "*/*" {
		return true
	}
	segments := strings.Split(key, "/")
	last := len(segments) - 1
	return last > 0 && slices.Contains(verbs, segments[last]) &&
		!slices.Contains(segments, "") && !slices.Contains(segments, "*")
}

func unknownPath(path string) *Refusal {
	return bad("Invalid method setting path: %s. Must be one of: %s", path, knownPaths)
}

func (s *Stage) setMethodSetting(path string, value *string) *Refusal {
	rest, ok := strings.CutPrefix(path, "/")
	if !ok || strings.Contains(path, "//") {
		return unknownPath(path)
	}
	segments := strings.Split(rest, "/")
	if n := len(segments); n > 2 {
		if name, ok := member[segments[n-2]+"/"+segments[n-1]]; ok {
			key := strings.Join(segments[:n-2], "/")
			if !validKey(key) {
				return unknownPath(path)
			}
			return s.setSetting(key, name, text(value))
		}
	}
	for i := range segments {
		key, suffix := strings.Join(segments[:i+1], "/"), strings.Join(segments[i+1:], "/")
		if validKey(key) && suffix != "" {
			return bad("Invalid method setting path: %s. Must be one of: %s", suffix, knownSuffixes)
		}
	}
	return unknownPath(path)
}

func (s *Stage) setSetting(key, name, value string) *Refusal {
	settings := object(s.members["methodSettings"])
	entry, ok := settings[key].(map[string]any)
	if !ok {
		entry = defaults()
		if shared, ok := settings["*/*"].(map[string]any); ok {
			entry = clone(shared)
		}
	}
	if refusal := setMember(entry, name, value); refusal != nil {
		return refusal
	}
	settings[key] = entry
	s.members["methodSettings"] = settings
	return nil
}

// replaceSettings sets the whole map; the texts for what is no map of entries
// are the product's own.
func (s *Stage) replaceSettings(value string) *Refusal {
	noObject := bad("Invalid patch value  '%s' specified for op 'replace'. Must be a JSON object", value)
	var entries map[string]map[string]any
	if err := json.Unmarshal([]byte(value), &entries); err != nil {
		return noObject
	}
	settings := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		if !validKey(key) {
			return unknownPath("/" + key)
		}
		entry := defaults()
		for name, given := range entries[key] {
			if !slices.Contains(slices.Collect(maps.Values(member)), name) {
				continue
			}
			switch given := given.(type) {
			case bool:
				entry[name] = given
			case string:
				if refusal := setMember(entry, name, given); refusal != nil {
					return refusal
				}
			case float64:
				number, _ := json.Marshal(given)
				if refusal := setMember(entry, name, string(number)); refusal != nil {
					return refusal
				}
			}
		}
		settings[key] = entry
	}
	s.members["methodSettings"] = settings
	return nil
}

// knownSuffixes and knownPaths are as the service writes them, with their odd
// joints.
const (
	knownSuffixes = "[.../metrics/enabled, .../logging/dataTrace, .../logging/loglevel,.../throttling/burstLimit, .../throttling/rateLimit, .../caching/ttlInSeconds, .../caching/enabled, .../caching/dataEncrypted, .../caching/requireAuthorizationForCacheControl, .../caching/unauthorizedCacheControlHeaderStrategy]"
	knownPaths    = "[/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, /accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format, /{resourcePath}/{httpMethod}/metrics/enabled, /{resourcePath}/{httpMethod}/logging/dataTrace, /{resourcePath}/{httpMethod}/logging/loglevel, /{resourcePath}/{httpMethod}/throttling/burstLimit/{resourcePath}/{httpMethod}/throttling/rateLimit/{resourcePath}/{httpMethod}/caching/ttlInSeconds, /{resourcePath}/{httpMethod}/caching/enabled, /{resourcePath}/{httpMethod}/caching/dataEncrypted, /{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl, /{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy, /*/*/metrics/enabled, /*/*/logging/dataTrace, /*/*/logging/loglevel, /*/*/throttling/burstLimit /*/*/throttling/rateLimit /*/*/caching/ttlInSeconds, /*/*/caching/enabled, /*/*/caching/dataEncrypted, /*/*/caching/requireAuthorizationForCacheControl, /*/*/caching/unauthorizedCacheControlHeaderStrategy, /variables/{variable_name}, /tracingEnabled]"
)
