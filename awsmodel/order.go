package awsmodel

import (
	"cmp"
	"slices"
	"unicode/utf16"
)

// wireEnumOrder returns the values of an enum in the order in which the real
// service lists them in a ValidationException: that of a Java hash set with 32
// buckets, ties in reverse order of the model.
//
// Recorded: every enum set that a recorded answer shows has this order.
func wireEnumOrder(values []string) []string {
	sorted := slices.Clone(values)
	slices.Reverse(sorted)
	slices.SortStableFunc(sorted, func(a, b string) int {
		return cmp.Compare(javaHash(a)&31, javaHash(b)&31)
	})
	return sorted
}

// javaHash is java.lang.String.hashCode.
func javaHash(s string) int32 {
	var h int32
	for _, unit := range utf16.Encode([]rune(s)) {
		h = 31*h + int32(unit)
	}
	return h
}
