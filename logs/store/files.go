package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// The files in the folders of groups and streams, and the end of the names of
// segments.
const (
	groupFile   = "group.json"
	streamFile  = "stream.json"
	segmentType = ".log"
)

// Nobody but the user of the process reads logs.
const (
	folderMode = 0o700
	fileMode   = 0o600
)

// groupRecord is the file of a group.
type groupRecord struct {
	Name      string            `json:"name"`
	Created   int64             `json:"created"`
	Retention int               `json:"retentionInDays,omitempty"`
	Tags      map[string]string `json:"tags,omitempty"`
}

// streamRecord is the file of a stream, with the segments that are complete.
type streamRecord struct {
	Name     string     `json:"name"`
	Created  int64      `json:"created"`
	Segments []*segment `json:"segments,omitempty"`
}

// folder makes the name of a folder from the name of a group or stream: what
// can be read of it, and a hash that tells apart what cannot, on every file
// system. It has no dot and no separator, so it leads nowhere else.
func folder(name string) string {
	readable := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '-', r == '_':
			return r
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '_'
	}, name)
	sum := sha256.Sum256([]byte(name))
	return readable[:min(len(readable), 80)] + "-" + hex.EncodeToString(sum[:8])
}

// path returns the path of a segment.
func (st *stream) path(number int) string {
	return filepath.Join(st.dir, fmt.Sprintf("%08d%s", number, segmentType))
}

// valid says whether a scope may be part of a path.
func (s Scope) valid() bool {
	return len(s.Account) == 12 && strings.Trim(s.Account, "0123456789") == "" &&
		s.Region != "" && len(s.Region) <= 32 && strings.Trim(s.Region, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func (g *group) save() error {
	return saveJSON(filepath.Join(g.dir, groupFile), groupRecord{g.name, g.created, g.retention, g.tags})
}

func (st *stream) save() error {
	r := streamRecord{Name: st.name, Created: st.created}
	for _, seg := range st.segments {
		if seg.sealed {
			r.Segments = append(r.Segments, seg)
		}
	}
	return saveJSON(filepath.Join(st.dir, streamFile), r)
}

// saveJSON replaces a file at once: it is the old or the new one, never a part.
func saveJSON(path string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), folderMode); err != nil {
		return err
	}
	next := path + ".next"
	if err := os.WriteFile(next, data, fileMode); err != nil {
		return err
	}
	return os.Rename(next, path)
}

// remove removes files and folders that nothing refers to any more. What stays
// is seen again at the next start, and removed then.
func (s *Store) remove(paths []string) {
	for _, path := range paths {
		if err := os.RemoveAll(path); err != nil {
			s.o.Log.Error("logs cannot be removed", "path", path, "error", err)
		}
	}
}

// load reads what the folder has: ACCOUNT/REGION/GROUP/STREAM/SEGMENT. What is
// not of the store is left alone; a group or stream whose file cannot be read is
// reported and left out.
func (s *Store) load() error {
	if err := os.MkdirAll(s.o.Dir, folderMode); err != nil {
		return fmt.Errorf("open the store of logs: %w", err)
	}
	found, err := filepath.Glob(filepath.Join(escapeGlob(s.o.Dir), "*", "*", "*", groupFile))
	if err != nil {
		return fmt.Errorf("open the store of logs: %w", err)
	}
	for _, path := range found {
		if err := s.loadGroup(filepath.Dir(path)); err != nil {
			s.o.Log.Error("a log group cannot be read", "path", path, "error", err)
		}
	}
	return nil
}

// escapeGlob makes a path stand for itself in a pattern.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

func (s *Store) loadGroup(dir string) error {
	region := filepath.Dir(dir)
	scope := Scope{filepath.Base(filepath.Dir(region)), filepath.Base(region)}
	var r groupRecord
	if err := loadJSON(filepath.Join(dir, groupFile), &r); err != nil {
		return err
	}
	if !scope.valid() || folder(r.Name) != filepath.Base(dir) {
		return errors.New("it is not in its place")
	}
	g := &group{name: r.Name, dir: dir, created: r.Created, retention: r.Retention, tags: r.Tags, streams: map[string]*stream{}}
	if s.scopes[scope] == nil {
		s.scopes[scope] = map[string]*group{}
	}
	s.scopes[scope][g.name] = g
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		st, err := loadStream(filepath.Join(dir, entry.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // its making was not finished
		}
		if err != nil {
			s.o.Log.Error("a log stream cannot be read", "path", filepath.Join(dir, entry.Name()), "error", err)
			continue
		}
		g.streams[st.name] = st
		for _, seg := range st.segments {
			s.bytes += seg.Bytes
		}
	}
	return nil
}

func loadStream(dir string) (*stream, error) {
	var r streamRecord
	if err := loadJSON(filepath.Join(dir, streamFile), &r); err != nil {
		return nil, err
	}
	if folder(r.Name) != filepath.Base(dir) {
		return nil, errors.New("it is not in its place")
	}
	st := &stream{name: r.Name, dir: dir, created: r.Created}
	known := map[int]*segment{}
	for _, seg := range r.Segments {
		seg.sealed = true
		known[seg.Number] = seg
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		text, isSegment := strings.CutSuffix(entry.Name(), segmentType)
		number, err := strconv.Atoi(text)
		if !isSegment || err != nil || number <= 0 {
			continue
		}
		st.number = max(st.number, number)
		seg := known[number]
		if seg == nil {
			if seg, err = scan(st.path(number), number); err != nil {
				return nil, err
			}
		}
		if seg.Bytes > 0 {
			st.segments = append(st.segments, seg)
		}
	}
	slices.SortFunc(st.segments, func(a, b *segment) int { return a.Number - b.Number })
	return st, nil
}

// scan finds out what a segment holds, up to the first line that is none: that
// one was not finished when the process ended. The segment is taken as complete,
// so that nothing is ever written over the beginning of what is torn.
func scan(path string, number int) (*segment, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	seg := &segment{Number: number, sealed: true}
	for line := range lines(data) {
		times, ok := line.times()
		if !ok {
			break
		}
		seg.add(times.event, times.ingested, int64(len(line)))
	}
	return seg, nil
}

// add counts a line that was appended.
func (seg *segment) add(event, ingested, bytes int64) {
	if seg.Bytes == 0 {
		seg.First, seg.Last = event, event
	}
	seg.First, seg.Last = min(seg.First, event), max(seg.Last, event)
	seg.Ingested = max(seg.Ingested, ingested)
	seg.Bytes += bytes
}

func loadJSON(path string, v any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}
