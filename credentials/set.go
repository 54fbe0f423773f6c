package credentials

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/postern-gateway/postern/iam"
)

// Identity is one user of the control plane.
type Identity struct {
	Name     string
	Account  string // twelve digits
	Policies []*iam.Policy
}

// ARN names the identity in refusals and conditions.
func (i *Identity) ARN() string { return "arn:aws:iam::" + i.Account + ":user/" + i.Name }

// Key is one access key.
type Key struct {
	ID           string
	Secret       string
	SessionToken string    // empty: the key has none
	Expires      time.Time // zero: never
	Identity     *Identity
}

// Set is the content of a file.
type Set struct {
	keys map[string]*Key
}

// Key returns an access key by its id, or nil.
func (s *Set) Key(id string) *Key { return s.keys[id] }

// Len returns the number of access keys.
func (s *Set) Len() int { return len(s.keys) }

// file is the form of the file.
type file struct {
	Identities []struct {
		Name    string
		Account string
		Keys    []struct {
			ID           string `yaml:"id"`
			Secret       string
			SessionToken string `yaml:"sessionToken"`
			Expires      time.Time
		}
		Policies []map[string]any
	}
}

// Parse reads a file (YAML). An error names the identity that is wrong and
// never shows a secret.
func Parse(data []byte) (*Set, error) {
	var f file
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return nil, hideValues(err)
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, errors.New("want one document")
	}
	set := &Set{keys: map[string]*Key{}}
	names := map[string]bool{}
	for i, entry := range f.Identities {
		identity := &Identity{Name: entry.Name, Account: entry.Account}
		if !isName(entry.Name) {
			return nil, fmt.Errorf("identity %d: the name %q: want letters, digits and +=,.@_-", i+1, entry.Name)
		}
		if len(entry.Account) != 12 || strings.Trim(entry.Account, "0123456789") != "" {
			return nil, fmt.Errorf("identity %s: account %q: want twelve digits, in quotes", entry.Name, entry.Account)
		}
		if names[identity.ARN()] {
			return nil, fmt.Errorf("identity %s: account %s has two of this name", entry.Name, entry.Account)
		}
		names[identity.ARN()] = true
		for j, document := range entry.Policies {
			policy, err := parsePolicy(document)
			if err != nil {
				return nil, fmt.Errorf("identity %s: policy %d: %w", entry.Name, j+1, err)
			}
			identity.Policies = append(identity.Policies, policy)
		}
		for j, k := range entry.Keys {
			if k.ID == "" || k.Secret == "" || strings.ContainsAny(k.ID, "/ ,") {
				return nil, fmt.Errorf("identity %s: key %d: want an id without slashes, blanks and commas, and a secret", entry.Name, j+1)
			}
			if set.keys[k.ID] != nil {
				return nil, fmt.Errorf("identity %s: the access key %s is given twice", entry.Name, k.ID)
			}
			set.keys[k.ID] = &Key{ID: k.ID, Secret: k.Secret, SessionToken: k.SessionToken, Expires: k.Expires, Identity: identity}
		}
	}
	if len(set.keys) == 0 {
		return nil, errors.New("there is no access key in it")
	}
	return set, nil
}

// isName takes the names that IAM takes.
func isName(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+=,.@_-") == ""
}

// hideValues keeps the line of an error and drops its text, which may quote a
// secret that stands in the wrong place.
func hideValues(err error) error {
	text := err.Error()
	if unknown := (*yaml.TypeError)(nil); errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		text = unknown.Errors[0]
	}
	_, rest, ok := strings.Cut(text, "line ")
	line, rest, _ := strings.Cut(rest, ":")
	switch {
	case !ok:
		return errors.New("not the expected YAML")
	case strings.Contains(rest, "not found in type"):
		return fmt.Errorf("line %s: there is no setting of this name", line)
	}
	return fmt.Errorf("line %s: not the expected YAML", line)
}

// parsePolicy takes a document as YAML has read it. YAML makes a time of the
// Version unless it stands in quotes.
func parsePolicy(document map[string]any) (*iam.Policy, error) {
	if version, ok := document["Version"].(time.Time); ok {
		document["Version"] = version.Format(time.DateOnly)
	}
	data, err := json.Marshal(document)
	if err != nil {
		return nil, errors.New("its members must have names that are texts")
	}
	return iam.Parse(data)
}
