package examples

import (
	"bufio"
	"bytes"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// buildFor runs the build of the Containerfile and returns the binary.
func buildFor(t *testing.T, file []instruction) string {
	t.Helper()
	out := t.TempDir()
	for _, i := range file {
		if i.name == "RUN" && strings.Contains(i.arguments, "go build") {
			command := strings.ReplaceAll(i.arguments, "/out/", out+"/")
			cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
			cmd.Dir = path(t)
			if output, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", command, err, output)
			}
		}
	}
	return filepath.Join(out, "postern")
}

// TestContainer builds the binary of the image and runs it as the image does:
// with nothing to write to but the data directory.
func TestContainer(t *testing.T) {
	need(t, "sh", "go")
	file := containerfile(t)
	binary := buildFor(t, file)
	image, err := elf.Open(binary)
	if err != nil {
		t.Fatal(err)
	}
	defer image.Close()
	for _, segment := range image.Progs {
		if segment.Type == elf.PT_INTERP || segment.Type == elf.PT_DYNAMIC {
			t.Errorf("the binary is not static: it has a segment %v", segment.Type)
		}
	}
	content, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(content, []byte(path(t)+"/")) {
		t.Errorf("the binary holds the path of its source, %s", path(t))
	}

	data := t.TempDir()
	args := list(t, last(t, file, "CMD"))
	for i, arg := range args {
		switch arg {
		case last(t, file, "VOLUME"):
			args[i] = data
		case "0.0.0.0:" + last(t, file, "EXPOSE"):
			args[i] = "0.0.0.0:" + freePort(t)
		}
	}
	runReadOnly(t, binary, args)
	if entries, err := os.ReadDir(data); err != nil || len(entries) == 0 {
		t.Errorf("nothing was kept in the data directory: %v, %v", entries, err)
	}
}

// runReadOnly starts a binary where nothing can be written: in a folder of the
// kernel, with such a folder for temporary files and no variables. It must
// become ready, answer, and end when it is told to.
func runReadOnly(t *testing.T, binary string, args []string) {
	t.Helper()
	const unwritable = "/proc/sys"
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Dir, cmd.Env = unwritable, []string{"TMPDIR=" + unwritable}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	ready := false
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		log.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), `"msg":"ready"`) {
			ready = true
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Error(err)
			}
		}
	}
	if err := cmd.Wait(); err != nil || !ready {
		t.Errorf("%v: ready: %t, ended with %v\n%s", args, ready, err, &log)
	}
}
