package iam

//lint:file-ignore ST1005 texts begin with names of elements

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// The condition keys, as their names are in Request.Context.
const (
	KeyCurrentTime      = "aws:currenttime"      // RFC 3339
	KeyPrincipalAccount = "aws:principalaccount" // twelve digits
	KeyPrincipalARN     = "aws:principalarn"
	KeyRequestedRegion  = "aws:requestedregion"
	KeySecureTransport  = "aws:securetransport" // "true" over TLS
	KeySourceIP         = "aws:sourceip"        // without a port
	KeyUserAgent        = "aws:useragent"
	KeyUserName         = "aws:username"
)

var keys = []string{KeyCurrentTime, KeyPrincipalAccount, KeyPrincipalARN, KeyRequestedRegion,
	KeySecureTransport, KeySourceIP, KeyUserAgent, KeyUserName}

// condition is one key of a Condition element under one operator.
type condition struct {
	key string
	operator
	ifExists bool
	values   []string
}

// operator compares the value of a request with one of a policy.
type operator struct {
	match func(policy, request string) bool
	valid func(policy string) bool // nil: any text
	not   bool                     // holds if no value matches
}

var operators = map[string]operator{
	"StringEquals":              {match: equal},
	"StringNotEquals":           {match: equal, not: true},
	"StringEqualsIgnoreCase":    {match: strings.EqualFold},
	"StringNotEqualsIgnoreCase": {match: strings.EqualFold, not: true},
	"StringLike":                {match: Match},
	"StringNotLike":             {match: Match, not: true},
	"ArnEquals":                 {match: matchARN}, // documented: the same as ArnLike
	"ArnLike":                   {match: matchARN},
	"ArnNotEquals":              {match: matchARN, not: true},
	"ArnNotLike":                {match: matchARN, not: true},
	"Bool":                      {match: strings.EqualFold, valid: isBool},
	"IpAddress":                 {match: inNetwork, valid: isNetwork},
	"NotIpAddress":              {match: inNetwork, valid: isNetwork, not: true},
	"DateEquals":                {match: dates(func(d int) bool { return d == 0 }), valid: isDate},
	"DateNotEquals":             {match: dates(func(d int) bool { return d == 0 }), valid: isDate, not: true},
	"DateLessThan":              {match: dates(func(d int) bool { return d < 0 }), valid: isDate},
	"DateLessThanEquals":        {match: dates(func(d int) bool { return d <= 0 }), valid: isDate},
	"DateGreaterThan":           {match: dates(func(d int) bool { return d > 0 }), valid: isDate},
	"DateGreaterThanEquals":     {match: dates(func(d int) bool { return d >= 0 }), valid: isDate},
}

func parseConditions(raw json.RawMessage) ([]condition, error) {
	blocks, err := object(raw)
	if err != nil {
		return nil, fmt.Errorf("Condition: %w", err)
	}
	var out []condition
	for _, name := range slices.Sorted(maps.Keys(blocks)) {
		plain, ifExists := strings.CutSuffix(name, "IfExists")
		op, ok := operators[plain]
		if !ok {
			return nil, fmt.Errorf("condition operator %q is not supported", name)
		}
		members, err := object(blocks[name])
		if err != nil {
			return nil, fmt.Errorf("condition %s: %w", name, err)
		}
		for _, key := range slices.Sorted(maps.Keys(members)) {
			if !slices.Contains(keys, strings.ToLower(key)) {
				return nil, fmt.Errorf("condition key %q is not supported", key)
			}
			values, err := texts(members[key])
			if err != nil {
				return nil, fmt.Errorf("condition %s %s: %w", name, key, err)
			}
			for _, value := range values {
				if strings.Contains(value, "${") || op.valid != nil && !op.valid(value) {
					return nil, fmt.Errorf("condition %s %s: %q is not understood", name, key, value)
				}
			}
			out = append(out, condition{strings.ToLower(key), op, ifExists, values})
		}
	}
	return out, nil
}

// holdAll tells whether all conditions hold.
func holdAll(conditions []condition, context map[string]string) bool {
	for _, c := range conditions {
		have, ok := context[c.key]
		if !ok {
			if c.ifExists || c.not { // documented: a negated operator holds for an absent key
				continue
			}
			return false
		}
		matches := slices.ContainsFunc(c.values, func(value string) bool { return c.match(value, have) })
		if matches == c.not {
			return false
		}
	}
	return true
}

func equal(policy, request string) bool { return policy == request }

func isBool(s string) bool { return strings.EqualFold(s, "true") || strings.EqualFold(s, "false") }

// matchARN compares the six parts of ARNs one by one: no wildcard reaches over
// a colon before the last part.
func matchARN(policy, request string) bool {
	want, have := strings.SplitN(policy, ":", 6), strings.SplitN(request, ":", 6)
	return len(want) == len(have) && !slices.ContainsFunc([]int{0, 1, 2, 3, 4, 5}, func(i int) bool {
		return i < len(want) && !Match(want[i], have[i])
	})
}

func network(s string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(s); err == nil {
		return address.Prefix(address.BitLen())
	}
	return netip.ParsePrefix(s)
}

func isNetwork(s string) bool {
	_, err := network(s)
	return err == nil
}

func inNetwork(policy, request string) bool {
	prefix, err := network(policy)
	if err != nil {
		return false
	}
	address, err := netip.ParseAddr(request)
	return err == nil && prefix.Contains(address.Unmap().WithZone(""))
}

func date(s string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		return at, nil
	}
	return time.Parse(time.DateOnly, s)
}

func isDate(s string) bool {
	_, err := date(s)
	return err == nil
}

// dates compares the time of a request with that of a policy.
func dates(holds func(order int) bool) func(policy, request string) bool {
	return func(policy, request string) bool {
		want, wantErr := date(policy)
		have, haveErr := date(request)
		return wantErr == nil && haveErr == nil && holds(have.Compare(want))
	}
}
