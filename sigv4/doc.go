// Package sigv4 signs requests with AWS Signature Version 4 and verifies
// signatures.
//
// Read says who a request claims to be from; it understands the Authorization
// header and the presigned form, where the same things stand in the query. A
// Verifier says whether the claim is true. Both look at a Request as it was
// received: nothing of it may have been cleaned, decoded or reordered.
//
// Texts of refusals are those of the service as far as they are known from its
// answers; the others follow their style.
package sigv4
