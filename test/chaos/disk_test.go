package chaos

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/postern-gateway/postern/test/postern"
)

// fill writes a file until nothing more fits.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 1<<20); len(block) > 0; {
		if n, err := f.Write(block); err != nil {
			if !errors.Is(err, syscall.ENOSPC) {
				t.Fatal(err)
			}
			block = block[:n/2]
		}
	}
}

// TestFullDisk fills the disk below a running process. Changes are refused,
// traffic and reads go on, and changes come back with the space, all without a
// restart.
func TestFullDisk(t *testing.T) {
	disk := smallDisk(t, 60)
	server := postern.Start(t, "--data", filepath.Join(disk, "data"))
	client := server.Client()
	api := postern.NewAPI(t, client, "full")
	api.Mock(t, "GET", "/", "", map[string]string{"X-N": "stageVariables.n"})
	api.Deploy(t, "dev")
	update := func(n int) error {
		_, err := client.UpdateStage(t.Context(), &apigateway.UpdateStageInput{
			RestApiId: &api.ID, StageName: new("dev"), PatchOperations: []types.PatchOperation{postern.Replace("/variables/n", strconv.Itoa(n))},
		})
		return err
	}
	serves := func(when string, n int) {
		t.Helper()
		got := server.Get(t, api.ID, "dev", "/")
		if got.Status != http.StatusOK || got.Header.Get("X-N") != strconv.Itoa(n) {
			t.Errorf("%s: %d, variable %q, want %d", when, got.Status, got.Header.Get("X-N"), n)
		}
	}
	for n := range 3 { // more than once: the second time must be like the first
		if err := update(n); err != nil {
			t.Fatal(err)
		}
		filler := filepath.Join(disk, "filler")
		fill(t, filler)
		for range 5 {
			err := update(1000)
			if e := (*types.ServiceUnavailableException)(nil); !errors.As(err, &e) && !isUnavailable(err) {
				t.Errorf("a change on a full disk: %v", err)
			}
			serves("on a full disk", n)
		}
		stage, err := client.GetStage(t.Context(), &apigateway.GetStageInput{RestApiId: &api.ID, StageName: new("dev")})
		if err != nil || stage.Variables["n"] != strconv.Itoa(n) {
			t.Errorf("a read on a full disk: %+v, %v", stage, err)
		}
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
	}
	if err := update(99); err != nil {
		t.Errorf("a change after the disk has space again: %v", err)
	}
	serves("at the end", 99)
	server.Stop(t)
	server = server.Restart(t)
	serves("after a restart", 99)
}

// damages are ways in which a data directory is not what it was.
var damages = map[string]func(dir string) error{
	"database cut": func(dir string) error {
		return os.Truncate(filepath.Join(dir, "member", "snap", "db"), 5000)
	},
	"database overwritten": func(dir string) error {
		return overwrite(filepath.Join(dir, "member", "snap", "db"), 0, 1<<16)
	},
	"database pages overwritten": func(dir string) error { // behind the two that describe it
		return overwrite(filepath.Join(dir, "member", "snap", "db"), 2*int64(os.Getpagesize()), 1<<20)
	},
	"database is text": func(dir string) error {
		return os.WriteFile(filepath.Join(dir, "member", "snap", "db"), []byte("not a database"), 0o600)
	},
	"log overwritten": func(dir string) error {
		logs, err := filepath.Glob(filepath.Join(dir, "member", "wal", "*.wal"))
		if err != nil || len(logs) == 0 {
			return fmt.Errorf("no log: %w", err)
		}
		return overwrite(logs[0], 100, 1000)
	},
	"directory is a file": func(dir string) error {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		return os.WriteFile(dir, nil, 0o600)
	},
}

func overwrite(path string, from, n int64) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte(strings.Repeat("\xff", int(n))), from)
	return errors.Join(err, f.Close())
}

// TestDamage: a damaged data directory is refused with a message that names the
// directory and what to do.
func TestDamage(t *testing.T) {
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			server := postern.Start(t, "--data", dir)
			api := postern.NewAPI(t, server.Client(), "damaged")
			api.Mock(t, "GET", "/", "", nil)
			api.Deploy(t, "dev")
			server.Stop(t)
			if err := damage(dir); err != nil {
				t.Fatal(err)
			}
			code, output := postern.Run(t, nil, "serve", "--listen", "127.0.0.1:0", "--data", dir)
			lines := strings.Split(output, "\n")
			last := lines[len(lines)-1]
			if code == 0 || !strings.HasPrefix(last, "postern: ") || !strings.Contains(last, dir) {
				t.Errorf("ended with %d and %q:\n%s", code, last, output)
			}
			if strings.Contains(output, "goroutine ") || strings.Contains(output, "panic:") {
				t.Errorf("a trace:\n%s", output)
			}
			t.Log(last)
		})
	}
}

// TestDatabaseGone: without its database a store is either made whole again
// from its log or refused; it never begins anew in silence.
func TestDatabaseGone(t *testing.T) {
	for _, changes := range []int{10, size(1200, 3000, 3000)} { // before and after the log was cut
		dir := filepath.Join(t.TempDir(), "data")
		server := postern.Start(t, "--data", dir, "--quota", "resources-per-api=unlimited")
		client := server.Client()
		api := postern.NewAPI(t, client, "gone")
		together(t, 16, changes/16+1, func(ctx context.Context, writer, i int) error {
			_, err := client.CreateResource(ctx, &apigateway.CreateResourceInput{
				RestApiId: &api.ID, ParentId: &api.Root, PathPart: new(fmt.Sprintf("w%d-%d", writer, i)),
			})
			return err
		})
		before := len(readState(t, client, api.ID).resources)
		server.Stop(t)
		if err := os.Remove(filepath.Join(dir, "member", "snap", "db")); err != nil {
			t.Fatal(err)
		}
		server, code, output := postern.Try(t, nil, "serve", "--listen", "127.0.0.1:0", "--data", dir)
		if server == nil {
			t.Logf("after %d changes: %s", changes, output)
			if code == 0 || !strings.Contains(output, dir) || strings.Contains(output, "goroutine ") {
				t.Errorf("after %d changes: ended with %d:\n%s", changes, code, output)
			}
			continue
		}
		if after := len(readState(t, server.Client(), api.ID).resources); after != before {
			t.Errorf("after %d changes: %d resources, there were %d", changes, after, before)
		}
		t.Logf("after %d changes: made whole again", changes)
		server.Stop(t)
	}
}
