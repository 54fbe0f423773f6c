package stagemodel

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Op is one operation of a patch list; nil is an absent member.
type Op struct{ Op, Path, Value, From *string }

// Refusal is the answer to a list that fails.
type Refusal struct {
	Status  int
	Code    string
	Message string
}

// World is what the rules of a stage need to know beyond the stage.
type World struct {
	Deployments []string
	// CacheDelay is how long a new or resized cache cluster takes.
	CacheDelay time.Duration
}

// Stage is a stage and what it remembers beyond its answers.
type Stage struct {
	world   World
	members map[string]any // as answered, but for the size and status of the cache
	size    string         // of the cache cluster; empty before one was named
	ready   time.Time      // when the cluster is available
	busy    bool           // the cluster was not yet available when the list began
}

// New returns a stage without cache cluster from the answer of CreateStage.
func New(answer map[string]any, world World) *Stage {
	s := &Stage{world: world, members: clone(answer)}
	delete(s.members, "cacheClusterStatus")
	return s
}

// Get returns what GetStage answers at an instant.
func (s *Stage) Get(now time.Time) map[string]any {
	out := clone(s.members)
	out["cacheClusterStatus"] = "NOT_AVAILABLE"
	if out["cacheClusterEnabled"] == true {
		out["cacheClusterSize"] = s.size
		out["cacheClusterStatus"] = "AVAILABLE"
		if now.Before(s.ready) {
			out["cacheClusterStatus"] = "CREATE_IN_PROGRESS"
		}
	}
	return out
}

// Update applies a list at an instant: all of it, or nothing.
func (s *Stage) Update(now time.Time, ops []Op) (map[string]any, *Refusal) {
	draft := *s
	draft.members = clone(s.members)
	draft.busy = draft.members["cacheClusterEnabled"] == true && now.Before(s.ready)
	for _, op := range ops {
		if refusal := draft.apply(now, op); refusal != nil {
			return nil, refusal
		}
	}
	draft.members["lastUpdatedDate"] = float64(now.Unix())
	*s = draft
	return s.Get(now), nil
}

func (s *Stage) apply(now time.Time, op Op) *Refusal {
	path := "null"
	if op.Path != nil {
		path = strings.TrimRight(*op.Path, " ")
	}
	switch text(op.Op) {
	case "copy":
		return s.copy(path, op.From)
	case "remove":
		return s.remove(path)
	case "add":
		if path == "/canarySettings" || strings.HasPrefix(path, "/canarySettings/") {
			if isCanaryLeaf(path) {
				return bad("Invalid add operation with path: %s", path)
			}
			return bad("Cannot add method setting canarySettings because there is no method setting for this method ")
		}
		return s.set(now, path, op.Value, false)
	case "replace":
		return s.set(now, path, op.Value, true)
	}
	return bad("Invalid patch operation specified. Must be one of: [add, remove, replace, copy]")
}

func (s *Stage) copy(path string, from *string) *Refusal {
	source := "null"
	if from != nil {
		source = *from
	}
	switch path + " " + source {
	case "/deploymentId /canarySettings/deploymentId", "/variables /canarySettings/stageVariableOverrides":
	default:
		return bad("Invalid copy operation with path: %s and from %s. Valid copy:path are [/deploymentId, /variables] and valid copy:from are [/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]", path, source)
	}
	canary, ok := s.members["canarySettings"].(map[string]any)
	if !ok {
		return bad("Promotion not available. Canary does not exist.")
	}
	if path == "/deploymentId" {
		s.members["deploymentId"] = canary["deploymentId"]
		return nil
	}
	merged := map[string]any{}
	maps.Copy(merged, object(s.members["variables"]))
	maps.Copy(merged, object(canary["stageVariableOverrides"]))
	return setVariables(s.members, "variables", merged)
}

func (s *Stage) remove(path string) *Refusal {
	canary, hasCanary := s.members["canarySettings"].(map[string]any)
	rest := strings.TrimPrefix(path, "/")
	segments := strings.Split(rest, "/")
	switch {
	case path == "/canarySettings", path == "/accessLogSettings", path == "/variables":
		delete(s.members, rest)
		return nil
	case len(segments) == 2 && segments[0] == "variables" && segments[1] != "":
		dropVariable(s.members, "variables", unescape(segments[1]))
		return nil
	case len(segments) == 3 && strings.HasPrefix(rest, "canarySettings/stageVariableOverrides/") && segments[2] != "":
		name := unescape(segments[2])
		if !hasCanary || object(canary["stageVariableOverrides"])[name] == nil {
			return bad("Invalid remove operation with path: %s", path)
		}
		dropVariable(canary, "stageVariableOverrides", name)
		return nil
	}
	settings := object(s.members["methodSettings"])
	if _, ok := settings[rest]; !ok || !strings.HasPrefix(path, "/") {
		return bad("Cannot remove method setting %s because there is no method setting for this method ", rest)
	}
	delete(settings, rest)
	return nil
}

