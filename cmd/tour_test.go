package cmd

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// tourWords is what is read in ten minutes at 230 words a minute.
const tourWords = 2300

// TestTourTakesTenMinutes: everything that README's "Reading the source" asks
// to be read is where it says, and all of it, with its comments, is no more than
// tourWords.
func TestTourTakesTenMinutes(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, tour, ok := strings.Cut(string(readme), "\n## Reading the source\n")
	if !ok {
		t.Fatal("README has no tour")
	}
	tour, _, _ = strings.Cut(tour, "\n## ")
	stop := regexp.MustCompile("(?m)^\\d+\\. (?:`([A-Za-z.]+)` \\(([a-z0-9_/]+\\.go)\\)|all of ([a-z0-9_/]+\\.go)) ")
	total, stops := 0, stop.FindAllStringSubmatch(tour, -1)
	for _, s := range stops {
		name, file := s[1], s[2]+s[3]
		words := len(strings.Fields(source(t, filepath.Join("..", filepath.FromSlash(file)), name)))
		if words == 0 {
			t.Errorf("%s has no %s", file, name)
		}
		t.Logf("%5d words: %s %s", words, file, name)
		total += words
	}
	if n := len(regexp.MustCompile(`(?m)^\d+\. `).FindAllString(tour, -1)); n != len(stops) || n == 0 {
		t.Errorf("the tour has %d stops, %d of them name what to read", n, len(stops))
	}
	t.Logf("%5d words, %.1f minutes", total, float64(total)/230)
	if total > tourWords {
		t.Errorf("the tour asks for %d words, want at most %d", total, tourWords)
	}
}

// source is the text of a declaration in a file, with its comment: of a function,
// of a method as Type.method, or of a type. Without a name it is the whole file.
func source(t *testing.T, file, name string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if name == "" {
		return string(text)
	}
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	between := func(from, to ast.Node) string {
		return string(text[fset.Position(from.Pos()).Offset:fset.Position(to.End()).Offset])
	}
	for _, d := range parsed.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			full := d.Name.Name
			if d.Recv != nil {
				receiver := d.Recv.List[0].Type
				if p, ok := receiver.(*ast.StarExpr); ok {
					receiver = p.X
				}
				full = receiver.(*ast.Ident).Name + "." + full
			}
			if full == name && d.Doc != nil {
				return between(d.Doc, d)
			} else if full == name {
				return between(d, d)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if s, ok := spec.(*ast.TypeSpec); ok && s.Name.Name == name && d.Doc != nil {
					return between(d.Doc, d)
				}
			}
		}
	}
	return ""
}
