package live

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Links knows the VPC links and where their targets are. Its zero value is
// empty.
type Links struct {
	links   sync.Map // linkName -> Link
	targets map[string]*addresses
}

type linkName struct {
	Scope
	id string
}

// Link is a VPC link.
type Link struct {
	Target string    // ARN of its load balancer
	Ready  time.Time // when it becomes available
}

// addresses are what stands in for a load balancer.
type addresses struct {
	list []string // "host:port"
	next atomic.Uint32
}

// ParseTargets reads settings "ARN=HOST:PORT,HOST:PORT" into the targets of
// links. It must be called before anything else, at most once.
func (l *Links) ParseTargets(settings []string) error {
	l.targets = map[string]*addresses{}
	for _, setting := range settings {
		arn, list, _ := strings.Cut(setting, "=")
		if !strings.HasPrefix(arn, "arn:") {
			return fmt.Errorf("VPC link target %q: want the ARN of a load balancer before the first =", setting)
		}
		to := l.targets[arn] // more settings for one ARN add to it
		if to == nil {
			to = &addresses{}
			l.targets[arn] = to
		}
		for address := range strings.SplitSeq(list, ",") {
			host, port, ok := cutPort(address)
			if !ok || host == "" || port == "" {
				return fmt.Errorf("VPC link target %q: want ARN=HOST:PORT, or several HOST:PORT with commas between", setting)
			}
			to.list = append(to.list, address)
		}
	}
	return nil
}

func cutPort(address string) (host, port string, ok bool) {
	i := strings.LastIndexByte(address, ':')
	if i < 0 {
		return "", "", false
	}
	for _, c := range address[i+1:] {
		if c < '0' || c > '9' {
			return "", "", false
		}
	}
	return address[:i], address[i+1:], !strings.Contains(address, " ")
}

// Set adds a link or replaces it.
func (l *Links) Set(scope Scope, id string, link Link) { l.links.Store(linkName{scope, id}, link) }

// Remove takes a link out.
func (l *Links) Remove(scope Scope, id string) { l.links.Delete(linkName{scope, id}) }

// Dial returns the addresses to dial for a link at a time, each once, beginning
// with another one at each call. An integration that names a target itself uses
// a link of version 2, of which nothing is known here.
func (l *Links) Dial(scope Scope, id, target string, now time.Time) ([]string, error) {
	if target == "" {
		found, ok := l.links.Load(linkName{scope, id})
		if !ok {
			return nil, fmt.Errorf("there is no VPC link %q", id)
		}
		link := found.(Link)
		if now.Before(link.Ready) {
			return nil, fmt.Errorf("the VPC link %s is not available yet", id)
		}
		target = link.Target
	}
	to := l.targets[target]
	if to == nil {
		return nil, fmt.Errorf("it is not known where %s is: set --vpc-link-target", target)
	}
	if len(to.list) == 1 {
		return to.list, nil
	}
	first := int(to.next.Add(1)-1) % len(to.list)
	return slices.Concat(to.list[first:], to.list[:first]), nil
}
