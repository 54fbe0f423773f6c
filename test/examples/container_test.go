package examples

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/postern-gateway/postern/test/postern"
)

// instruction is a line of the Containerfile.
type instruction struct{ name, arguments string }

func containerfile(t *testing.T) []instruction {
	t.Helper()
	var out []instruction
	for line := range strings.Lines(read(t, "Containerfile")) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, arguments, ok := strings.Cut(line, " ")
		if !ok || name != strings.ToUpper(name) {
			t.Fatalf("the test cannot read the line %q of the Containerfile", line)
		}
		out = append(out, instruction{name, arguments})
	}
	return out
}

// last returns the arguments of the last instruction of a name.
func last(t *testing.T, file []instruction, name string) string {
	t.Helper()
	for _, i := range slices.Backward(file) {
		if i.name == name {
			return i.arguments
		}
	}
	t.Fatalf("the Containerfile has no %s", name)
	return ""
}

func list(t *testing.T, arguments string) []string {
	t.Helper()
	var out []string
	if err := json.Unmarshal([]byte(arguments), &out); err != nil {
		t.Fatalf("%s: %v", arguments, err)
	}
	return out
}

func TestContainerfile(t *testing.T) {
	file := containerfile(t)
	images := regexp.MustCompile(`^(golang:\d+\.\d+ AS build|scratch)$`)
	for _, i := range file {
		if i.name == "FROM" && !images.MatchString(i.arguments) {
			t.Errorf("FROM %s: want a name with a version and no registry", i.arguments)
		}
		if i.name == "ADD" {
			t.Errorf("ADD %s: want COPY", i.arguments)
		}
	}
	module := read(t, "go.mod")
	if version := regexp.MustCompile(`golang:(\d+\.\d+)`).FindStringSubmatch(read(t, "Containerfile")); version == nil || !strings.Contains(module, "\ngo "+version[1]) {
		t.Errorf("the image has Go %v, and go.mod asks for another", version)
	}
	user, _, _ := strings.Cut(last(t, file, "USER"), ":")
	if !regexp.MustCompile(`^[1-9]\d*$`).MatchString(user) {
		t.Errorf("USER %s: want a number that is not 0, as a cluster can check", user)
	}
	if volume := last(t, file, "VOLUME"); !slices.Contains(list(t, last(t, file, "CMD")), volume) {
		t.Errorf("the data is not on the volume %s", volume)
	}
}

// TestCompose: the file can be read, the container is as closed as its comment
// says, and the command is one that postern takes.
func TestCompose(t *testing.T) {
	var compose struct {
		Services map[string]struct {
			Build    struct{ Context, Dockerfile string }
			Command  []string
			Ports    []string
			Volumes  []string
			ReadOnly bool     `yaml:"read_only"`
			CapDrop  []string `yaml:"cap_drop"`
		}
		Volumes map[string]any
	}
	if err := yaml.Unmarshal([]byte(read(t, "examples", "compose.yaml")), &compose); err != nil {
		t.Fatal(err)
	}
	service := compose.Services["postern"]
	if _, err := os.Stat(path(t, "examples", service.Build.Context, service.Build.Dockerfile)); err != nil {
		t.Error(err)
	}
	if !service.ReadOnly || !slices.Equal(service.CapDrop, []string{"ALL"}) {
		t.Errorf("the container is not closed: %+v", service)
	}
	for _, port := range service.Ports {
		if !strings.HasPrefix(port, "127.0.0.1:") {
			t.Errorf("port %s is published beyond loopback", port)
		}
	}
	for _, volume := range service.Volumes {
		name, target, _ := strings.Cut(volume, ":")
		if _, declared := compose.Volumes[name]; !declared || target != last(t, containerfile(t), "VOLUME") {
			t.Errorf("volume %s", volume)
		}
	}
	if want := list(t, last(t, containerfile(t), "CMD")); !slices.Equal(service.Command, want) {
		t.Errorf("the command is %q, and that of the Containerfile %q", service.Command, want)
	}
	help, err := exec.CommandContext(t.Context(), postern.Binary(t), "serve", "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, argument := range service.Command {
		if strings.HasPrefix(argument, "--") && !bytes.Contains(help, []byte(argument+" ")) {
			t.Errorf("postern serve has no flag %s", argument)
		}
	}
}
