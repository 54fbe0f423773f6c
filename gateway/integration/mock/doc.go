// Package mock is the integration that answers by itself: the request body
// names a status code, and that number picks the integration response.
package mock
