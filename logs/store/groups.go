package store

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// Group is what is known of a log group.
type Group struct {
	Name      string
	Created   int64 // milliseconds since 1970
	Retention int   // days; zero: none is set
	Tags      map[string]string
	Bytes     int64 // of the events that are kept
}

// Stream is what is known of a log stream. The times of one without events are
// zero.
type Stream struct {
	Name        string
	Created     int64
	First, Last int64 // times of events
	Ingested    int64 // when the newest event came
	Bytes       int64
}

// Groups returns the groups of a scope in the order of their names.
func (s *Store) Groups(scope Scope) []Group {
	s.mu.RLock()
	defer s.mu.RUnlock()
	groups := []Group{}
	for _, g := range s.scopes[scope] {
		out := Group{Name: g.name, Created: g.created, Retention: g.retention, Tags: maps.Clone(g.tags)}
		for _, st := range g.streams {
			out.Bytes += st.info().Bytes
		}
		groups = append(groups, out)
	}
	slices.SortFunc(groups, func(a, b Group) int { return strings.Compare(a.Name, b.Name) })
	return groups
}

// Streams returns the streams of a group in the order of their names.
func (s *Store) Streams(scope Scope, name string) ([]Stream, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	g := s.scopes[scope][name]
	if g == nil {
		return nil, ErrNoGroup
	}
	streams := []Stream{}
	for _, st := range g.streams {
		streams = append(streams, st.info())
	}
	slices.SortFunc(streams, func(a, b Stream) int { return strings.Compare(a.Name, b.Name) })
	return streams, nil
}

// info sums up the segments of a stream. The caller holds Store.mu.
func (st *stream) info() Stream {
	out := Stream{Name: st.name, Created: st.created}
	for _, seg := range st.segments {
		if seg.Bytes == 0 {
			continue
		}
		if out.Bytes == 0 {
			out.First, out.Last = seg.First, seg.Last
		}
		out.First, out.Last = min(out.First, seg.First), max(out.Last, seg.Last)
		out.Ingested = max(out.Ingested, seg.Ingested)
		out.Bytes += seg.Bytes
	}
	return out
}

// CreateGroup makes a group, or returns ErrGroupExists.
func (s *Store) CreateGroup(scope Scope, name string, tags map[string]string) error {
	s.write.Lock()
	defer s.write.Unlock()
	_, err := s.makeGroup(scope, name, tags)
	return err
}

// makeGroup returns a group that it has made, or one that exists with
// ErrGroupExists. The caller holds s.write.
func (s *Store) makeGroup(scope Scope, name string, tags map[string]string) (*group, error) {
	if g := s.scopes[scope][name]; g != nil {
		return g, ErrGroupExists
	}
	if !scope.valid() || name == "" {
		return nil, fmt.Errorf("log group %q of account %q in region %q: want a name, twelve digits and the name of a region", name, scope.Account, scope.Region)
	}
	g := &group{name: name, dir: filepath.Join(s.o.Dir, scope.Account, scope.Region, folder(name)),
		created: s.o.Clock.Now().UnixMilli(), tags: maps.Clone(tags), streams: map[string]*stream{}}
	if err := g.save(); err != nil {
		return nil, fmt.Errorf("make log group %s: %w", name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.scopes[scope] == nil {
		s.scopes[scope] = map[string]*group{}
	}
	s.scopes[scope][name] = g
	return g, nil
}

// DeleteGroup removes a group with all that is in it.
func (s *Store) DeleteGroup(scope Scope, name string) error {
	s.write.Lock()
	defer s.write.Unlock()
	s.mu.Lock()
	g := s.scopes[scope][name]
	if g == nil {
		s.mu.Unlock()
		return ErrNoGroup
	}
	delete(s.scopes[scope], name)
	for _, st := range g.streams {
		s.bytes -= st.info().Bytes
	}
	s.mu.Unlock()
	s.remove([]string{g.dir})
	return nil
}

// SetRetention says how many days the events of a group are kept; zero takes
// back what was said.
func (s *Store) SetRetention(scope Scope, name string, days int) error {
	return s.change(scope, name, func(g *group) { g.retention = days })
}

// SetTags adds and replaces tags of a group and removes others.
func (s *Store) SetTags(scope Scope, name string, set map[string]string, remove []string) error {
	return s.change(scope, name, func(g *group) {
		tags := maps.Clone(g.tags)
		if tags == nil {
			tags = map[string]string{}
		}
		maps.Copy(tags, set)
		for _, key := range remove {
			delete(tags, key)
		}
		g.tags = tags
	})
}

// change replaces the properties of a group, on disk first.
func (s *Store) change(scope Scope, name string, apply func(*group)) error {
	s.write.Lock()
	defer s.write.Unlock()
	g := s.scopes[scope][name]
	if g == nil {
		return ErrNoGroup
	}
	next := *g
	apply(&next)
	if err := next.save(); err != nil {
		return fmt.Errorf("change log group %s: %w", name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	*g = next
	return nil
}

// CreateStream makes a stream, or returns ErrStreamExists.
func (s *Store) CreateStream(scope Scope, groupName, name string) error {
	s.write.Lock()
	defer s.write.Unlock()
	g := s.scopes[scope][groupName]
	if g == nil {
		return ErrNoGroup
	}
	_, err := s.makeStream(g, name)
	return err
}

// makeStream returns a stream that it has made, or one that exists with
// ErrStreamExists. The caller holds s.write.
func (s *Store) makeStream(g *group, name string) (*stream, error) {
	if st := g.streams[name]; st != nil {
		return st, ErrStreamExists
	}
	if name == "" {
		return nil, fmt.Errorf("log stream of group %s: want a name", g.name)
	}
	st := &stream{name: name, dir: filepath.Join(g.dir, folder(name)), created: s.o.Clock.Now().UnixMilli()}
	if err := st.save(); err != nil {
		return nil, fmt.Errorf("make log stream %s: %w", name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g.streams[name] = st
	return st, nil
}

// DeleteStream removes a stream with its events.
func (s *Store) DeleteStream(scope Scope, groupName, name string) error {
	s.write.Lock()
	defer s.write.Unlock()
	st, err := s.stream(scope, groupName, name)
	if err != nil {
		return err
	}
	s.mu.Lock()
	delete(s.scopes[scope][groupName].streams, name)
	s.bytes -= st.info().Bytes
	s.mu.Unlock()
	s.remove([]string{st.dir})
	return nil
}

// stream finds a stream. The caller holds one of the locks.
func (s *Store) stream(scope Scope, groupName, name string) (*stream, error) {
	g := s.scopes[scope][groupName]
	if g == nil {
		return nil, ErrNoGroup
	}
	st := g.streams[name]
	if st == nil {
		return nil, ErrNoStream
	}
	return st, nil
}
