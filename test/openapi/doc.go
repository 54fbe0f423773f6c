// Package openapi holds no code: its tests import, export and replace whole
// documents through the control plane, on a real store.
package openapi
