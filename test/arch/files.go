package arch

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strings"
)

// ambient are the functions and packages through which a program reads its
// surroundings. A package that uses none of them can be tested with a clock, a
// seed and a configuration of the test's choice.
var (
	ambientFunctions = map[string][]string{
		"time": {"Now", "Since", "Until"},
		"os":   {"Getenv", "LookupEnv", "Environ", "ExpandEnv"},
	}
	ambientPackages = []string{"math/rand", "math/rand/v2", "flag"}
	ambientFolders  = []string{"clock", "ids", "cmd", "test", "awsmodel/gen", "wire/members"}
)

// checkAmbient reports reads of time, chance, environment and flags.
func checkAmbient(sources []source) []string {
	var out []string
	for _, s := range sources {
		if s.test || within(s.dir(), ambientFolders...) {
			continue
		}
		for name, pos := range s.imports() {
			if slices.Contains(ambientPackages, name) {
				out = append(out, fmt.Sprintf("%s: %s: only %s may read time, chance, environment or flags",
					s.at(pos), name, strings.Join(ambientFolders, ", ")))
			}
		}
		for name, pos := range selectors(s, ambientFunctions) {
			out = append(out, fmt.Sprintf("%s: %s: only %s may read time, chance, environment or flags",
				s.at(pos), name, strings.Join(ambientFolders, ", ")))
		}
	}
	slices.Sort(out)
	return out
}

// selectors finds uses of package functions, by the last use of each.
func selectors(s source, names map[string][]string) map[string]token.Pos {
	out := map[string]token.Pos{}
	local := map[string]string{} // name in the file -> package
	for _, spec := range s.syntax.Imports {
		name := strings.Trim(spec.Path.Value, `"`)
		if spec.Name != nil {
			local[spec.Name.Name] = name
		} else {
			local[path.Base(name)] = name
		}
	}
	ast.Inspect(s.syntax, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok && id.Obj == nil {
				if pkg := local[id.Name]; slices.Contains(names[pkg], sel.Sel.Name) {
					out[pkg+"."+sel.Sel.Name] = sel.Pos()
				}
			}
		}
		return true
	})
	return out
}

// checkNotImplemented reports 501 outside fault: there is one place that says
// that something is not served, so that the list of it is complete.
func checkNotImplemented(sources []source) []string {
	var out []string
	for _, s := range sources {
		if s.test || s.dir() == "fault" || within(s.dir(), "test") {
			continue
		}
		for _, pos := range selectors(s, map[string][]string{"net/http": {"StatusNotImplemented"}}) {
			out = append(out, s.at(pos)+": http.StatusNotImplemented belongs to package fault")
		}
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.INT && lit.Value == "501" {
				out = append(out, s.at(lit.Pos())+": the status 501 belongs to package fault")
			}
			return true
		})
	}
	return out
}

// checkDocs wants a doc.go in each package, that says what it is for; of a
// command, main.go will do.
func checkDocs(sources []source) []string {
	docs := map[string]*ast.File{}
	packages := map[string]string{}
	for _, s := range sources {
		if s.test {
			continue
		}
		packages[s.dir()] = s.syntax.Name.Name
		if base := path.Base(s.path); base == "doc.go" || base == "main.go" && s.syntax.Name.Name == "main" && docs[s.dir()] == nil {
			docs[s.dir()] = s.syntax
		}
	}
	var out []string
	for dir, name := range packages {
		doc, begin := docs[dir], "Package "+name+" "
		if name == "main" {
			begin = "Command " + path.Base(dir) + " "
		}
		switch {
		case doc == nil:
			out = append(out, dir+": no doc.go")
		case doc.Doc == nil || !strings.HasPrefix(doc.Doc.Text(), begin):
			out = append(out, fmt.Sprintf("%s: its documentation does not begin with %q", dir, "// "+begin))
		}
	}
	slices.Sort(out)
	return out
}

// Sizes above which a reader is owed a reason.
const (
	maxFileLines     = 500
	maxFunctionLines = 80
	reason           = "Long because"
)

// checkLength reports files and functions that are long without saying why: a
// file in a comment of its first lines, a function in its comment. Tests are
// measured by the file only: their functions are tables.
func checkLength(sources []source) []string {
	var out []string
	for _, s := range sources {
		if s.generated {
			continue
		}
		if s.lines > maxFileLines && !explained(s) {
			out = append(out, fmt.Sprintf("%s has %d lines: divide it, or say %q in its first lines", s.path, s.lines, reason))
		}
		for _, decl := range s.syntax.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || s.test {
				continue
			}
			n := s.fset.Position(f.End()).Line - s.fset.Position(f.Pos()).Line + 1
			if n > maxFunctionLines && !strings.Contains(f.Doc.Text(), reason) && !explained(s) {
				out = append(out, fmt.Sprintf("%s: %s has %d lines: divide it, or say %q in its comment", s.at(f.Pos()), f.Name.Name, n, reason))
			}
		}
	}
	return out
}

// explained looks for the reason in the first 20 lines.
func explained(s source) bool {
	return slices.ContainsFunc(s.syntax.Comments, func(c *ast.CommentGroup) bool {
		return s.fset.Position(c.Pos()).Line <= 20 && strings.Contains(c.Text(), reason)
	})
}
