//go:build !unix

package lambda

import "os/exec"

// ownGroup does nothing: there are no process groups.
func ownGroup(*exec.Cmd) {}

// killGroup kills the program alone. One that has ended is no error.
func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
