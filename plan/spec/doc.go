// Package spec is the settings of one method in typed form: what the compiler
// hands to the builders of steps.
//
// It stands between the shapes of the control plane and the steps, so that a
// step never sees a shape, a snapshot or a plan. It also holds the table of
// gateway responses, which both planes read. Read [Method] and [GatewayResponse].
package spec
