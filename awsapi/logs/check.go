package logs

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// The constraints of the model.
var (
	groupPattern  = constraint{1, 512, regexp.MustCompile(`^[\.\-_/#A-Za-z0-9]+$`)}
	filterPattern = constraint{0, 512, regexp.MustCompile(`^[\.\-_/#A-Za-z0-9]*$`)}
	streamPattern = constraint{1, 512, regexp.MustCompile(`^[^:*]*$`)}
	identifier    = constraint{1, 2048, regexp.MustCompile(`^[\w#+=/:,.@-]*$`)}
	resourceARN   = constraint{1, 1011, regexp.MustCompile(`^[\w#+=/:,.@-]*$`)}
	tokenPattern  = constraint{1, 2048, regexp.MustCompile(``)}
)

// constraint is what the model says of a text.
type constraint struct {
	min, max int
	pattern  *regexp.Regexp
}

// value is a member of an input that is checked.
type value struct {
	field string
	text  *string
	constraint
	required bool
}

// checkAll checks texts as the layer before the operations does, and tells all
// that is wrong at once.
func checkAll(values ...value) error {
	var wrong []string
	for _, v := range values {
		if v.text == nil {
			if v.required {
				wrong = append(wrong, fmt.Sprintf("Value null at '%s' failed to satisfy constraint: Member must not be null", v.field))
			}
			continue
		}
		for _, broken := range []struct {
			is   bool
			text string
		}{
			{!v.pattern.MatchString(*v.text), "Member must satisfy regular expression pattern: " + strings.Trim(v.pattern.String(), "^$")},
			{len(*v.text) > v.max, fmt.Sprintf("Member must have length less than or equal to %d", v.max)},
			{len(*v.text) < v.min, fmt.Sprintf("Member must have length greater than or equal to %d", v.min)},
		} {
			if broken.is {
				wrong = append(wrong, fmt.Sprintf("Value '%s' at '%s' failed to satisfy constraint: %s", *v.text, v.field, broken.text))
			}
		}
	}
	return asError(wrong)
}

// checkRange checks a number that may be missing.
func checkRange(field string, n *int64, least, most int64) error {
	switch {
	case n == nil:
		return nil
	case *n < least:
		return asError([]string{fmt.Sprintf("Value '%d' at '%s' failed to satisfy constraint: Member must have value greater than or equal to %d", *n, field, least)})
	case *n > most:
		return asError([]string{fmt.Sprintf("Value '%d' at '%s' failed to satisfy constraint: Member must have value less than or equal to %d", *n, field, most)})
	}
	return nil
}

func asError(wrong []string) error {
	switch len(wrong) {
	case 0:
		return nil
	case 1:
		return invalid("1 validation error detected: %s", wrong[0])
	}
	return invalid("%d validation errors detected: %s", len(wrong), strings.Join(wrong, "; "))
}

// first returns the first error of several checks.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// groupName is the member that names a group; most inputs have it.
type groupName struct {
	LogGroupName *string `json:"logGroupName"`
}

func (g *groupName) name() string { return text(g.LogGroupName) }

func (g *groupName) resource() string { return streamResource(g.name(), "") }

func (g *groupName) check(*call) error { return checkAll(g.value(true)) }

func (g *groupName) value(required bool) value {
	return value{"logGroupName", g.LogGroupName, groupPattern, required}
}

// groupIdentifier names a group by name or ARN.
type groupIdentifier struct {
	groupName
	LogGroupIdentifier *string `json:"logGroupIdentifier"`
}

// name is the name of the group that an input is about. An ARN of another
// account or region names a group that is not there.
func (g *groupIdentifier) name() string {
	if g.LogGroupName != nil {
		return *g.LogGroupName
	}
	name, _ := nameOf(text(g.LogGroupIdentifier))
	return name
}

func (g *groupIdentifier) resource() string { return streamResource(g.name(), "") }

func (g *groupIdentifier) check(c *call) error {
	if err := checkAll(g.value(false), value{"logGroupIdentifier", g.LogGroupIdentifier, identifier, false}); err != nil {
		return err
	}
	switch {
	case g.LogGroupName != nil && g.LogGroupIdentifier != nil:
		return invalid("LogGroup name and LogGroup ARN are mutually exclusive parameters.")
	case g.LogGroupName == nil && g.LogGroupIdentifier == nil:
		return invalid("Exactly one of logGroupName and logGroupIdentifier is needed.")
	case g.LogGroupIdentifier != nil:
		_, err := c.groupOf(*g.LogGroupIdentifier)
		return err
	}
	return nil
}

// errNotARN is told to callers of nameOf only.
var errNotARN = errors.New("it is no ARN of a log group")

// nameOf takes the name out of an ARN of a group. What does not begin as an ARN
// is a name itself.
func nameOf(identifier string) (name string, err error) {
	if !strings.HasPrefix(identifier, "arn:") {
		return identifier, nil
	}
	parts := strings.SplitN(identifier, ":", 7)
	if len(parts) < 7 || parts[2] != Service || parts[5] != "log-group" {
		return "", errNotARN
	}
	if !groupPattern.pattern.MatchString(parts[6]) {
		return "", errNotARN
	}
	return parts[6], nil
}

// groupOf returns the name of a group by name or ARN, if it can be in the scope
// of the caller.
func (c *call) groupOf(identifier string) (string, error) {
	name, err := nameOf(identifier)
	if err != nil {
		return "", invalid("Invalid log group identifier: %s", identifier)
	}
	if identifier != name && !strings.HasPrefix(identifier, c.arn()) {
		return "", notFound("log group")
	}
	return name, nil
}

// streamResource is the end of the ARN of a stream. Policies are asked about it
// even where only the group is meant; the stream is then empty. Seen in refusals
// of the service.
func streamResource(group, stream string) string {
	return "log-group:" + group + ":log-stream:" + stream
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
