package control

import (
	"context"

	"github.com/postern-gateway/postern/apigw"
	"github.com/postern-gateway/postern/fault"
)

// sdkTypes is what the service can generate client SDKs for, by id. The guide
// has the ids and which properties are required; names and friendly names are
// those of clients of the real service; the descriptions are ours.
var sdkTypes = []apigw.SdkType{
	sdkType("android", "Android", "Client for Android",
		sdkProperty("groupId", "Group ID", "Group id of the project", true, ""),
		sdkProperty("invokerPackage", "Invoker package", "Package of the generated classes", true, ""),
		sdkProperty("artifactId", "Artifact ID", "Artifact id of the project", true, ""),
		sdkProperty("artifactVersion", "Artifact version", "Version of the project", true, "")),
	sdkType("java", "Java", "Client for Java",
		sdkProperty("service.name", "Service Name", "Service name, from which the interface gets its name", true, ""),
		sdkProperty("java.package-name", "Java Package Name", "Package of the generated classes", true, ""),
		sdkProperty("java.build-system", "Java Build System", "maven or gradle", false, ""),
		sdkProperty("java.group-id", "Java Group Id", "Group id of the project; without it, the package name", false, ""),
		sdkProperty("java.artifact-id", "Java Artifact Id", "Artifact id of the project; without it, the service name", false, ""),
		sdkProperty("java.artifact-version", "Java Artifact Version", "Version of the project", false, "1.0-SNAPSHOT"),
		sdkProperty("java.license-text", "Source Code License Text", "Text at the head of each source file", false, "")),
	sdkType("javascript", "JavaScript", "Client for JavaScript"),
	sdkType("objectivec", "iOS (Objective-C)", "Client for iOS in Objective-C",
		sdkProperty("classPrefix", "Prefix", "Prefix of the names of classes", true, "")),
	sdkType("ruby", "Ruby", "Client for Ruby",
		sdkProperty("service.name", "Service Name", "Service name, from which the client gets its name", true, ""),
		sdkProperty("ruby.gem-name", "Ruby Gem Name", "Name of the gem", false, ""),
		sdkProperty("ruby.gem-version", "Ruby Gem Version", "Version of the gem", false, "1.0.0")),
	sdkType("swift", "iOS (Swift)", "Client for iOS in Swift",
		sdkProperty("classPrefix", "Prefix", "Prefix of the names of classes", true, "")),
}

func sdkType(id, friendly, description string, properties ...apigw.SdkConfigurationProperty) apigw.SdkType {
	if properties == nil {
		properties = []apigw.SdkConfigurationProperty{}
	}
	return apigw.SdkType{Id: &id, FriendlyName: &friendly, Description: &description, ConfigurationProperties: properties}
}

func sdkProperty(name, friendly, description string, required bool, value string) apigw.SdkConfigurationProperty {
	return apigw.SdkConfigurationProperty{
		Name: &name, FriendlyName: &friendly, Description: &description, Required: &required, DefaultValue: apigw.Text(value),
	}
}

// GetSdkTypes lists what client SDKs there are for.
func (s *Service) GetSdkTypes(_ context.Context, in *apigw.GetSdkTypesRequest) (*apigw.SdkTypes, error) {
	items, position, err := page(sdkTypes, func(t apigw.SdkType) string { return *t.Id }, in.Position, in.Limit)
	if err != nil {
		return nil, err
	}
	return &apigw.SdkTypes{Items: items, Position: position}, nil
}

// GetSdkType answers one type of client SDKs.
func (s *Service) GetSdkType(_ context.Context, in *apigw.GetSdkTypeRequest) (*apigw.SdkType, error) {
	for _, t := range sdkTypes {
		if *t.Id == in.Id {
			return &t, nil
		}
	}
	return nil, fault.NotFoundf("Invalid SDK type identifier specified") // assumed
}
