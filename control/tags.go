package control

import (
	"context"
	"regexp"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/fault"
)

var (
	tagKey   = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]{1,128}$`)
	tagValue = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]{0,256}$`)
)

// checkTags. Guide for the rules, assumed for the texts.
func (s *Service) checkTags(tags map[string]string) error {
	for _, key := range sortedKeys(tags) {
		switch {
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			return fault.BadRequestf("Invalid tag key: %s. Tag keys cannot start with aws:", key)
		case !tagKey.MatchString(key):
			return fault.BadRequestf("Invalid tag key: %s", key)
		case !tagValue.MatchString(tags[key]):
			return fault.BadRequestf("Invalid tag value for key: %s", key)
		}
	}
	return s.Quotas.check(TagsPer, len(tags))
}

// tagged is something that carries tags: its tags, and how to write it back.
type tagged struct {
	tags *map[string]string
	save func()
}

// A taggable is one form of ARN that names something with tags.
type taggable struct {
	// path is the last part of the ARN. Its first group is the lock under which
	// the tags change: that of all other changes of the same thing.
	path *regexp.Regexp
	find func(t *tx, groups []string) (*tagged, error)
}

// taggables has a row for each family.
var taggables = []taggable{
	{arnPath(`/restapis/([^/]+)`), func(t *tx, g []string) (*tagged, error) {
		api, err := t.api(g[1])
		if err != nil {
			return nil, err
		}
		return &tagged{&api.Shape.Tags, func() { t.put(t.scope.APIKey(g[1]), api) }}, nil
	}},
	{arnPath(`/restapis/([^/]+)/stages/([^/]+)`), func(t *tx, g []string) (*tagged, error) {
		stage, err := t.stage(g[1], g[2])
		if err != nil {
			return nil, err
		}
		return &tagged{&stage.Shape.Tags, func() { t.put(t.scope.StageKey(g[1], g[2]), stage) }}, nil
	}},
	{arnPath(`/domainnames/([^/]+)`), func(t *tx, g []string) (*tagged, error) {
		d, err := t.domain(g[1])
		if err != nil {
			return nil, err
		}
		return &tagged{&d.Shape.Tags, func() { t.put(t.scope.DomainKey(g[1]), d) }}, nil
	}},
	{arnPath(associationPath), func(t *tx, g []string) (*tagged, error) {
		a, err := t.association(g[1], g[2])
		if err != nil {
			return nil, err
		}
		return &tagged{&a.Shape.Tags, func() { t.put(t.scope.AssociationKey(g[1], g[2]), a) }}, nil
	}},
	{arnPath(`/apikeys/([^/]+)`), func(t *tx, g []string) (*tagged, error) {
		k, err := t.apiKey(g[1])
		if err != nil {
			return nil, err
		}
		return &tagged{&k.Shape.Tags, func() { t.put(t.scope.APIKeyKey(g[1]), k) }}, nil
	}},
	{arnPath(`/usageplans/([^/]+)`), func(t *tx, g []string) (*tagged, error) {
		p, err := t.usagePlan(g[1])
		if err != nil {
			return nil, err
		}
		return &tagged{&p.Shape.Tags, func() { t.put(t.scope.UsagePlanKey(g[1]), p) }}, nil
	}},
	{arnPath(`/clientcertificates/([^/]+)`), func(t *tx, g []string) (*tagged, error) {
		c, err := t.certificate(g[1])
		if err != nil {
			return nil, err
		}
		return &tagged{&c.Shape.Tags, func() { t.put(t.scope.CertificateKey(g[1]), c) }}, nil
	}},
	{arnPath(`/vpclinks/([^/]+)`), func(t *tx, g []string) (*tagged, error) {
		link, err := t.vpcLink(g[1])
		if err != nil {
			return nil, err
		}
		return &tagged{&link.Shape.Tags, func() { t.put(t.scope.VPCLinkKey(g[1]), link) }}, nil
	}},
}

func arnPath(path string) *regexp.Regexp { return regexp.MustCompile("^" + path + "$") }

// serviceARN has the region, the account and the path of an ARN of the service.
var serviceARN = regexp.MustCompile(`^arn:[^:]+:apigateway:([^:]*):([^:]*):(/.*)$`)

// taggableOf returns the row for an ARN and what its groups are.
func taggableOf(arn string) (taggable, []string, bool) {
	if m := serviceARN.FindStringSubmatch(arn); m != nil {
		for _, row := range taggables {
			if groups := row.path.FindStringSubmatch(m[3]); groups != nil {
				return row, groups, true
			}
		}
	}
	return taggable{}, nil, false
}

// lockOf returns the lock under which the tags of an ARN change.
func lockOf(arn string) string {
	if _, groups, ok := taggableOf(arn); ok {
		return groups[1]
	}
	return arn
}

// tagged finds what an ARN names. An ARN of another region or account names
// nothing here. The account may be missing, which it is in most forms; clients
// that do not know it leave it out everywhere.
func (t *tx) tagged(arn string) (*tagged, error) {
	row, groups, ok := taggableOf(arn)
	if m := serviceARN.FindStringSubmatch(arn); !ok || m[1] != t.scope.Region || m[2] != "" && m[2] != t.scope.Account {
		return nil, fault.NotFoundf("Invalid resource ARN specified: %s", arn) // assumed
	}
	return row.find(t, groups)
}

// GetTags answers the tags of a resource, all at once.
func (s *Service) GetTags(ctx context.Context, in *apigw.GetTagsRequest) (*apigw.Tags, error) {
	out := &apigw.Tags{Tags: map[string]string{}}
	err := s.read(ctx, func(t *tx) error {
		thing, err := t.tagged(in.ResourceArn)
		if err == nil && *thing.tags != nil {
			out.Tags = *thing.tags
		}
		return err
	})
	return out, err
}

// TagResource adds tags to those that a resource has.
func (s *Service) TagResource(ctx context.Context, in *apigw.TagResourceRequest) error {
	return s.changeTags(ctx, in.ResourceArn, func(tags map[string]string) error {
		for key, value := range in.Tags {
			tags[key] = value
		}
		return s.checkTags(tags)
	})
}

// UntagResource removes tags. The keys come repeated or separated by commas.
func (s *Service) UntagResource(ctx context.Context, in *apigw.UntagResourceRequest) error {
	return s.changeTags(ctx, in.ResourceArn, func(tags map[string]string) error {
		for _, keys := range in.TagKeys {
			delete(tags, keys)
			for key := range strings.SplitSeq(keys, ",") {
				delete(tags, key)
			}
		}
		return nil
	})
}

func (s *Service) changeTags(ctx context.Context, arn string, f func(map[string]string) error) error {
	return s.change(ctx, lockOf(arn), func(t *tx) error {
		thing, err := t.tagged(arn)
		if err != nil {
			return err
		}
		if *thing.tags == nil {
			*thing.tags = map[string]string{}
		}
		if err := f(*thing.tags); err != nil {
			return err
		}
		if len(*thing.tags) == 0 {
			*thing.tags = nil
		}
		thing.save()
		return nil
	})
}
