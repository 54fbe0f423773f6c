// Package aws calls services of AWS: signed requests to AWS itself or to
// whatever stands in for it, and Lambda functions of this machine.
//
// A request comes with the URL that the service has in AWS. [Client.Prepare]
// makes of it what is sent: the framing of an action, the endpoint of the
// configuration, the signature. It is a step of its own so that execution logs
// show what is sent. [Client.Invoke] sends it.
//
// Services that are called by actions speak one of several protocols. The
// gateway of AWS hides that: a client of a query service gets JSON. For
// endpoints that answer in XML all the same the answer is translated here.
package aws
