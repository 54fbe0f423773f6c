package matrix

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// testCertificate: an HTTPS backend that trusts the stage's certificate alone.
func testCertificate(w *world) {
	made, err := w.GenerateClientCertificate(w.ctx, &apigateway.GenerateClientCertificateInput{})
	must(err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(*made.PemEncodedCertificate))
	backend := httptest.NewUnstartedServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(out, "in") }))
	backend.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
	backend.Config.ErrorLog = log.New(io.Discard, "", 0)
	backend.StartTLS()
	defer backend.Close()
	_, err = w.UpdateIntegration(w.ctx, &apigateway.UpdateIntegrationInput{
		RestApiId: &w.api.ID, ResourceId: new(w.resource("/pets")), HttpMethod: new("GET"),
		PatchOperations: []types.PatchOperation{
			{Op: types.OpReplace, Path: new("/uri"), Value: &backend.URL},
			{Op: types.OpReplace, Path: new("/tlsConfig/insecureSkipVerification"), Value: new("true")},
		},
	})
	must(err)
	deployed, err := w.CreateDeployment(w.ctx, &apigateway.CreateDeploymentInput{RestApiId: &w.api.ID})
	must(err)
	w.patch("/deploymentId", *deployed.Id)
	expect("no certificate", w.get("/pets").Status, http.StatusGatewayTimeout)
	w.patch("/clientCertificateId", *made.ClientCertificateId)
	expect("the certificate", w.get("/pets").Body, "in")
}

// testDocumentation: an export of the stage has the parts of its version.
func testDocumentation(w *world) {
	_, err := w.CreateDocumentationPart(w.ctx, &apigateway.CreateDocumentationPartInput{
		RestApiId: &w.api.ID, Location: &types.DocumentationPartLocation{Type: types.DocumentationPartTypeApi},
		Properties: new(`{"info": {"description": "the documented API"}}`),
	})
	must(err)
	_, err = w.CreateDocumentationVersion(w.ctx, &apigateway.CreateDocumentationVersionInput{RestApiId: &w.api.ID, DocumentationVersion: new("v1")})
	must(err)
	export := func() string {
		out, err := w.GetExport(w.ctx, &apigateway.GetExportInput{
			RestApiId: &w.api.ID, StageName: new(stageName), ExportType: new("oas30"), Parameters: map[string]string{"extensions": "documentation"},
		})
		must(err)
		return string(out.Body)
	}
	expect("without a version", strings.Contains(export(), "the documented API"), false)
	w.patch("/documentationVersion", "v1")
	expect("with the version", strings.Contains(export(), "the documented API"), true)
}
