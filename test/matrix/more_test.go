package matrix

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/postern-gateway/postern/test/postern"
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

func logGroup(name string) string {
	return "arn:aws:logs:" + postern.Region + ":000000000000:log-group:" + name
}

// accessLog lets the stage write an access log to the group /access.
func (w *world) accessLog(format string) {
	w.patch("/accessLogSettings/destinationArn", logGroup("/access"), "/accessLogSettings/format", format)
}

// lines returns what a log group holds, by the API of CloudWatch Logs.
func (w *world) lines(group string) []string {
	client := cloudwatchlogs.New(cloudwatchlogs.Options{
		Region: postern.Region, BaseEndpoint: &w.url, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	found, err := client.FilterLogEvents(w.ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group})
	must(err)
	var lines []string
	for _, event := range found.Events {
		lines = append(lines, *event.Message)
	}
	return lines
}

// logged reports whether the execution log of the stage has a line that
// contains a text.
func (w *world) logged(text string) bool {
	lines := w.lines("API-Gateway-Execution-Logs_" + w.api.ID + "/" + stageName)
	return slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, text) })
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
