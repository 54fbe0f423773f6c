package template

import (
	"encoding/base64"
	"path/filepath"
	"strconv"
	"strings"
)

// call computes one function.
func (r *resolver) call(v *value, name string, argument *value, p *place) (*value, error) {
	switch name {
	case "Ref":
		return r.ref(argument.str(), v)
	case "Fn::GetAtt":
		return r.getAtt(v, argument)
	case "Fn::Sub":
		return r.sub(v, argument)
	case "Fn::Join":
		return r.join(v, argument)
	case "Fn::Split":
		return r.split(v, argument)
	case "Fn::Select":
		return r.selectItem(v, argument)
	case "Fn::FindInMap":
		return r.findInMap(v, argument)
	case "Fn::If":
		return r.choose(v, argument, p)
	case "Fn::Base64":
		s, err := r.textOf(argument, "the argument of Fn::Base64")
		return r.made(v, base64.StdEncoding.EncodeToString([]byte(s)), err)
	case "Fn::Transform":
		return r.transform(argument, p)
	case "Fn::ImportValue":
		return nil, &unknown{v, "Fn::ImportValue: exports of other stacks are known to AWS only"}
	case "Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals":
		return nil, v.errorf("%s belongs in Conditions", name)
	}
	return nil, &unknown{v, name + " is not computed"}
}

// made is a text that a function made.
func (r *resolver) made(at *value, s string, err error) (*value, error) {
	if err != nil {
		return nil, err
	}
	if err := r.spend(at, len(s)); err != nil {
		return nil, err
	}
	return &value{text: s, file: at.file, line: at.line, column: at.column}, nil
}

func (r *resolver) ref(name string, at *value) (*value, error) {
	if s, ok := r.pseudo(name); ok {
		return r.made(at, s, nil)
	}
	if name == "AWS::NoValue" {
		return nil, nil
	}
	if x, ok := r.parameters[name]; ok {
		if reason := r.untold[name]; reason != "" {
			return nil, &unknown{at, reason}
		}
		if x == nil {
			return nil, at.errorf("the parameter %s has no default: give it a value", name)
		}
		return x.clone(), r.spend(at, len(x.text)+1)
	}
	s, err := r.refResource(name, at)
	return r.made(at, s, err)
}

// pseudo returns a pseudo parameter that is a text.
func (r *resolver) pseudo(name string) (string, bool) {
	o := r.options
	switch name {
	case "AWS::Region":
		return o.Region, true
	case "AWS::AccountId":
		return o.Account, true
	case "AWS::Partition":
		return o.Partition, true
	case "AWS::StackName":
		return o.StackName, true
	case "AWS::StackId":
		return "arn:" + o.Partition + ":cloudformation:" + o.Region + ":" + o.Account + ":stack/" + o.StackName + "/0", true
	case "AWS::URLSuffix":
		if o.Partition == "aws-cn" {
			return "amazonaws.com.cn", true
		}
		return "amazonaws.com", true
	}
	return "", false
}

func (r *resolver) getAtt(v, argument *value) (*value, error) {
	var name, attribute string
	switch {
	case argument.isText():
		name, attribute, _ = strings.Cut(argument.text, ".")
	case argument.isList() && len(argument.items) == 2:
		var err error
		name = argument.items[0].str()
		if attribute, err = r.textOf(argument.items[1], "an attribute"); err != nil {
			return nil, err
		}
	}
	if name == "" || attribute == "" {
		return nil, v.errorf("Fn::GetAtt takes a logical id and an attribute")
	}
	s, err := r.attribute(name, attribute, v)
	return r.made(v, s, err)
}

// sub replaces ${Name}, ${Resource.Attribute} and the variables of its own;
// ${!x} is ${x} as it stands.
func (r *resolver) sub(v, argument *value) (*value, error) {
	pattern := argument
	var variables *value
	if argument.isList() && len(argument.items) == 2 {
		pattern, variables = argument.items[0], argument.items[1]
	}
	if !pattern.isScalar() || (variables != nil && !variables.isObject()) {
		return nil, v.errorf("Fn::Sub takes a text, or a text and a map")
	}
	var out strings.Builder
	seen := map[string]string{} // each variable is computed once: functions nest
	rest := pattern.text
	for {
		before, after, ok := strings.Cut(rest, "${")
		out.WriteString(before)
		if !ok {
			break
		}
		name, tail, ok := strings.Cut(after, "}")
		if !ok {
			return nil, v.errorf("Fn::Sub: ${ without }")
		}
		rest = tail
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			out.WriteString("${" + literal + "}")
			continue
		}
		name = strings.TrimSpace(name)
		s, ok := seen[name]
		if !ok {
			var err error
			if s, err = r.variable(name, variables, v); err != nil {
				return nil, err
			}
			seen[name] = s
		}
		if err := r.spend(v, len(s)); err != nil {
			return nil, err
		}
		out.WriteString(s)
	}
	return r.made(v, out.String(), nil)
}

func (r *resolver) variable(name string, variables, at *value) (string, error) {
	if x := variables.get(name); x != nil {
		return r.textOf(x, "the variable "+name)
	}
	if _, parameter := r.parameters[name]; !parameter && r.resources[name] == nil {
		if id, attribute, ok := strings.Cut(name, "."); ok {
			return r.attribute(id, attribute, at)
		}
	}
	x, err := r.ref(name, at)
	if err != nil {
		return "", err
	}
	if !x.isScalar() {
		return "", at.errorf("Fn::Sub: %s is not a text", name)
	}
	return x.text, nil
}

