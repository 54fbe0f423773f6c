package mapping

import (
	"maps"
	"slices"

	"github.com/postern-gateway/postern/value"
)

// maxJSON bounds what $input.json returns.
const maxJSON = 10 << 20

// inputObject is $input.
type inputObject struct {
	source *Source
	body   []byte
	text   value.Value // of the body, made when first read
	paths  *paths
	doc    document
	params *value.Map
	timer  matchTimer
}

// Get implements value.Provider.
func (in *inputObject) Get(name string) value.Value {
	if name != "body" {
		return value.Value{}
	}
	if len(in.body) == 0 {
		return value.OfString("{}") // recorded
	}
	if in.text.IsNull() {
		in.text = value.OfString(string(in.body))
	}
	return in.text
}

// Map implements value.Provider.
func (*inputObject) Map() *value.Map { return nil }

// Call implements value.Provider.
func (in *inputObject) Call(name string, args []value.Value) (value.Value, bool, error) {
	switch {
	case name == "params" && len(args) == 0:
		return value.OfMap(in.all()), true, nil
	case len(args) != 1:
		return value.Value{}, false, nil
	}
	text, _ := args[0].Text(maxOverride)
	switch name {
	case "params":
		return in.param(text), true, nil
	case "path":
		v, _, err := in.find(text)
		return v, true, err
	case "json":
		v, ok, err := in.find(text)
		if err != nil || !ok {
			return value.OfString(`""`), true, err // seen in an emulator
		}
		out, err := v.AppendJSON(nil, maxJSON)
		return value.OfString(string(out)), true, err
	}
	return value.Value{}, false, nil
}

// find evaluates a JSONPath over the body; false: it finds nothing there.
func (in *inputObject) find(text string) (value.Value, bool, error) {
	path, err := in.paths.get(text)
	if err != nil {
		return value.Value{}, false, err
	}
	root, ok := in.doc.parse(in.body)
	if !ok {
		return value.Value{}, false, nil
	}
	v, ok := path.GetWithin(root, &in.timer)
	return v, ok, nil
}

// param returns the first of the path, the query and the headers that has the
// name (the guide).
func (in *inputObject) param(name string) value.Value {
	if v, ok := in.source.path(name); ok {
		return value.OfString(v)
	}
	query := in.source.Query()
	for i := len(query) - 1; i >= 0; i-- {
		if query[i].Name == name {
			return value.OfString(query[i].Value)
		}
	}
	if v, ok := in.source.header(name); ok {
		return value.OfString(v)
	}
	return value.Value{}
}

// all returns the maps of all parameters.
func (in *inputObject) all() *value.Map {
	if in.params != nil {
		return in.params
	}
	path, query, header := value.NewMap(), value.NewMap(), value.NewMap()
	for _, p := range in.source.Path {
		path.Set(p.Name, value.OfString(Unescape(p.Value)))
	}
	for _, p := range in.source.Query() {
		query.Set(p.Name, value.OfString(p.Value))
	}
	for _, f := range in.source.Header {
		header.Set(f.Name, value.OfString(f.Value))
	}
	in.params = value.NewMap(value.Member{Key: "path", Value: value.OfMap(path)},
		value.Member{Key: "querystring", Value: value.OfMap(query)}, value.Member{Key: "header", Value: value.OfMap(header)})
	return in.params
}

// contextObject is $context of one request. It serves the request template
// and then the response template, which sees what the first one set.
type contextObject struct {
	source    *Source
	overrides *value.Map // requestOverride and responseOverride
	whole     *value.Map // all of it, once a template has asked for that
}

// contextKeys are the keys in the recorded order, and after them those that
// are not always there.
var contextKeys = [...]string{
	"resourceId", "resourcePath", "httpMethod", "extendedRequestId", "requestTime", "path", "accountId", "protocol",
	"requestOverride", "stage", "domainPrefix", "requestTimeEpoch", "requestId", "identity", "domainName",
	"deploymentId", "responseOverride", "apiId", "isCanaryRequest",
}

// identityKeys are those of $context.identity, in the recorded order. A request
// that shows an API key has keyKeys as well (guide).
var identityKeys = [...]string{
	"cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller", "sourceIp", "principalOrgId", "accessKey",
	"cognitoAuthenticationType", "cognitoAuthenticationProvider", "userArn", "userAgent", "user",
}

var keyKeys = [...]string{"apiKey", "apiKeyId"}

// Get implements value.Provider.
func (c *contextObject) Get(name string) value.Value {
	if c.whole != nil {
		v, ok := c.whole.Get(name)
		if ok || slices.Contains(contextKeys[:], name) { // a template may have removed it
			return v
		}
	}
	// The rest is in no list of all keys, and may come after one was made, as the
	// id of the backend's answer does.
	return c.variable(name)
}

func (c *contextObject) variable(name string) value.Value {
	switch name {
	case "requestOverride", "responseOverride":
		if c.overrides == nil {
			request := silent("path", silent(), "header", silent(), "querystring", silent())
			c.overrides = silent("requestOverride", request, "responseOverride", silent("header", silent())).Map()
		}
		v, _ := c.overrides.Get(name)
		return v
	case "identity":
		m := &value.Map{Silent: true}
		for _, key := range identityKeys {
			m.Set(key, c.text("identity."+key))
		}
		if c.source.Context.APIKey != "" {
			for _, key := range keyKeys {
				m.Set(key, c.text("identity."+key))
			}
		}
		return value.OfMap(m)
	case "requestTimeEpoch": // the guide: a number in templates
		return value.OfLong(c.source.Context.Received.UnixMilli())
	}
	return c.text(name)
}

// text returns a variable that is a text.
func (c *contextObject) text(name string) value.Value {
	if text, ok := c.source.Context.Value(Lookup(name)); ok {
		return value.OfString(text)
	}
	return value.Value{}
}

// silent returns a map that prints nothing (recorded), of keys and values.
func silent(members ...any) value.Value {
	m := &value.Map{Silent: true}
	for i := 0; i < len(members); i += 2 {
		m.Set(members[i].(string), members[i+1].(value.Value))
	}
	return value.OfMap(m)
}

// Map implements value.Provider.
func (c *contextObject) Map() *value.Map {
	if c.whole == nil {
		m := &value.Map{Silent: true}
		for _, key := range contextKeys {
			if v := c.variable(key); !v.IsNull() || key != "isCanaryRequest" {
				m.Set(key, v)
			}
		}
		c.whole = m
	}
	return c.whole
}

// Call implements value.Provider: $context has the methods of a map.
func (*contextObject) Call(string, []value.Value) (value.Value, bool, error) {
	return value.Value{}, false, nil
}

// variablesObject is $stageVariables.
type variablesObject map[string]string

// Get implements value.Provider.
func (o *variablesObject) Get(name string) value.Value {
	if text, ok := (*o)[name]; ok {
		return value.OfString(text)
	}
	return value.Value{}
}

// Map implements value.Provider. The stage's own variables never change.
func (o *variablesObject) Map() *value.Map {
	m := value.NewMap()
	for _, name := range slices.Sorted(maps.Keys(*o)) {
		m.Set(name, value.OfString((*o)[name]))
	}
	return m
}

// Call implements value.Provider: $stageVariables has the methods of a map.
func (*variablesObject) Call(string, []value.Value) (value.Value, bool, error) {
	return value.Value{}, false, nil
}
