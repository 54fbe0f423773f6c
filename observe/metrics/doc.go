// Package metrics counts the requests of deployed stages and keeps what it
// counted, for CloudWatch and for Prometheus alike.
//
// Each request is told to exactly one [Series]: that of its stage, or that of
// its method if the stage says that the method has metrics of its own. What is
// asked for is added up from series when it is read, so that it does not matter
// to a request how many sets of dimensions it belongs to. Reading is
// [Registry.Data] for the data points of CloudWatch and [Registry.Totals] for
// counters since the start.
//
// Telling a request takes no lock and allocates nothing but the first time in a
// minute. Series outlive plans: a plan that is compiled anew goes on with the
// series that are there.
package metrics
