// Package integration calls backends: what the gateway asks of every kind of
// integration, and the errors that they may answer.
//
// httpx speaks HTTP to a URL; aws calls services of AWS, Lambda functions among
// them; mock answers by itself. Mapping, templates,
// logs and timeouts run around [Invoker], never inside it.
package integration
