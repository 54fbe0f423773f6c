package wire

import (
	"fmt"
	"strings"

	"github.com/postern-gateway/postern/caller"
)

// Accounts says which account a caller acts in.
type Accounts struct {
	Default string            // twelve digits
	ByKey   map[string]string // access key id -> account
}

// ParseAccounts reads settings of the form ACCOUNT (the default) or
// ACCESSKEY=ACCOUNT.
func ParseAccounts(settings []string) (Accounts, error) {
	a := Accounts{Default: caller.DefaultAccount, ByKey: map[string]string{}}
	for _, setting := range settings {
		key, account, keyed := strings.Cut(setting, "=")
		if !keyed {
			account = setting
		}
		if !isAccount(account) {
			return a, fmt.Errorf("account %q: want twelve digits, or ACCESSKEY= before them", setting)
		}
		if keyed {
			a.ByKey[key] = account
		} else {
			a.Default = account
		}
	}
	return a, nil
}

func isAccount(s string) bool { return len(s) == 12 && strings.Trim(s, "0123456789") == "" }

// Of returns the account of an access key. A key that is itself twelve digits
// names its account: test suites tell accounts apart that way.
func (a Accounts) Of(accessKey string) string {
	if account, ok := a.ByKey[accessKey]; ok {
		return account
	}
	if isAccount(accessKey) {
		return accessKey
	}
	return a.Default
}
