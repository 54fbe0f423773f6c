//go:build unix

package lambda

import (
	"os/exec"
	"syscall"
)

// ownGroup puts a program into a process group of its own: an interrupt from
// the terminal does not reach it before its calls are over, and its children
// can be killed with it.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup kills a program and what it started. A group without members is no
// error.
func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
