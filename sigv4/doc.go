// Package sigv4 reads AWS Signature Version 4 credentials from requests.
//
// It tells who a request says it is from and for which region and service.
// Whether the signature is right is not checked yet: until it is, the control
// plane listens on loopback only.
package sigv4
