package wire

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/fault"
)

// checkConstraints finds all members of an input that break a constraint of
// the model, before the operation runs. Recorded: one answer names them all,
// members of the body first, in the order of the model.
func checkConstraints(op apigw.Operation, in any) error {
	c := constraints{}
	shape := apigw.Schema[op.Input]
	target := reflect.ValueOf(in).Elem()
	name := strings.ToLower(op.Name[:1]) + op.Name[1:] + "Input"
	for _, inBody := range []bool{true, false} {
		for _, member := range shape.Members {
			if (member.Location == apigw.InBody) != inBody {
				continue
			}
			where := member.Name
			if inBody {
				where = name + "." + member.Name
			}
			c.checkMember(member, target.FieldByName(member.Field), where)
		}
	}
	switch len(c.failures) {
	case 0:
		return nil
	case 1:
		return fault.New(fault.Validation, "%s", "1 validation error detected: "+c.failures[0])
	}
	return fault.New(fault.Validation, "%s", fmt.Sprintf("%d validation errors detected: %s", len(c.failures), strings.Join(c.failures, "; ")))
}

type constraints struct{ failures []string }

func (c *constraints) fail(value, where, tail string) {
	c.failures = append(c.failures, fmt.Sprintf("%s at '%s' failed to satisfy constraint: %s", value, where, tail))
}

func (c *constraints) checkMember(member apigw.Member, field reflect.Value, where string) {
	if field.Kind() == reflect.Pointer || field.Kind() == reflect.Map || field.Kind() == reflect.Slice {
		if field.IsNil() {
			if member.Required {
				c.fail("Value null", where, "Member must not be null")
			}
			return
		}
	}
	if field.Kind() == reflect.Pointer {
		field = field.Elem()
	}
	c.check(apigw.Schema[member.Shape], field, where)
}

func (c *constraints) check(shape *apigw.Shape, v reflect.Value, where string) {
	switch shape.Kind {
	case apigw.KindString:
		if tail := breaks(shape, v.String()); tail != "" {
			c.fail("Value '"+v.String()+"'", where, tail)
		}
	case apigw.KindStructure:
		for _, member := range shape.Members {
			c.checkMember(member, v.FieldByName(member.Field), where+"."+member.Name)
		}
	case apigw.KindList:
		c.checkList(shape, v, where)
	case apigw.KindMap:
		elem := apigw.Schema[shape.Elem]
		if elem.Kind != apigw.KindStructure {
			return // no map of the model has constrained texts
		}
		for iter := v.MapRange(); iter.Next(); {
			c.check(elem, iter.Value(), where+"."+iter.Key().String()+".member")
		}
	}
}

// checkList prints a list of texts as a whole, and the members of a list of
// structures one by one, counted from 1.
func (c *constraints) checkList(shape *apigw.Shape, v reflect.Value, where string) {
	elem := apigw.Schema[shape.Elem]
	if elem.Kind != apigw.KindString {
		for i := range v.Len() {
			c.check(elem, v.Index(i), fmt.Sprintf("%s.%d.member", where, i+1))
		}
		return
	}
	texts := v.Interface().([]string)
	for _, text := range texts {
		if tail := breaks(elem, text); tail != "" {
			c.fail("Value '["+strings.Join(texts, ", ")+"]'", where, "Member must satisfy constraint: ["+tail+"]")
			return
		}
	}
}

// breaks returns the constraint that a text breaks, or nothing.
func breaks(shape *apigw.Shape, text string) string {
	switch {
	case len(shape.Enum) > 0 && !slices.Contains(shape.Enum, text):
		return "Member must satisfy enum value set: [" + strings.Join(shape.Enum, ", ") + "]"
	case shape.Pattern != "" && !pattern(shape.Pattern).MatchString(text):
		return "Member must satisfy regular expression pattern: " + shape.Pattern
	}
	return ""
}

var patterns sync.Map // source -> *regexp.Regexp

// pattern compiles an expression of the model, which has to match the whole.
func pattern(source string) *regexp.Regexp {
	if re, ok := patterns.Load(source); ok {
		return re.(*regexp.Regexp)
	}
	re := regexp.MustCompile(`^(?:` + source + `)$`)
	patterns.Store(source, re)
	return re
}
