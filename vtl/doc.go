// Package vtl compiles and renders mapping templates: the Velocity language as
// the service evaluates it.
//
// [Compile] turns a template into closures over numbered variables, once, at
// deployment. [Template.Render] runs them over the values of one request and
// may run in many goroutines at a time. Rendering always ends: rounds of
// loops, steps, nesting, sizes of values and of the output are bounded, and a
// template that goes over a bound fails.
//
// The rules are those of Velocity 1.7, which was compared with recorded
// answers of the service, with what is recorded to be different there: a
// reference without a value is the empty string everywhere, only false is
// false, macros are not defined, and calls of unknown directives stay text.
package vtl
