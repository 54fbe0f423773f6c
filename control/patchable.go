package control

import "github.com/postern-gateway/postern/control/patch"

// Patchable returns what each Update operation can change, by the name of the
// operation: the rows of its table, in their order. The grammar of method
// settings, which is one row for the engine, is a row for each setting here.
// The tests that patch every path of every table read it.
func Patchable() map[string][]patch.RowInfo {
	return map[string][]patch.RowInfo{
		"UpdateAccount":              accountPatch.Patterns(),
		"UpdateApiKey":               apiKeyPatch.Patterns(),
		"UpdateAuthorizer":           authorizerPatch.Patterns(),
		"UpdateBasePathMapping":      mappingPatch.Patterns(),
		"UpdateClientCertificate":    certificatePatch.Patterns(),
		"UpdateDeployment":           deploymentPatch.Patterns(),
		"UpdateDocumentationPart":    documentationPartPatch.Patterns(),
		"UpdateDocumentationVersion": documentationVersionPatch.Patterns(),
		"UpdateDomainName":           domainPatch.Patterns(),
		"UpdateGatewayResponse":      gatewayResponsePatch.Patterns(),
		"UpdateIntegration":          integrationPatch.Patterns(),
		"UpdateIntegrationResponse":  integrationResponsePatch.Patterns(),
		"UpdateMethod":               methodPatch.Patterns(),
		"UpdateMethodResponse":       methodResponsePatch.Patterns(),
		"UpdateModel":                modelPatch.Patterns(),
		"UpdateRequestValidator":     validatorPatch.Patterns(),
		"UpdateResource":             resourcePatch.Patterns(),
		"UpdateRestApi":              restAPIPatch.Patterns(),
		"UpdateStage":                stagePatterns(),
		"UpdateUsage":                usagePatch.Patterns(),
		"UpdateUsagePlan":            usagePlanPatch.Patterns(),
		"UpdateVpcLink":              linkPatch.Patterns(),
	}
}

// stagePatterns replaces the two rows of method settings by their leaves.
func stagePatterns() []patch.RowInfo {
	var rows []patch.RowInfo
	for _, row := range stagePatch.Patterns() {
		if row.Path != methodSettingPattern {
			rows = append(rows, row)
		}
	}
	for _, setting := range settingRows {
		rows = append(rows, patch.RowInfo{Path: "/{resource}/{method}/" + setting.suffix, Ops: addReplace})
	}
	return append(rows, patch.RowInfo{Path: "/{resource}/{method}", Ops: patch.Remove})
}
