package control

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/domain"
	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/openapi"
)

// GetExport writes what a stage serves as a document: the definition that its
// deployment froze, with the documentation version that the stage shows.
//
// Recorded: both headers of the answer. The refusals are those of an emulator
// that was checked by hand.
func (s *Service) GetExport(ctx context.Context, in *apigw.GetExportRequest) (*apigw.ExportResponse, error) {
	var out *apigw.ExportResponse
	err := s.read(ctx, func(t *tx) error {
		stage, ok, err := get[apigw.Stage, domain.StageExt](t, t.scope.StageKey(in.RestApiId, in.StageName))
		if err != nil {
			return err
		}
		if !ok {
			return fault.NotFoundf("Invalid stage identifier specified")
		}
		format, ok := openapi.ParseFormat(in.ExportType)
		if !ok {
			return fault.BadRequestf("No API exporter for type '%s'", in.ExportType)
		}
		options := openapi.ExportOptions{
			Format: format, YAML: wantsYAML(apigw.Val(in.Accepts)), Extensions: openapi.ParseExtensions(in.Parameters["extensions"]),
			Stage: in.StageName, Host: s.publicHost(in.RestApiId, t.scope.Region),
		}
		out, err = t.export(&stage.Shape, in.RestApiId, options)
		return err
	})
	return out, err
}

func (t *tx) export(stage *apigw.Stage, api string, o openapi.ExportOptions) (*apigw.ExportResponse, error) {
	d, err := t.deployment(api, *stage.DeploymentId)
	if err != nil {
		return nil, err
	}
	o.Created = d.Shape.CreatedDate.Time
	if version := apigw.Val(stage.DocumentationVersion); version != "" {
		documented, err := t.documentationVersion(api, version)
		if err != nil {
			return nil, err
		}
		o.DocumentationVersion, o.Documented = version, documented.Shape.CreatedDate.Time
		if o.Documentation, err = domain.UnpackParts(documented.Ext.Parts); err != nil {
			return nil, fmt.Errorf("documentation version %s: %w", version, err)
		}
	}
	snapshot, err := t.frozen(api, *stage.DeploymentId)
	if err != nil {
		return nil, err
	}
	document, err := openapi.Export(snapshot, o)
	var refused *openapi.NoExportError
	if errors.As(err, &refused) {
		return nil, fault.BadRequestf("%s", refused.Text)
	}
	if err != nil {
		return nil, err
	}
	suffix := "json"
	if o.YAML {
		suffix = "yaml"
	}
	name := fmt.Sprintf("%s_%s.%s", o.Format, fileName.Replace(document.Version), suffix)
	return &apigw.ExportResponse{
		Body: document.Body, ContentType: new("application/octet-stream"),
		ContentDisposition: new(`attachment; filename="` + name + `"`),
	}, nil
}

// fileName takes out of a version what would end the quoted name of a file or
// lead to another folder.
var fileName = strings.NewReplacer(`"`, "_", `\`, "_", "/", "_", "\r", "_", "\n", "_", "\x00", "_")

// wantsYAML reads an Accept header; everything but YAML means JSON.
func wantsYAML(accept string) bool {
	first, _, _ := strings.Cut(accept, ",")
	mediaType, _, _ := strings.Cut(first, ";")
	switch strings.ToLower(strings.TrimSpace(mediaType)) {
	case "application/yaml", "application/x-yaml", "text/yaml":
		return true
	}
	return false
}

// publicHost is the name at which clients reach an API.
func (s *Service) publicHost(api, region string) string {
	if s.PublicDomain == "" {
		return api + ".execute-api." + region + ".amazonaws.com"
	}
	return api + "." + s.PublicDomain
}
