package logs

import (
	"encoding/base64"
	"slices"
)

// page are the members of lists of groups and streams.
type page struct {
	NextToken *string `json:"nextToken"`
	Limit     *int64  `json:"limit"`
}

// maxPage is the most of a list that one answer holds, and the default.
const maxPage = 50

func (p page) check() error {
	if err := first(checkAll(value{"nextToken", p.NextToken, tokenPattern, false}), checkRange("limit", p.Limit, 1, maxPage)); err != nil {
		return err
	}
	_, err := untoken(p.NextToken)
	return err
}

// cut returns the page of a list that is asked for, and the token of the next
// one; key tells the items apart. A token is the key of the item before it: if
// that has gone, the list begins anew, so that nothing is left out.
func cut[T any](p page, list []T, key func(T) string) ([]T, string) {
	after, _ := untoken(p.NextToken)
	if p.NextToken != nil {
		list = list[1+slices.IndexFunc(list, func(item T) bool { return key(item) == after }):]
	}
	limit := maxPage
	if p.Limit != nil {
		limit = int(*p.Limit)
	}
	if len(list) <= limit {
		return list, ""
	}
	return list[:limit], token(key(list[limit-1]))
}

// token makes a text opaque.
func token(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// untoken is the text of a token; "" if there is none.
func untoken(token *string) (string, error) {
	if token == nil {
		return "", nil
	}
	text, err := base64.RawURLEncoding.DecodeString(*token)
	if err != nil {
		return "", errToken
	}
	return string(text), nil
}

var errToken = invalid("The specified nextToken is invalid.")
