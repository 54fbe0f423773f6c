package bench

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/postern-gateway/postern/test/postern"
)

// need skips the test where one of the programs is absent.
func need(t *testing.T, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("there is no %s; Debian has a package of that name", program)
		}
	}
}

// nginx runs one process with a configuration of what is inside "http", in
// which LISTEN stands for its address.
func nginx(t *testing.T, http func(address string) string) (pid int, address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	l.Close()
	dir := t.TempDir()
	config := filepath.Join(dir, "nginx.conf")
	text := fmt.Sprintf(`daemon off;
master_process off;
pid %[1]s/pid;
error_log %[1]s/error.log;
events { worker_connections 1024; }
http {
	access_log off;
	keepalive_requests 1000000000;
	client_body_temp_path %[1]s/body;
	proxy_temp_path %[1]s/proxy;
	fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi;
	scgi_temp_path %[1]s/scgi;
%[2]s
}
`, dir, http(address))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("nginx", "-c", config, "-e", filepath.Join(dir, "error.log"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	for begun := time.Now(); ; {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
			return cmd.Process.Pid, address
		}
		if time.Since(begun) > 10*time.Second {
			log, _ := os.ReadFile(filepath.Join(dir, "error.log"))
			t.Fatalf("nginx does not listen on %s: %v\n%s", address, err, log)
		}
	}
}

var (
	wrkRequests = regexp.MustCompile(`(\d+) requests in`)
	wrkRate     = regexp.MustCompile(`Requests/sec:\s+([\d.]+)`)
	wrkLatency  = regexp.MustCompile(`(50|99)%\s+(\S+)`)
	wrkErrors   = regexp.MustCompile(`(?m)^\s*(Non-2xx.*|Socket errors.*)$`)
)

// load is what a run of wrk and the process that it loaded showed.
type load struct {
	perRequest time.Duration // processor time
	rate       float64
	latency    string
}

// wrk loads a URL for some seconds.
func wrk(t *testing.T, pid int, url string) load {
	t.Helper()
	before := cpuTime(t, pid)
	output, err := exec.Command("wrk", "-t1", "-c32", "-d5s", "--latency", url).CombinedOutput()
	if err != nil {
		t.Fatalf("wrk: %v\n%s", err, output)
	}
	used := cpuTime(t, pid) - before
	if failed := wrkErrors.Find(output); failed != nil {
		t.Fatalf("wrk %s: %s", url, failed)
	}
	number := func(expression *regexp.Regexp) float64 {
		match := expression.FindSubmatch(output)
		if match == nil {
			t.Fatalf("wrk says nothing of %v:\n%s", expression, output)
		}
		n, err := strconv.ParseFloat(string(match[1]), 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	l := load{perRequest: time.Duration(float64(used) / number(wrkRequests)), rate: number(wrkRate)}
	for _, match := range wrkLatency.FindAllSubmatch(output, -1) {
		l.latency += fmt.Sprintf(" p%s %s", match[1], match[2])
	}
	return l
}

// TestProxy: processor time per proxied request, of nginx and of postern, under
// the same load and with the same backend. The two take turns, so that what
// else the machine does meets both.
func TestProxy(t *testing.T) {
	wanted(t)
	need(t, "nginx", "wrk")
	_, backend := nginx(t, func(address string) string {
		return "server { listen " + address + `; location / { default_type text/plain; return 200 "hello from the backend\n"; } }`
	})
	proxyPID, proxy := nginx(t, func(address string) string {
		return "upstream backend { server " + backend + `; keepalive 64; keepalive_requests 1000000000; }
	server {
		listen ` + address + `;
		location / {
			proxy_pass http://backend;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
		}
	}`
	})
	server := postern.Start(t, "--ephemeral", "--account-throttle", "unlimited")
	api := postern.NewAPI(t, server.Client(), "proxy")
	api.Proxy(t, "GET", "/hello", "http://"+backend+"/hello")
	api.Deploy(t, "dev")
	candidates := []struct {
		name, url string
		pid       int
	}{
		{"nginx", "http://" + proxy + "/hello", proxyPID},
		{"postern", server.StageURL(api.ID, "dev") + "/hello", server.Process().Pid},
	}
	const rounds = 5
	loads := make([][]load, len(candidates))
	for range rounds {
		for i, c := range candidates {
			loads[i] = append(loads[i], wrk(t, c.pid, c.url))
		}
	}
	medians := make([]load, len(candidates))
	for i, c := range candidates {
		slices.SortFunc(loads[i], func(a, b load) int { return int(a.perRequest - b.perRequest) })
		medians[i] = loads[i][rounds/2]
		t.Logf("%-7s %v processor time per request (%v to %v), %.0f requests/s,%s", c.name, medians[i].perRequest,
			loads[i][0].perRequest, loads[i][rounds-1].perRequest, medians[i].rate, medians[i].latency)
	}
	t.Logf("postern / nginx: %.2f", float64(medians[1].perRequest)/float64(medians[0].perRequest))
}
