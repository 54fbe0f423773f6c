package template

import (
	"regexp"
	"slices"
	"strings"
)

const policyKey = "x-amazon-apigateway-policy"

// policyWriter adds SAM's statements to the resource policy of a document.
type policyWriter struct {
	doc        *value
	stage      string
	statements []*value
	seen       map[string]bool
}

// policyOf returns the writer of a document: one for the API's own.
func (a *api) policyOf(doc *value) *policyWriter {
	if doc != a.doc {
		return newPolicy(doc, a.stageName)
	}
	if a.policy == nil {
		a.policy = newPolicy(doc, a.stageName)
	}
	return a.policy
}

func newPolicy(doc *value, stage string) *policyWriter {
	b := &policyWriter{doc: doc, stage: stage, seen: map[string]bool{}}
	before := doc.at(policyKey, "Statement")
	switch {
	case before.isList():
		b.statements = slices.Clone(before.items)
	case before.isObject():
		b.statements = []*value{before}
	}
	for _, s := range b.statements {
		b.seen[string(s.json())] = true
	}
	return b
}

// store writes the policy back. A policy without statements stays empty.
func (b *policyWriter) store() {
	policy := b.doc.child(policyKey)
	if policy == nil {
		policy = obj()
	}
	if len(b.statements) > 0 {
		policy.set("Version", text("2012-10-17"))
		policy.set("Statement", list(b.statements...))
	}
	b.doc.set(policyKey, policy)
}

var placeholder = regexp.MustCompile(`\{[a-zA-Z0-9._-]+\+?\}`)

// add writes the statements of a ResourcePolicy for one path.
func (b *policyWriter) add(p *value, path string) error {
	if !p.isObject() {
		return p.errorf("ResourcePolicy must be an object")
	}
	resources := list()
	for _, m := range b.doc.at("paths", path).membersOf() {
		method := strings.ToUpper(m.key)
		if m.key == anyMethod || method == "ANY" {
			method = "*"
		}
		resources.items = append(resources.items, text("execute-api:/"+b.stage+"/"+method+placeholder.ReplaceAllString(path, "*")))
	}
	b.accounts(p.get("AwsAccountWhitelist"), "Allow", resources)
	b.accounts(p.get("AwsAccountBlacklist"), "Deny", resources)
	if ips := p.get("IpRangeWhitelist"); ips.truthy() {
		b.restrict(resources, obj("NotIpAddress", obj("aws:SourceIp", aList(ips))))
	}
	if ips := p.get("IpRangeBlacklist"); ips.truthy() {
		b.restrict(resources, obj("IpAddress", obj("aws:SourceIp", aList(ips))))
	}
	if c := networks(p, "Blacklist"); c.truthy() {
		b.restrict(resources, obj("StringEquals", c))
	}
	if c := networks(p, "Whitelist"); c.truthy() {
		b.restrict(resources, obj("StringNotEquals", c))
	}
	return nil
}

func (b *policyWriter) accounts(accounts *value, effect string, resources *value) {
	if !accounts.truthy() {
		return
	}
	s := obj("Effect", effect, "Action", "execute-api:Invoke", "Resource", resources, "Principal", obj("AWS", aList(accounts)))
	b.seen[string(s.json())] = true
	b.statements = append(b.statements, s)
}

// restrict allows all callers and denies those that a condition finds.
func (b *policyWriter) restrict(resources, condition *value) {
	b.once(obj("Effect", "Allow", "Action", "execute-api:Invoke", "Resource", resources, "Principal", "*"))
	b.once(obj("Effect", "Deny", "Action", "execute-api:Invoke", "Resource", resources, "Principal", "*", "Condition", condition))
}

func (b *policyWriter) once(s *value) {
	if key := string(s.json()); !b.seen[key] {
		b.seen[key] = true
		b.statements = append(b.statements, s)
	}
}

// custom adds the statements that a template writes out.
func (b *policyWriter) custom(statements *value) error {
	for _, s := range aList(statements).items {
		if !s.isObject() {
			return s.errorf("a statement must be an object")
		}
		b.once(s)
	}
	return nil
}

// networks are the VPCs and VPC endpoints of the lists of one colour.
func networks(p *value, colour string) *value {
	vpcs, endpoints := list(), list()
	for _, v := range aList(p.get("SourceVpc" + colour)).items {
		switch {
		case strings.HasPrefix(v.str(), "vpce-"):
			endpoints.items = append(endpoints.items, v)
		case strings.HasPrefix(v.str(), "vpc-"):
			vpcs.items = append(vpcs.items, v)
		}
	}
	vpcs.items = append(vpcs.items, aList(p.get("IntrinsicVpc"+colour)).items...)
	endpoints.items = append(endpoints.items, aList(p.get("IntrinsicVpce"+colour)).items...)
	out := obj()
	if len(vpcs.items) > 0 {
		out.set("aws:SourceVpc", vpcs)
	}
	if len(endpoints.items) > 0 {
		out.set("aws:SourceVpce", endpoints)
	}
	return out
}

// aList is a list, or a list of one.
func aList(v *value) *value {
	if v == nil || v.kind == kindNull || v.isList() {
		if v.isList() {
			return v
		}
		return list()
	}
	return list(v)
}