// texts computes a list of scalars.
func (r *resolver) texts(v *value, what string) ([]string, error) {
	x, err := r.value(v, nil)
	if err != nil {
		return nil, err
	}
	if !x.isList() {
		return nil, v.errorf("%s must be a list", what)
	}
	out := make([]string, len(x.items))
	for i, item := range x.items {
		if !item.isScalar() {
			return nil, v.errorf("%s must be a list of texts", what)
		}
		out[i] = item.text
	}
	return out, nil
}

func (r *resolver) join(v, argument *value) (*value, error) {
	if !argument.isList() || len(argument.items) != 2 || !argument.items[0].isScalar() {
		return nil, v.errorf("Fn::Join takes a delimiter and a list")
	}
	items, err := r.texts(argument.items[1], "what Fn::Join joins")
	if err != nil {
		return nil, err
	}
	size := len(items) * len(argument.items[0].text)
	for _, item := range items {
		size += len(item)
	}
	if err := r.spend(v, size); err != nil {
		return nil, err
	}
	return r.made(v, strings.Join(items, argument.items[0].text), nil)
}

func (r *resolver) split(v, argument *value) (*value, error) {
	if !argument.isList() || len(argument.items) != 2 || argument.items[0].str() == "" {
		return nil, v.errorf("Fn::Split takes a delimiter and a text")
	}
	s, err := r.textOf(argument.items[1], "what Fn::Split splits")
	if err != nil {
		return nil, err
	}
	out := &value{kind: kindList, file: v.file, line: v.line, column: v.column}
	for part := range strings.SplitSeq(s, argument.items[0].text) {
		x, err := r.made(v, part, r.spend(v, 1))
		if err != nil {
			return nil, err
		}
		out.items = append(out.items, x)
	}
	return out, nil
}

func (r *resolver) selectItem(v, argument *value) (*value, error) {
	if !argument.isList() || len(argument.items) != 2 {
		return nil, v.errorf("Fn::Select takes an index and a list")
	}
	s, err := r.textOf(argument.items[0], "the index of Fn::Select")
	if err != nil {
		return nil, err
	}
	items, err := r.value(argument.items[1], nil)
	if err != nil {
		return nil, err
	}
	i, err := strconv.Atoi(s)
	if err != nil || !items.isList() || i < 0 || i >= len(items.items) {
		return nil, v.errorf("Fn::Select: there is no item %s", s)
	}
	return items.items[i], nil
}

func (r *resolver) findInMap(v, argument *value) (*value, error) {
	if !argument.isList() || len(argument.items) < 3 || len(argument.items) > 4 {
		return nil, v.errorf("Fn::FindInMap takes a map and two keys")
	}
	found := r.mappings
	var keys []string
	for _, item := range argument.items[:3] {
		key, err := r.textOf(item, "a key of Fn::FindInMap")
		if err != nil {
			return nil, err
		}
		found, keys = found.get(key), append(keys, key)
	}
	if found != nil {
		return found.clone(), r.spend(v, len(found.text)+len(found.items)) // mappings hold no functions
	}
	if len(argument.items) == 4 {
		if otherwise := argument.items[3].get("DefaultValue"); otherwise != nil {
			return r.value(otherwise, nil)
		}
	}
	return nil, v.errorf("Fn::FindInMap: nothing is at %s", strings.Join(keys, "."))
}

func (r *resolver) choose(v, argument *value, p *place) (*value, error) {
	if !argument.isList() || len(argument.items) != 3 || !argument.items[0].isText() {
		return nil, v.errorf("Fn::If takes the name of a condition and two values")
	}
	holds, err := r.condition(argument.items[0].text, argument.items[0])
	if err != nil {
		return nil, err
	}
	if holds {
		return r.value(argument.items[1], p)
	}
	return r.value(argument.items[2], p)
}

// maxFiles bounds the files that includes may read.
const maxFiles = 50

// transform takes AWS::Include of a local file; other macros run at AWS only.
func (r *resolver) transform(v *value, p *place) (*value, error) {
	if name := v.get("Name").str(); name != "AWS::Include" {
		return nil, &unknown{v, "the macro " + name + " runs at AWS only"}
	}
	location, err := r.textOf(v.at("Parameters", "Location"), "the Location of AWS::Include")
	if err != nil {
		return nil, err
	}
	if r.files++; r.files > maxFiles {
		return nil, v.errorf("more than %d files are included, or they lead in a circle", maxFiles)
	}
	document, err := r.file(location, v)
	if err != nil {
		return nil, err
	}
	return r.value(document, p)
}

// file reads and parses a file that the template names at a place.
func (r *resolver) file(location string, at *value) (*value, error) {
	data, err := r.bytes(location, at)
	if err != nil {
		return nil, err
	}
	return parse(data, location)
}

func (r *resolver) bytes(location string, at *value) ([]byte, error) {
	switch {
	case strings.HasPrefix(location, "s3://"), strings.HasPrefix(location, "https://"), strings.HasPrefix(location, "http://"):
		return nil, at.errorf("%s is not a local file: fetch it, and name the copy", location)
	case r.options.ReadFile == nil:
		return nil, at.errorf("%s cannot be read here", location)
	}
	path := filepath.FromSlash(location)
	if !filepath.IsAbs(path) {
		path = filepath.Join(r.options.Dir, path)
	}
	data, err := r.options.ReadFile(path)
	if err != nil {
		return nil, at.errorf("read %s: %v", location, err)
	}
	return data, r.spend(at, len(data))
}
