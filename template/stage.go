package template

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/postern-gateway/postern/apigw"
)

// readStages lists the stages: of SAM's APIs, of AWS::ApiGateway::Stage, and
// those that deployments name.
func (r *reader) readStages() error {
	for _, a := range r.order {
		if a.res.kind != apiType {
			continue
		}
		if err := r.serverlessStages(a); err != nil {
			return err
		}
	}
	for _, res := range r.ordered {
		if res.off || (res.kind != "AWS::ApiGateway::Stage" && res.kind != "AWS::ApiGateway::Deployment") {
			continue
		}
		p, err := r.properties(res)
		if err != nil {
			return err
		}
		a, err := r.owner(p)
		if err != nil {
			return err
		}
		if a == nil {
			continue
		}
		if res.kind == "AWS::ApiGateway::Stage" {
			p.used["DeploymentId"] = true // there is one definition, so all deployments are alike
			err = r.stage(a, p)
		} else {
			err = r.deployment(a, p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// serverlessStages are the stage of an AWS::Serverless::Api, and the one named
// "Stage" that SAM's deployment makes beside it unless OpenApiVersion is set.
func (r *reader) serverlessStages(a *api) error {
	p := a.props
	// The description is the API's own, not the stage's.
	tags := p.get("Tags")
	for _, m := range a.extraTags {
		if !tags.isObject() {
			tags = obj()
		}
		tags.put(m)
	}
	p = newProps(p.v.clone(), p.at)
	p.used = a.props.used
	p.v.remove("Description")
	if tags != nil {
		p.v.set("Tags", tags)
	}
	if err := r.stage(a, p); err != nil {
		return err
	}
	if a.props.get("PropagateTags").isTrue() || a.extraTags != nil {
		var err error
		if a.out.Tags, err = tagsOf(tags); err != nil {
			return err
		}
	}
	if !a.props.v.get("OpenApiVersion").truthy() && a.stageName != "Stage" {
		a.out.Stages = append(a.out.Stages, Stage{LogicalID: a.res.id + "Deployment", Name: "Stage"})
	}
	return nil
}

// stage reads the properties of a stage.
func (r *reader) stage(a *api, p *props) error {
	s := Stage{LogicalID: p.at.res.id}
	var err error
	if s.Name, err = p.text("StageName"); err != nil {
		return err
	}
	if s.Name == "" {
		return p.at.res.at.errorf("%s has no StageName", p.at.res.id)
	}
	if err := r.settings(&s, p); err != nil {
		return err
	}
	return r.addStage(a, p, s)
}

func (r *reader) addStage(a *api, p *props, s Stage) error {
	for _, before := range a.out.Stages {
		if before.Name == s.Name {
			return p.at.res.at.errorf("the stage %s of %s is defined twice", s.Name, a.res.id)
		}
	}
	a.out.Stages = append(a.out.Stages, s)
	return nil
}

// deployment makes the stage that a deployment names, with its description of
// one. A deployment without a stage has no effect here: stages are deployed.
func (r *reader) deployment(a *api, p *props) error {
	name, err := p.text("StageName")
	if err != nil {
		return err
	}
	p.used["Description"] = true
	if name == "" {
		r.rest(p, "the deployment names no stage")
		return nil
	}
	description, err := p.object("StageDescription")
	if err != nil {
		return err
	}
	s := Stage{LogicalID: p.at.res.id, Name: name}
	if err := r.settings(&s, description); err != nil {
		return err
	}
	// The settings of all methods stand directly in the description.
	if every, err := methodSetting(description); err != nil {
		return err
	} else if every != (apigw.MethodSetting{}) {
		if s.MethodSettings == nil {
			s.MethodSettings = map[string]apigw.MethodSetting{}
		}
		if _, ok := s.MethodSettings["*/*"]; !ok {
			s.MethodSettings["*/*"] = every
		}
	}
	if s.Canary == nil {
		if s.Canary, err = r.canary(p, "DeploymentCanarySettings"); err != nil {
			return err
		}
	}
	r.rest(description, reasonProperty)
	r.rest(p, reasonProperty)
	return r.addStage(a, p, s)
}

// settings reads what a stage and a stage description have in common.
func (r *reader) settings(s *Stage, p *props) error {
	var err error
	if s.Description, err = p.text("Description"); err != nil {
		return err
	}
	variables, err := p.object("Variables")
	if err != nil {
		return err
	}
	if s.Variables, err = textMap(variables.v); err != nil {
		return err
	}
	s.TracingEnabled = tristate(p.get("TracingEnabled"))
	s.CacheClusterEnabled = tristate(p.get("CacheClusterEnabled"))
	if s.CacheClusterSize, err = p.text("CacheClusterSize"); err != nil {
		return err
	}
	log, err := p.object("AccessLogSetting")
	if err != nil {
		return err
	}
	if log.v.truthy() {
		s.AccessLog = &AccessLog{DestinationArn: log.get("DestinationArn").str(), Format: log.get("Format").str()}
		r.rest(log, reasonProperty)
	}
	if s.MethodSettings, err = r.methodSettings(p); err != nil {
		return err
	}
	if s.Canary, err = r.canary(p, "CanarySetting"); err != nil {
		return err
	}
	s.Tags, err = tagsOf(p.get("Tags"))
	return err
}

func tristate(v *value) *bool {
	if !v.isScalar() {
		return nil
	}
	return new(v.isTrue())
}

func textMap(v *value) (map[string]string, error) {
	var out map[string]string
	for _, m := range v.membersOf() {
		if !m.value.isScalar() {
			return nil, cmp.Or(m.at, m.value).errorf("%s must be a text", m.key)
		}
		if out == nil {
			out = map[string]string{}
		}
		out[m.key] = m.value.text
	}
	return out, nil
}

func (r *reader) canary(p *props, property string) (*Canary, error) {
	settings, err := p.object(property)
	if err != nil || !settings.v.truthy() {
		return nil, err
	}
	settings.used["DeploymentId"] = true // as for the stage
	c := &Canary{UseStageCache: tristate(settings.get("UseStageCache"))}
	if percent := settings.get("PercentTraffic"); percent != nil {
		c.PercentTraffic = new(float64)
		if json.Unmarshal([]byte(percent.str()), c.PercentTraffic) != nil {
			return nil, percent.errorf("PercentTraffic must be a number")
		}
	}
	if c.StageVariableOverrides, err = textMap(settings.get("StageVariableOverrides")); err != nil {
		return nil, err
	}
	r.rest(settings, reasonProperty)
	return c, nil
}

func (r *reader) methodSettings(p *props) (map[string]apigw.MethodSetting, error) {
	items, err := p.items("MethodSettings")
	if err != nil {
		return nil, err
	}
	var out map[string]apigw.MethodSetting
	for _, item := range items {
		x := newProps(item, p.at.child("MethodSettings"))
		setting, err := methodSetting(x)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = map[string]apigw.MethodSetting{}
		}
		method := x.get("HttpMethod").str()
		out[settingPath(x.get("ResourcePath").str())+"/"+cmp.Or(method, "*")] = setting
		r.rest(x, reasonProperty)
	}
	return out, nil
}

// settingPath is the path of a method setting as UpdateStage has it. Templates
// write /*, /~1pets, ~1pets or /pets.
func settingPath(path string) string {
	path = strings.ReplaceAll(path, "~1", "/")
	path = "/" + strings.TrimLeft(path, "/")
	if path == "/*" {
		return "*"
	}
	return strings.ReplaceAll(path, "/", "~1")
}

// methodSettingMembers are the properties of a method setting.
var methodSettingMembers = [][2]string{
	{"MetricsEnabled", "metricsEnabled"}, {"LoggingLevel", "loggingLevel"}, {"DataTraceEnabled", "dataTraceEnabled"},
	{"ThrottlingBurstLimit", "throttlingBurstLimit"}, {"ThrottlingRateLimit", "throttlingRateLimit"},
	{"CachingEnabled", "cachingEnabled"}, {"CacheTtlInSeconds", "cacheTtlInSeconds"}, {"CacheDataEncrypted", "cacheDataEncrypted"},
}

func methodSetting(p *props) (apigw.MethodSetting, error) {
	out := obj()
	for _, m := range methodSettingMembers {
		v := p.get(m[0])
		if v == nil || v.kind == kindNull {
			continue
		}
		if !v.isScalar() {
			return apigw.MethodSetting{}, v.errorf("%s must be a text or a number", m[0])
		}
		switch {
		case m[0] == "LoggingLevel":
			v = text(v.text)
		case v.isText() && (v.text == "true" || v.text == "false"):
			v = boolean(v.text == "true")
		default:
			v = numeric(v)
		}
		out.set(m[1], v)
		var one apigw.MethodSetting
		if err := json.Unmarshal(obj(m[1], v).json(), &one); err != nil {
			return one, p.v.get(m[0]).errorf("%s cannot be %s", m[0], v.text)
		}
	}
	var setting apigw.MethodSetting
	err := json.Unmarshal(out.json(), &setting)
	return setting, err
}

// finish writes the documents.
func (r *reader) finish() error {
	for _, a := range r.order {
		r.rest(a.props, reasonProperty)
		if a.managed {
			paths := obj()
			for _, m := range a.doc.get("paths").membersOf() {
				if !everyOff(m.value) {
					paths.put(m)
				}
			}
			a.doc.set("paths", paths)
			if a.res.id == implicitAPI && len(paths.members) == 0 {
				continue
			}
		}
		a.out.Document = a.doc.json()
		r.out.APIs = append(r.out.APIs, a.out)
	}
	return nil
}

// everyOff reports whether no method of a path holds. The OPTIONS that Cors adds
// does not count.
func everyOff(item *value) bool {
	off := false
	for _, m := range item.membersOf() {
		if m.value.off {
			off = true
		} else if m.key != "options" || m.value.get("summary").str() != "CORS support" {
			return false
		}
	}
	return off
}
