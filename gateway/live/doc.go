// Package live is state of the data plane that outlives plans: what a request
// needs and no deployment freezes.
package live
