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

var taggableARN = regexp.MustCompile(`^arn:[^:]+:apigateway:([^:]*):[^:]*:/restapis/([^/]+)(?:/stages/([^/]+))?$`)

// lockOf returns the lock under which the tags of an ARN change.
func lockOf(arn string) string {
	if m := taggableARN.FindStringSubmatch(arn); m != nil {
		return m[2]
	}
	return arn
}

// tagged finds what an ARN names. An ARN of another region names nothing here.
func (t *tx) tagged(arn string) (*tagged, error) {
	m := taggableARN.FindStringSubmatch(arn)
	if m == nil || m[1] != t.scope.Region {
		return nil, fault.NotFoundf("Invalid resource ARN specified: %s", arn) // assumed
	}
	if m[3] != "" {
		stage, err := t.stage(m[2], m[3])
		if err != nil {
			return nil, err
		}
		key := t.scope.StageKey(m[2], m[3])
		return &tagged{tags: &stage.Shape.Tags, save: func() { t.put(key, stage) }}, nil
	}
	api, err := t.api(m[2])
	if err != nil {
		return nil, err
	}
	return &tagged{tags: &api.Shape.Tags, save: func() { t.put(t.scope.APIKey(m[2]), api) }}, nil
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
