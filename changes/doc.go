// Package changes tells what differs between two definitions of an API, method
// by method.
//
// Ids and dates do not count: methods are compared by path and verb, everything
// else by name, and a method's authorizer and validator by their names.
package changes
