package control

import (
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"time"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/control/patch"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
)

// stageDraft is a stage that is being created or patched, with what the rules
// need.
type stageDraft struct {
	*domain.Stage
	service *Service
	tx      *tx
	api     string
	busy    bool // a change of the cache cluster was under way when the call began
}

func (s *Service) stageDraft(t *tx, api string, stage *domain.Stage) *stageDraft {
	return &stageDraft{
		Stage: stage, service: s, tx: t, api: api,
		busy: *stage.Shape.CacheClusterEnabled && t.now.Before(stage.Ext.CacheReady),
	}
}

const addReplace = patch.Add | patch.Replace

// methodSettingPattern is the pattern of the rows that take method settings.
const methodSettingPattern = "/{methodSetting...}"

// stagePatch is what UpdateStage can change. The last two rows take every path
// that the rows before them leave: the grammar of method settings, which also
// words the refusal of an unknown path.
var stagePatch = patch.Table[stageDraft]{
	Resource: "Stage",
	Refuse:   refuseStage,
	Rows: []patch.Row[stageDraft]{
		{Path: "/description", Ops: addReplace, Apply: func(d *stageDraft, op patch.Op) error {
			d.Shape.Description = op.Text()
			return nil
		}},
		{Path: "/deploymentId", Ops: addReplace, Apply: func(d *stageDraft, op patch.Op) error {
			if err := d.checkDeployment(op.Value()); err != nil {
				return err
			}
			d.Shape.DeploymentId = new(op.Value())
			return nil
		}},
		{Path: "/deploymentId", Ops: patch.Copy, Apply: promoteDeployment},
		{Path: "/cacheClusterEnabled", Ops: addReplace, Apply: func(d *stageDraft, op patch.Op) error {
			return d.setCache(op.Bool(), nil)
		}},
		{Path: "/cacheClusterSize", Ops: addReplace, Apply: func(d *stageDraft, op patch.Op) error {
			return d.setCache(nil, new(op.Value()))
		}},
		{Path: "/clientCertificateId", Ops: addReplace, Apply: func(d *stageDraft, op patch.Op) error {
			if id := op.Value(); id != "" && !d.tx.exists(d.tx.scope.CertificateKey(id)) {
				return fault.BadRequestf("Invalid Client Certificate identifier specified") // assumed
			}
			return setText(&d.Shape.ClientCertificateId, op)
		}},
		{Path: "/documentationVersion", Ops: addReplace, Apply: func(d *stageDraft, op patch.Op) error {
			return d.setDocumentationVersion(op.Value())
		}},
		{Path: "/tracingEnabled", Ops: addReplace, Apply: func(d *stageDraft, op patch.Op) error {
			d.Shape.TracingEnabled = op.Bool()
			return nil
		}},
		{Path: "/variables/{name}", Ops: addReplace, Apply: func(d *stageDraft, op patch.Op) error {
			return d.setVariable(&d.Shape.Variables, op.Args[0], op.Value())
		}},
		{Path: "/variables/{name}", Ops: patch.Remove, Apply: func(d *stageDraft, op patch.Op) error {
			removeVariable(&d.Shape.Variables, op.Args[0])
			return nil
		}},
		{Path: "/variables", Ops: patch.Replace, Apply: func(d *stageDraft, op patch.Op) error {
			return d.replaceVariables(&d.Shape.Variables, op)
		}},
		{Path: "/variables", Ops: patch.Remove, Apply: func(d *stageDraft, _ patch.Op) error {
			d.Shape.Variables = nil
			return nil
		}},
		{Path: "/variables", Ops: patch.Copy, Apply: promoteVariables},

		{Path: "/accessLogSettings/destinationArn", Ops: addReplace, Apply: setLogDestination},
		{Path: "/accessLogSettings/format", Ops: addReplace, Apply: setLogFormat},
		{Path: "/accessLogSettings", Ops: addReplace, Apply: refuseAccessLog},
		{Path: "/accessLogSettings/{rest...}", Ops: addReplace, Apply: refuseAccessLog},
		{Path: "/accessLogSettings", Ops: patch.Remove, Apply: func(d *stageDraft, _ patch.Op) error {
			d.Shape.AccessLogSettings = nil
			return nil
		}},

		{Path: "/canarySettings/percentTraffic", Ops: patch.Replace, Apply: func(d *stageDraft, op patch.Op) error {
			percent, ok := op.Double()
			if !ok {
				percent = math.NaN()
			}
			if err := checkPercent(percent); err != nil {
				return err
			}
			d.canary().PercentTraffic = new(apigw.Double(percent))
			return nil
		}},
		{Path: "/canarySettings/deploymentId", Ops: patch.Replace, Apply: func(d *stageDraft, op patch.Op) error {
			if err := d.checkDeployment(op.Value()); err != nil {
				return err
			}
			d.canary().DeploymentId = new(op.Value())
			return nil
		}},
		{Path: "/canarySettings/useStageCache", Ops: patch.Replace, Apply: func(d *stageDraft, op patch.Op) error {
			d.canary().UseStageCache = op.Bool()
			return nil
		}},
		{Path: "/canarySettings/stageVariableOverrides/{name}", Ops: patch.Replace, Apply: func(d *stageDraft, op patch.Op) error {
			return d.setVariable(&d.canary().StageVariableOverrides, op.Args[0], op.Value())
		}},
		{Path: "/canarySettings/stageVariableOverrides/{name}", Ops: patch.Remove, Apply: removeOverride},
		{Path: "/canarySettings/stageVariableOverrides", Ops: patch.Replace, Apply: func(d *stageDraft, op patch.Op) error {
			return d.replaceVariables(&d.canary().StageVariableOverrides, op)
		}},
		{Path: "/canarySettings", Ops: patch.Add, Apply: refuseCanaryAdd},
		{Path: "/canarySettings/{rest...}", Ops: patch.Add, Apply: refuseCanaryAdd},
		{Path: "/canarySettings", Ops: patch.Remove, Apply: func(d *stageDraft, _ patch.Op) error {
			d.Shape.CanarySettings = nil
			return nil
		}},

		{Path: "/methodSettings", Ops: patch.Replace, Apply: replaceMethodSettings},
		{Path: methodSettingPattern, Ops: addReplace, Apply: setMethodSetting},
		{Path: methodSettingPattern, Ops: patch.Remove, Apply: removeMethodSetting},
	},
}

