package logs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/logs/store"
)

// retentions are the numbers of days that a retention may have.
var retentions = []int64{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

// standard is the only class of groups that is served.
const standard = "STANDARD"

type createLogGroup struct {
	groupName
	Tags                      map[string]string `json:"tags"`
	KmsKeyID                  *string           `json:"kmsKeyId"`
	LogGroupClass             *string           `json:"logGroupClass"`
	DeletionProtectionEnabled bool              `json:"deletionProtectionEnabled"`
}

func (in *createLogGroup) check(c *call) error {
	if err := first(in.groupName.check(c), checkTags(in.Tags)); err != nil {
		return err
	}
	// A setting that would have no effect is refused.
	switch {
	case in.KmsKeyID != nil:
		return invalid("Log groups with a KMS key are not served by this version of postern")
	case in.LogGroupClass != nil && *in.LogGroupClass != standard:
		return invalid("Log groups of class %s are not served by this version of postern", *in.LogGroupClass)
	case in.DeletionProtectionEnabled:
		return invalid("Deletion protection of log groups is not served by this version of postern")
	}
	return nil
}

func (in *createLogGroup) run(c *call) (any, error) {
	return nil, c.Store.CreateGroup(c.scope, in.name(), in.Tags)
}

type deleteLogGroup struct{ groupName }

func (in *deleteLogGroup) run(c *call) (any, error) {
	c.settle()
	return nil, c.Store.DeleteGroup(c.scope, in.name())
}

type putRetentionPolicy struct {
	groupName
	RetentionInDays *int64 `json:"retentionInDays"`
}

func (in *putRetentionPolicy) check(c *call) error {
	if err := in.groupName.check(c); err != nil {
		return err
	}
	if in.RetentionInDays == nil {
		return asError([]string{"Value null at 'retentionInDays' failed to satisfy constraint: Member must not be null"})
	}
	if !slices.Contains(retentions, *in.RetentionInDays) {
		return invalid("Invalid retention value. Valid values are: [%s]", strings.Trim(strings.ReplaceAll(fmt.Sprint(retentions), " ", ", "), "[]"))
	}
	return nil
}

func (in *putRetentionPolicy) run(c *call) (any, error) {
	return nil, c.Store.SetRetention(c.scope, in.name(), int(*in.RetentionInDays))
}

type deleteRetentionPolicy struct{ groupName }

func (in *deleteRetentionPolicy) run(c *call) (any, error) {
	return nil, c.Store.SetRetention(c.scope, in.name(), 0)
}

type describeLogGroups struct {
	page
	Prefix      *string  `json:"logGroupNamePrefix"`
	Pattern     *string  `json:"logGroupNamePattern"`
	Class       *string  `json:"logGroupClass"`
	Identifiers []string `json:"logGroupIdentifiers"`
}

type logGroup struct {
	LogGroupName      string `json:"logGroupName"`
	CreationTime      int64  `json:"creationTime"`
	RetentionInDays   int    `json:"retentionInDays,omitempty"`
	MetricFilterCount int    `json:"metricFilterCount"`
	ARN               string `json:"arn"`
	StoredBytes       int64  `json:"storedBytes"`
	LogGroupClass     string `json:"logGroupClass"`
	LogGroupARN       string `json:"logGroupArn"`
}

func (in *describeLogGroups) resource() string { return streamResource(text(in.Prefix), "") }

func (in *describeLogGroups) check(*call) error {
	if in.Prefix != nil && in.Pattern != nil {
		return invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
	}
	return first(
		checkAll(value{"logGroupNamePrefix", in.Prefix, groupPattern, false}, value{"logGroupNamePattern", in.Pattern, filterPattern, false}),
		in.page.check(),
	)
}

func (in *describeLogGroups) run(c *call) (any, error) {
	c.settle()
	var names []string
	for _, identifier := range in.Identifiers {
		name, err := c.groupOf(identifier)
		if err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	groups := slices.DeleteFunc(c.Store.Groups(c.scope), func(g store.Group) bool {
		return !strings.HasPrefix(g.Name, text(in.Prefix)) || !strings.Contains(g.Name, text(in.Pattern)) ||
			in.Class != nil && *in.Class != standard || in.Identifiers != nil && !slices.Contains(names, g.Name)
	})
	out := struct {
		LogGroups []logGroup `json:"logGroups"`
		NextToken string     `json:"nextToken,omitempty"`
	}{LogGroups: []logGroup{}}
	groups, out.NextToken = cut(in.page, groups, func(g store.Group) string { return g.Name })
	for _, g := range groups {
		arn := c.arn() + "log-group:" + g.Name
		out.LogGroups = append(out.LogGroups, logGroup{g.Name, g.Created, g.Retention, 0, arn + ":*", g.Bytes, standard, arn})
	}
	return out, nil
}
