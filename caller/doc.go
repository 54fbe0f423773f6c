// Package caller is who calls the control plane: put into the context by the
// wire, read by the operations and by the change history.
package caller