// checkDeployment. The text is from an emulator that was checked by hand.
func (d *stageDraft) checkDeployment(id string) error {
	if id == "" || !d.tx.exists(d.tx.scope.DeploymentKey(d.api, id)) {
		return fault.BadRequestf("Deployment id does not exist")
	}
	return nil
}

// canary returns the canary settings; a stage without a canary gets one that
// serves the stage's own deployment to nobody. Recorded.
func (d *stageDraft) canary() *apigw.CanarySettings {
	if d.Shape.CanarySettings == nil {
		d.Shape.CanarySettings = newCanary(*d.Shape.DeploymentId)
	}
	return d.Shape.CanarySettings
}

func checkPercent(percent float64) error {
	if percent >= 0 && percent <= 100 {
		return nil
	}
	return fault.BadRequestf("Invalid canary percentTraffic specified. Must be between 0.0 and 100.0") // assumed
}

func (d *stageDraft) setDocumentationVersion(version string) error {
	if version != "" && !d.tx.exists(d.tx.scope.DocumentationVersionKey(d.api, version)) {
		return fault.BadRequestf("Invalid Documentation version identifier specified")
	}
	d.Shape.DocumentationVersion = apigw.Text(version)
	return nil
}

const (
	defaultCacheSize  = "0.5"
	defaultCacheDelay = 500 * time.Millisecond
)

// setCache switches the cache cluster or sets its size; nil leaves a member as
// it is. A new or resized cluster takes a moment to become available; tearing
// one down takes none, because clients fail on the states between.
func (d *stageDraft) setCache(enabled *bool, size *string) error {
	wantEnabled, wantSize := *d.Shape.CacheClusterEnabled, d.Ext.CacheSize
	if enabled != nil {
		wantEnabled = *enabled
	}
	if size != nil && *size != "" {
		sizes := apigw.Schema["CacheClusterSize"].Enum
		if !slices.Contains(sizes, *size) {
			return fault.BadRequestf("Invalid cache cluster size specified. Must be one of: [0.5, 1.6, 6.1, 13.5, 28.4, 58.2, 118, 237]") // assumed
		}
		wantSize = *size
	}
	if wantEnabled && wantSize == "" {
		wantSize = defaultCacheSize
	}
	if wantEnabled == *d.Shape.CacheClusterEnabled && wantSize == d.Ext.CacheSize {
		return nil
	}
	if d.busy {
		return fault.ConcurrentModification()
	}
	d.Shape.CacheClusterEnabled, d.Ext.CacheSize = &wantEnabled, wantSize
	d.Ext.CacheReady = time.Time{}
	d.Ext.CacheGeneration++ // another cluster; the guide: all entries are lost
	if wantEnabled {
		delay := d.service.CacheDelay
		if delay == 0 {
			delay = defaultCacheDelay
		}
		d.Ext.CacheReady = d.tx.now.Add(delay)
	}
	return nil
}

