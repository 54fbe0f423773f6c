// Package complete proves that postern is complete: every operation of the
// official AWS SDK for Go is called on a running binary, every path of every
// patch table is patched, and every member of every answer is seen, or a table
// says why not.
//
// The lists of what there is come from the SDK's client, the generated tables
// of package apigw, the patch tables of package control and the register of
// gaps; the tests hold only how each is reached. Something new without a test
// therefore fails here.
package complete