// set is add and replace; replacing tells them apart where they differ.
func (s *Stage) set(now time.Time, path string, value *string, replacing bool) *Refusal {
	switch {
	case replacing && isCanaryLeaf(path):
		return s.setCanary(strings.TrimPrefix(path, "/canarySettings/"), value)
	case path == "/accessLogSettings" || strings.HasPrefix(path, "/accessLogSettings/"):
		return s.setAccessLog(path, text(value))
	case path == "/variables" && replacing:
		return replaceVariables(s.members, "variables", value)
	case path == "/methodSettings" && replacing:
		return s.replaceSettings(text(value))
	}
	if name, ok := strings.CutPrefix(path, "/variables/"); ok && name != "" && !strings.Contains(name, "/") {
		return setVariable(s.members, "variables", unescape(name), text(value))
	}
	switch path {
	case "/description":
		s.members["description"] = text(value)
		if text(value) == "" {
			delete(s.members, "description")
		}
	case "/deploymentId":
		return s.setDeployment(s.members, text(value))
	case "/cacheClusterEnabled":
		return s.setCache(now, isTrue(value), s.size)
	case "/cacheClusterSize":
		return s.setSize(now, text(value))
	case "/clientCertificateId": // there are none yet
		if text(value) != "" {
			return bad("Invalid Client Certificate identifier specified")
		}
	case "/documentationVersion": // there are none yet
		if text(value) != "" {
			return bad("Invalid Documentation version identifier specified")
		}
	case "/tracingEnabled":
		s.members["tracingEnabled"] = isTrue(value)
	default:
		return s.setMethodSetting(path, value)
	}
	return nil
}

func (s *Stage) setDeployment(where map[string]any, id string) *Refusal {
	if !slices.Contains(s.world.Deployments, id) {
		return bad("Deployment id does not exist")
	}
	where["deploymentId"] = id
	return nil
}

var sizes = []string{"0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237"}

// setSize takes an empty size for none: Terraform sends it when a configuration
// no longer names a size.
func (s *Stage) setSize(now time.Time, size string) *Refusal {
	switch {
	case size == "":
		return nil
	case !slices.Contains(sizes, size):
		return bad("Invalid cache cluster size specified. Must be one of: [%s]", strings.Join(sizes, ", "))
	}
	return s.setCache(now, s.members["cacheClusterEnabled"] == true, size)
}

func (s *Stage) setCache(now time.Time, enabled bool, size string) *Refusal {
	if enabled && size == "" {
		size = "0.5"
	}
	if enabled == s.members["cacheClusterEnabled"] && size == s.size {
		return nil
	}
	if s.busy {
		return &Refusal{http.StatusConflict, "ConflictException", "Unable to complete operation due to concurrent modification. Please try again later."}
	}
	s.members["cacheClusterEnabled"], s.size = enabled, size
	s.ready = now.Add(s.world.CacheDelay)
	return nil
}

func isCanaryLeaf(path string) bool {
	switch path {
	case "/canarySettings/percentTraffic", "/canarySettings/deploymentId", "/canarySettings/useStageCache", "/canarySettings/stageVariableOverrides":
		return true
	}
	name, ok := strings.CutPrefix(path, "/canarySettings/stageVariableOverrides/")
	return ok && name != "" && !strings.Contains(name, "/")
}

func (s *Stage) setCanary(leaf string, value *string) *Refusal {
	canary, ok := s.members["canarySettings"].(map[string]any)
	if !ok {
		canary = map[string]any{"deploymentId": s.members["deploymentId"], "percentTraffic": 0.0, "useStageCache": false}
		s.members["canarySettings"] = canary
	}
	switch leaf {
	case "percentTraffic":
		percent, ok := decimal(text(value))
		if !ok || percent < 0 || percent > 100 {
			return bad("Invalid canary percentTraffic specified. Must be between 0.0 and 100.0")
		}
		canary["percentTraffic"] = percent
		return nil
	case "deploymentId":
		return s.setDeployment(canary, text(value))
	case "useStageCache":
		canary["useStageCache"] = isTrue(value)
		return nil
	case "stageVariableOverrides":
		return replaceVariables(canary, "stageVariableOverrides", value)
	}
	return setVariable(canary, "stageVariableOverrides", unescape(strings.TrimPrefix(leaf, "stageVariableOverrides/")), text(value))
}

func (s *Stage) setAccessLog(path, value string) *Refusal {
	member := strings.TrimPrefix(path, "/accessLogSettings/")
	if member != "destinationArn" && member != "format" {
		return bad("Invalid accessLogSettings path. Must be one of : [/accessLogSettings/destinationArn, /accessLogSettings/format]")
	}
	if value == "" {
		return bad("Access Log value must not be empty")
	}
	if member == "destinationArn" {
		if refusal := checkDestination(value); refusal != nil {
			return refusal
		}
	} else if refusal := checkFormat(value); refusal != nil {
		return refusal
	}
	settings := object(s.members["accessLogSettings"])
	settings[member] = value
	s.members["accessLogSettings"] = settings
	return nil
}

