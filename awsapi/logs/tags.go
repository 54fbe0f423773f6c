package logs

import (
	"strings"
	"unicode/utf8"

	"github.com/postern-gateway/postern/logs/store"
)

// Limits of tags.
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

func checkTags(tags map[string]string) error {
	for key, value := range tags {
		switch {
		case key == "" || utf8.RuneCountInString(key) > maxTagKey:
			return invalid("Tag keys must have 1 to %d characters", maxTagKey)
		case utf8.RuneCountInString(value) > maxTagValue:
			return invalid("Tag values must have at most %d characters", maxTagValue)
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			return invalid("Tag keys must not begin with aws:")
		}
	}
	if len(tags) > maxTags {
		return &refusal{"TooManyTagsException", "A resource has at most 50 tags"}
	}
	return nil
}

// group returns a group of the caller.
func (c *call) group(name string) (store.Group, error) {
	for _, g := range c.Store.Groups(c.scope) {
		if g.Name == name {
			return g, nil
		}
	}
	return store.Group{}, store.ErrNoGroup
}

// setTags adds and replaces tags, of which a group has only so many.
func (c *call) setTags(name string, tags map[string]string) error {
	g, err := c.group(name)
	if err != nil {
		return err
	}
	for key, value := range g.Tags {
		if _, replaced := tags[key]; !replaced {
			tags[key] = value
		}
	}
	if err := checkTags(tags); err != nil {
		return err
	}
	return c.Store.SetTags(c.scope, name, tags, nil)
}

type tagsOutput struct {
	Tags map[string]string `json:"tags"`
}

func (c *call) tags(name string) (any, error) {
	g, err := c.group(name)
	if g.Tags == nil {
		g.Tags = map[string]string{}
	}
	return tagsOutput{g.Tags}, err
}

// taggedResource is the member that names a group by its ARN.
type taggedResource struct {
	ResourceARN *string `json:"resourceArn"`
}

func (r *taggedResource) name() string {
	name, _ := nameOf(text(r.ResourceARN))
	return name
}

func (r *taggedResource) resource() string { return "log-group:" + r.name() }

func (r *taggedResource) check(c *call) error {
	if err := checkAll(value{"resourceArn", r.ResourceARN, resourceARN, true}); err != nil {
		return err
	}
	if !strings.HasPrefix(*r.ResourceARN, "arn:") {
		return invalid("Invalid resource ARN: %s", *r.ResourceARN)
	}
	_, err := c.groupOf(*r.ResourceARN)
	return err
}

type tagResource struct {
	taggedResource
	Tags map[string]string `json:"tags"`
}

func (in *tagResource) check(c *call) error {
	return first(in.taggedResource.check(c), checkPresent("tags", in.Tags != nil))
}
func (in *tagResource) run(c *call) (any, error) { return nil, c.setTags(in.name(), in.Tags) }

type untagResource struct {
	taggedResource
	TagKeys []string `json:"tagKeys"`
}

func (in *untagResource) check(c *call) error {
	return first(in.taggedResource.check(c), checkPresent("tagKeys", in.TagKeys != nil))
}
func (in *untagResource) run(c *call) (any, error) {
	return nil, c.Store.SetTags(c.scope, in.name(), nil, in.TagKeys)
}

type listTagsForResource struct{ taggedResource }

func (in *listTagsForResource) run(c *call) (any, error) { return c.tags(in.name()) }

type tagLogGroup struct {
	groupName
	Tags map[string]string `json:"tags"`
}

func (in *tagLogGroup) resource() string { return "log-group:" + in.name() }
func (in *tagLogGroup) check(c *call) error {
	return first(in.groupName.check(c), checkPresent("tags", in.Tags != nil))
}
func (in *tagLogGroup) run(c *call) (any, error) { return nil, c.setTags(in.name(), in.Tags) }

type untagLogGroup struct {
	groupName
	Tags []string `json:"tags"`
}

func (in *untagLogGroup) resource() string { return "log-group:" + in.name() }
func (in *untagLogGroup) check(c *call) error {
	return first(in.groupName.check(c), checkPresent("tags", in.Tags != nil))
}
func (in *untagLogGroup) run(c *call) (any, error) {
	return nil, c.Store.SetTags(c.scope, in.name(), nil, in.Tags)
}

type listTagsLogGroup struct{ groupName }

func (in *listTagsLogGroup) resource() string         { return "log-group:" + in.name() }
func (in *listTagsLogGroup) run(c *call) (any, error) { return c.tags(in.name()) }

func checkPresent(field string, present bool) error {
	if present {
		return nil
	}
	return asError([]string{"Value null at '" + field + "' failed to satisfy constraint: Member must not be null"})
}
