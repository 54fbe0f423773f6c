package format

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/store"
	"github.com/postern-gateway/postern/store/etcd"
	"github.com/postern-gateway/postern/test/postern"
)

func TestMain(m *testing.M) { postern.Main(m) }

var update = flag.Bool("update", false, "write a new data directory into testdata")

// present is the directory of the layout that this version writes.
const present = "testdata/layout-1.tar.gz"

// TestServes serves the directories of all layouts and changes what is in them.
func TestServes(t *testing.T) {
	if *update {
		generate(t)
	}
	archives, err := filepath.Glob("testdata/*.tar.gz")
	if err != nil || !slices.Contains(archives, present) {
		t.Fatalf("archives %q, %v; want %s among them", archives, err, present)
	}
	for _, archive := range archives {
		t.Run(filepath.Base(archive), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			unpack(t, archive, dir)
			server := postern.Start(t, "--data", dir)
			check(t, server)
			server.Stop(t)
			check(t, server.Restart(t))
		})
	}
}

// generate fills a store with one of everything that is kept.
func generate(t *testing.T) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	server := postern.Start(t, "--data", dir)
	client := server.Client()
	ctx := t.Context()
	api := postern.NewAPI(t, client, "kept")
	api.Mock(t, "GET", "/mock/{id}", "first", map[string]string{"X-V": "stageVariables.v", "X-Canary": "context.isCanaryRequest"})
	api.Proxy(t, "ANY", "/proxy/{rest+}", "http://127.0.0.1:1/{rest}")
	first := api.Deploy(t, "dev")
	resource := api.Resource(t, "/mock/{id}")
	_, err := client.UpdateIntegrationResponse(ctx, &apigateway.UpdateIntegrationResponseInput{
		RestApiId: &api.ID, ResourceId: &resource, HttpMethod: new("GET"), StatusCode: new("200"),
		PatchOperations: []types.PatchOperation{postern.Replace("/responseTemplates/application~1json", "second")},
	})
	if err != nil {
		t.Fatal(err)
	}
	second := api.Deploy(t, "")
	api.Patch(t, "dev",
		postern.Replace("/deploymentId", second), postern.Replace("/variables/v", "value"),
		postern.Replace("/canarySettings/deploymentId", first), postern.Replace("/canarySettings/percentTraffic", "100"),
		postern.Replace("/canarySettings/stageVariableOverrides/v", "override"),
		postern.Replace("/*/*/throttling/rateLimit", "12.5"), postern.Replace("/tracingEnabled", "true"),
		postern.Replace("/cacheClusterEnabled", "true"), postern.Replace("/cacheClusterSize", "1.6"))
	arn := "arn:aws:apigateway:" + postern.Region + "::/restapis/" + api.ID
	if _, err := client.TagResource(ctx, &apigateway.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"tag": "value"}}); err != nil {
		t.Fatal(err)
	}
	_, err = client.UpdateAccount(ctx, &apigateway.UpdateAccountInput{
		PatchOperations: []types.PatchOperation{postern.Replace("/cloudwatchRoleArn", "arn:aws:iam::000000000000:role/logs")},
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Stop(t)
	pack(t, dir, present)
}

// check looks for what generate made, by name: ids are the generator's chance.
func check(t *testing.T, server *postern.Server) {
	t.Helper()
	client := server.Client()
	ctx := t.Context()
	list, err := client.GetRestApis(ctx, &apigateway.GetRestApisInput{})
	if err != nil || len(list.Items) != 1 || *list.Items[0].Name != "kept" || list.Items[0].Tags["tag"] != "value" {
		t.Fatalf("APIs %+v, %v", list, err)
	}
	api := *list.Items[0].Id
	account, err := client.GetAccount(ctx, &apigateway.GetAccountInput{})
	if err != nil || account.CloudwatchRoleArn == nil {
		t.Errorf("account %+v, %v", account, err)
	}
	resources, err := client.GetResources(ctx, &apigateway.GetResourcesInput{RestApiId: &api, Embed: []string{"methods"}})
	if err != nil {
		t.Fatal(err)
	}
	var methods []string
	for _, r := range resources.Items {
		for verb, m := range r.ResourceMethods {
			methods = append(methods, fmt.Sprint(verb, " ", *r.Path, " ", m.MethodIntegration.Type))
		}
	}
	slices.Sort(methods)
	if want := []string{"ANY /proxy/{rest+} HTTP_PROXY", "GET /mock/{id} MOCK"}; len(resources.Items) != 5 || !slices.Equal(methods, want) {
		t.Errorf("%d resources with %q, want 5 with %q", len(resources.Items), methods, want)
	}
	stage, err := client.GetStage(ctx, &apigateway.GetStageInput{RestApiId: &api, StageName: new("dev")})
	if err != nil {
		t.Fatal(err)
	}
	if stage.Variables["v"] != "value" || !stage.TracingEnabled || stage.CacheClusterSize != "1.6" || stage.MethodSettings["*/*"].ThrottlingRateLimit != 12.5 {
		t.Errorf("stage %+v", stage)
	}

	// Production has one deployment, the canary the other: both are served.
	shows := func(percent, body, variable string) {
		t.Helper()
		_, err := client.UpdateStage(ctx, &apigateway.UpdateStageInput{
			RestApiId: &api, StageName: new("dev"), PatchOperations: []types.PatchOperation{postern.Replace("/canarySettings/percentTraffic", percent)},
		})
		if err != nil {
			t.Fatal(err)
		}
		got := server.Get(t, api, "dev", "/mock/1")
		if got.Status != http.StatusOK || got.Body != body || got.Header.Get("X-V") != variable {
			t.Errorf("canary of %s %%: %d %q, variable %q, want %q and %q", percent, got.Status, got.Body, got.Header.Get("X-V"), body, variable)
		}
	}
	shows("0", "second", "value")
	shows("100", "first", "override")
}

// TestNewerIsRefused: a store of a newer version is refused by name, not read
// in part.
func TestNewerIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ key, value, want string }{
		"layout":  {domain.FormatKey, `{"v":1,"shape":2}`, "the store has layout 2"},
		"record":  {"w/000000000000/us-east-1/api/abcdefghij", `{"v":2,"shape":{}}`, "record w/000000000000/us-east-1/api/abcdefghij has version 2"},
		"format":  {domain.FormatKey, `{"v":7,"shape":1}`, "has version 7"},
		"unknown": {"w/000000000000/us-east-1/invention/x", `{"v":3}`, "has version 3"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			unpack(t, present, dir)
			s, err := etcd.Embedded(etcd.EmbeddedConfig{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Commit(context.Background(), store.Tx{Writes: []store.Write{{Key: c.key, Value: []byte(c.value)}}})
			if err := errors.Join(err, s.Close()); err != nil {
				t.Fatal(err)
			}
			code, output := postern.Run(t, nil, "serve", "--listen", "127.0.0.1:0", "--data", dir)
			if code == 0 || !strings.Contains(output, c.want) || !strings.Contains(output, "start a newer postern on this data") {
				t.Errorf("ended with %d:\n%s", code, output)
			}
		})
	}
}

// pack writes a directory into an archive.
func pack(t *testing.T, dir, archive string) {
	t.Helper()
	f, err := os.Create(archive)
	if err != nil {
		t.Fatal(err)
	}
	zip, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(zip)
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		// What etcd only prepares for later is left out.
		if err != nil || !entry.Type().IsRegular() || filepath.Ext(path) == ".tmp" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if err := w.WriteHeader(&tar.Header{Name: filepath.ToSlash(name), Mode: 0o600, Size: int64(len(data))}); err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	})
	if err := errors.Join(err, w.Close(), zip.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// unpack reads an archive into a directory.
func unpack(t *testing.T, archive, dir string) {
	t.Helper()
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zip, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(zip); ; {
		header, err := r.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(header.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err == nil {
			err = os.WriteFile(path, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