func checkDestination(arn string) *Refusal {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || parts[2] != "logs" && parts[2] != "firehose" {
		return bad("The ARN must be a valid CloudWatch Logs log group or Kinesis Data Firehose delivery stream")
	}
	name := strings.TrimPrefix(parts[5], "log-group:")
	if parts[2] == "firehose" {
		name = strings.TrimPrefix(parts[5], "deliverystream/")
		if !strings.HasPrefix(name, "amazon-apigateway-") {
			return bad("Kinesis Firehose delivery stream name must begin with the characters 'amazon-apigateway-'")
		}
	}
	if strings.Trim(name, wordCharacters+"-./#") != "" {
		// Known is the text up to "a-z, "; the rest is the product's own.
		return bad("Access log destination must only contain characters a-z, A-Z, 0-9, '_', '-', '/', '.' and '#'")
	}
	return nil
}

func checkFormat(format string) *Refusal {
	line := strings.TrimRight(format, "\r\n")
	switch {
	case strings.ContainsAny(line, "\r\n"):
		return bad("Access Log format must be single line, new line character is allowed only at end of the format")
	case !strings.Contains(format, "$context.requestId") && !strings.Contains(format, "$context.extendedRequestId"):
		return bad("Access Log format must include either $context.requestId or $context.extendedRequestId")
	case len(format) > 3*1024: // the text is the product's own
		return bad("Access Log format must not be longer than 3072 bytes")
	}
	return nil
}

const wordCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

func setVariable(where map[string]any, member, name, value string) *Refusal {
	all := clone(object(where[member]))
	all[name] = value
	if refusal := checkVariable(name, value); refusal != nil {
		return refusal
	}
	return setVariables(where, member, all)
}

func setVariables(where map[string]any, member string, all map[string]any) *Refusal {
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if refusal := checkVariable(name, all[name].(string)); refusal != nil {
			return refusal
		}
	}
	if len(all) > 100 {
		return &Refusal{http.StatusTooManyRequests, "LimitExceededException",
			"Maximum number of Variables for this stage has been reached.  Please contact AWS if you need additional Variables."}
	}
	where[member] = all
	if len(all) == 0 {
		delete(where, member)
	}
	return nil
}

func replaceVariables(where map[string]any, member string, value *string) *Refusal {
	all := map[string]any{}
	if text(value) != "" {
		var texts map[string]string
		if err := json.Unmarshal([]byte(*value), &texts); err != nil { // the text is the product's own
			return bad("Invalid patch value  '%s' specified for op 'replace'. Must be a JSON object", *value)
		}
		for name, value := range texts {
			all[name] = value
		}
	}
	return setVariables(where, member, all)
}

func dropVariable(where map[string]any, member, name string) {
	variables := object(where[member])
	delete(variables, name)
	if len(variables) == 0 {
		delete(where, member)
	}
}

func checkVariable(name, value string) *Refusal {
	if name == "" || len(name) > 64 || strings.Trim(name, wordCharacters) != "" {
		return bad("Invalid stage variable name: %s. Please use names with only word characters.", name)
	}
	if value == "" || len(value) > 512 || strings.Trim(value, wordCharacters+" -.~:/?#&=,") != "" {
		return bad("Invalid stage variable value of key %s.  Please use values with alphanumeric characters and the symbols ' ', -', '.', '_', ':', '/', '?', '&', '=', and ','.", name)
	}
	return nil
}

func bad(format string, args ...any) *Refusal {
	return &Refusal{http.StatusBadRequest, "BadRequestException", fmt.Sprintf(format, args...)}
}

func text(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}

func isTrue(value *string) bool { return strings.ToLower(text(value)) == "true" }

// decimal reads decimal text: no hexadecimal, no infinity.
func decimal(value string) (float64, bool) {
	if value == "" || strings.Trim(value, "0123456789.+-eE") != "" {
		return 0, false
	}
	number, err := strconv.ParseFloat(value, 64)
	return number, err == nil
}

func integer(value string) (int, bool) {
	number, err := strconv.Atoi(value)
	return number, err == nil && number >= -1<<31 && number < 1<<31
}

func unescape(token string) string {
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
}

// object returns a map to read from and to write to; an empty one for nothing.
func object(value any) map[string]any {
	if m, ok := value.(map[string]any); ok {
		return m
	}
	return map[string]any{}
}

func clone(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for name, value := range m {
		if inner, ok := value.(map[string]any); ok {
			value = clone(inner)
		}
		out[name] = value
	}
	return out
}
