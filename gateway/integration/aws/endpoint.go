package aws

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/postern-gateway/postern/lambda"
)

// Endpoints says where services are if not in AWS.
type Endpoints struct {
	all       string            // URL of every service; empty: AWS
	services  map[string]string // by signing name
	functions []functionEndpoint
}

type functionEndpoint struct {
	pattern *regexp.Regexp
	url     string
}

// ParseEndpoints reads the two settings: services are "URL" for all services or
// "SERVICE=URL", functions are "PATTERN=URL" with a pattern for the ARNs of
// functions in which * stands for any text. Of several patterns that match the
// first one counts.
func ParseEndpoints(services, functions []string) (Endpoints, error) {
	e := Endpoints{services: map[string]string{}}
	for _, setting := range services {
		service, address, named := strings.Cut(setting, "=")
		if !named || strings.Contains(service, ":") { // an equals sign of the URL
			service, address = "", setting
		}
		if err := checkEndpoint(address); err != nil {
			return Endpoints{}, fmt.Errorf("AWS endpoint %q: %w, with SERVICE= before it for one service", setting, err)
		}
		address = strings.TrimRight(address, "/")
		if service == "" {
			e.all = address
		} else {
			e.services[service] = address
		}
	}
	for _, setting := range functions {
		pattern, address, _ := strings.Cut(setting, "=")
		if err := checkEndpoint(address); err != nil || pattern == "" {
			return Endpoints{}, fmt.Errorf("function endpoint %q: want PATTERN=http://HOST or https://HOST", setting)
		}
		quoted := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, `.*`)
		e.functions = append(e.functions, functionEndpoint{regexp.MustCompile(`^(?s:` + quoted + `)$`), strings.TrimRight(address, "/")})
	}
	return e, nil
}

func checkEndpoint(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("want http://HOST or https://HOST")
	}
	return nil
}

// service returns the URL of a service; empty: it is in AWS.
func (e *Endpoints) service(name string) string {
	if address, ok := e.services[name]; ok {
		return address
	}
	return e.all
}

// function returns the URL of the Invoke API of a function; empty: it is in AWS.
func (e *Endpoints) function(ref lambda.Ref, region, account string) string {
	if len(e.functions) > 0 {
		arn := ref.ARN(region, account)
		for _, f := range e.functions {
			if f.pattern.MatchString(arn) {
				return f.url
			}
		}
	}
	return e.service(lambdaService)
}
