package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// module is the import path of the repository.
const module = "github.com/postern-gateway/postern"

// source is one Go file.
type source struct {
	path      string // from the root, with slashes
	syntax    *ast.File
	fset      *token.FileSet
	lines     int
	test      bool // *_test.go
	generated bool
}

// dir is the package's folder, "." for the root.
func (s source) dir() string { return path.Dir(s.path) }

// at is a position for a message.
func (s source) at(pos token.Pos) string {
	return s.path + ":" + strconv.Itoa(s.fset.Position(pos).Line)
}

// imports returns the import paths of the file with their positions.
func (s source) imports() map[string]token.Pos {
	out := map[string]token.Pos{}
	for _, spec := range s.syntax.Imports {
		if name, err := strconv.Unquote(spec.Path.Value); err == nil {
			out[name] = spec.Pos()
		}
	}
	return out
}

// readTree parses all Go files below root but those of testdata and of folders
// that begin with a dot or an underscore.
func readTree(root fs.FS) ([]source, error) {
	var sources []source
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		if entry.IsDir() {
			if base == "testdata" || base != "." && strings.ContainsAny(base[:1], "._") {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		content, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		s := source{path: name, fset: token.NewFileSet(), test: strings.HasSuffix(name, "_test.go")}
		s.syntax, err = parser.ParseFile(s.fset, name, content, parser.ParseComments)
		if err != nil {
			return err
		}
		s.lines = strings.Count(string(content), "\n")
		s.generated = ast.IsGenerated(s.syntax)
		sources = append(sources, s)
		return nil
	})
	return sources, err
}

// within tells whether dir is one of the folders or below one.
func within(dir string, folders ...string) bool {
	for _, folder := range folders {
		if dir == folder || strings.HasPrefix(dir, folder+"/") {
			return true
		}
	}
	return false
}
