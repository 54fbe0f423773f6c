package control

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/fault"
)

const (
	defaultLimit = 25
	maximalLimit = 500
)

// page returns the part of a list that a call asks for, and the position of the
// next part if more follows. The list is sorted by key, ascending, and no two
// keys are equal. A position names the key of the last item returned, so a
// list that changes meanwhile neither repeats nor skips what stays in it.
//
// Recorded: a limit out of range falls back to the default. Assumed: an
// unknown position is a 400.
func page[T any](items []T, key func(T) string, position *string, limit *int32) ([]T, *string, error) {
	n := int(apigw.Val(limit))
	if n < 1 || n > maximalLimit {
		n = defaultLimit
	}
	if token := apigw.Val(position); token != "" {
		after, ok := afterPosition(token)
		if !ok {
			return nil, nil, fault.BadRequestf("Invalid position parameter specified")
		}
		start, found := slices.BinarySearchFunc(items, after, func(item T, after string) int {
			return strings.Compare(key(item), after)
		})
		if found {
			start++
		}
		items = items[start:]
	}
	if len(items) <= n {
		return items, nil, nil
	}
	next := base64.RawURLEncoding.EncodeToString([]byte(positionMark + key(items[n-1])))
	return items[:n], &next, nil
}

// positionMark tells positions of ours from other text that happens to decode.
const positionMark = "after:"

func afterPosition(token string) (key string, ok bool) {
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return "", false
	}
	return strings.CutPrefix(string(text), positionMark)
}
