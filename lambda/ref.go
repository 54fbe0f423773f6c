package lambda

import "strings"

// Ref is which function is meant.
type Ref struct {
	Region, Account string // empty if only a name was given
	Name            string
	Qualifier       string // alias or version; empty: the latest
}

// ParseRef reads the ways in which the Invoke API takes a function: its name,
// "ACCOUNT:function:NAME" and its ARN, each with or without a qualifier. The
// name is empty in what is none of them.
func ParseRef(text string) Ref {
	var ref Ref
	parts := strings.Split(text, ":")
	switch {
	case len(parts) >= 7 && parts[0] == "arn" && parts[2] == "lambda" && parts[5] == "function":
		ref.Region, ref.Account, parts = parts[3], parts[4], parts[6:]
	case len(parts) >= 3 && parts[1] == "function":
		ref.Account, parts = parts[0], parts[2:]
	}
	switch len(parts) {
	case 1:
		ref.Name = parts[0]
	case 2:
		ref.Name, ref.Qualifier = parts[0], parts[1]
	}
	return ref
}

// ARN returns the name of the function in full, for a region and account where
// the reference has none.
func (r Ref) ARN(region, account string) string {
	if r.Region != "" {
		region = r.Region
	}
	if r.Account != "" {
		account = r.Account
	}
	arn := "arn:aws:lambda:" + region + ":" + account + ":function:" + r.Name
	if r.Qualifier != "" {
		arn += ":" + r.Qualifier
	}
	return arn
}