// setVariable sets one stage variable or override.
func (d *stageDraft) setVariable(variables *map[string]string, name, value string) error {
	all := map[string]string{name: value}
	for have, value := range *variables {
		if have != name {
			all[have] = value
		}
	}
	if err := checkVariable(name, value); err != nil {
		return err
	}
	return d.setVariables(variables, all)
}

// setVariables sets a whole map; an empty one is not shown.
func (d *stageDraft) setVariables(variables *map[string]string, all map[string]string) error {
	for _, name := range sortedKeys(all) {
		if err := checkVariable(name, all[name]); err != nil {
			return err
		}
	}
	if err := d.service.Quotas.check(VariablesPer, len(all)); err != nil {
		return err
	}
	*variables = all
	if len(all) == 0 {
		*variables = nil
	}
	return nil
}

func (d *stageDraft) replaceVariables(variables *map[string]string, op patch.Op) error {
	all := map[string]string{}
	if op.Value() != "" {
		if err := json.Unmarshal([]byte(op.Value()), &all); err != nil {
			return fault.BadRequestf("Invalid patch value  '%s' specified for op '%s'. Must be a JSON object", op.Value(), op.Name) // assumed
		}
	}
	return d.setVariables(variables, all)
}

func removeVariable(variables *map[string]string, name string) {
	delete(*variables, name)
	if len(*variables) == 0 {
		*variables = nil
	}
}

func removeOverride(d *stageDraft, op patch.Op) error {
	if canary := d.Shape.CanarySettings; canary != nil {
		if _, ok := canary.StageVariableOverrides[op.Args[0]]; ok {
			removeVariable(&canary.StageVariableOverrides, op.Args[0])
			return nil
		}
	}
	return fault.BadRequestf("Invalid remove operation with path: %s", op.Path)
}

// promote checks a copy and returns the canary that it copies from.
func promote(d *stageDraft, op patch.Op, from string) (*apigw.CanarySettings, error) {
	if apigw.Val(op.From) != from {
		return nil, errCopy(op)
	}
	if d.Shape.CanarySettings == nil {
		return nil, fault.BadRequestf("Promotion not available. Canary does not exist.")
	}
	return d.Shape.CanarySettings, nil
}

func promoteDeployment(d *stageDraft, op patch.Op) error {
	canary, err := promote(d, op, "/canarySettings/deploymentId")
	if err == nil {
		d.Shape.DeploymentId = new(*canary.DeploymentId)
	}
	return err
}

// promoteVariables merges the overrides over the variables: what the requests
// of the canary saw before, all requests see after.
func promoteVariables(d *stageDraft, op patch.Op) error {
	canary, err := promote(d, op, "/canarySettings/stageVariableOverrides")
	if err != nil {
		return err
	}
	merged := map[string]string{}
	for _, variables := range []map[string]string{d.Shape.Variables, canary.StageVariableOverrides} {
		for name, value := range variables {
			merged[name] = value
		}
	}
	return d.setVariables(&d.Shape.Variables, merged)
}

func errCopy(op patch.Op) error {
	from := "null"
	if op.From != nil {
		from = *op.From
	}
	return fault.BadRequestf("Invalid copy operation with path: %s and from %s. Valid copy:path are [/deploymentId, /variables] and valid copy:from are [/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]", op.Path, from)
}

// canaryLeaf is what replace can set of a canary.
var canaryLeaf = regexp.MustCompile(`^/canarySettings/(percentTraffic|deploymentId|useStageCache|stageVariableOverrides(/[^/]+)?)$`)

func refuseCanaryAdd(_ *stageDraft, op patch.Op) error {
	if canaryLeaf.MatchString(op.Path) {
		return fault.BadRequestf("Invalid add operation with path: %s", op.Path)
	}
	return fault.BadRequestf("Cannot add method setting canarySettings because there is no method setting for this method ")
}

func refuseAccessLog(*stageDraft, patch.Op) error {
	return fault.BadRequestf("Invalid accessLogSettings path. Must be one of : [/accessLogSettings/destinationArn, /accessLogSettings/format]")
}

// refuseStage words what no row takes: copies with other paths, and the
// operations that a stage does not have at all.
func refuseStage(op patch.Op, _ patch.Ops, _ []patch.RowInfo) error {
	switch op.Kind {
	case patch.Copy:
		return errCopy(op)
	case patch.Remove:
		return errCannotRemove(op)
	case patch.Add, patch.Replace:
		return errUnknownPath(op)
	}
	return fault.BadRequestf("Invalid patch operation specified. Must be one of: [%s]", anyChange|patch.Copy)
}
