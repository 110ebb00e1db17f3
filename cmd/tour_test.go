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
	stop := regexp.MustCompile("(?m)^\\d+\\. ((?:`[A-Za-z.]+`(?:, | and )?)+) \\(([a-z0-9_/]+\\.go)\\)")
	total, stops := 0, stop.FindAllStringSubmatch(tour, -1)
	for _, s := range stops {
		for _, name := range regexp.MustCompile("`([A-Za-z.]+)`").FindAllStringSubmatch(s[1], -1) {
			text := declaration(t, filepath.Join("..", filepath.FromSlash(s[2])), name[1])
			words := len(strings.Fields(text))
			if words == 0 {
				t.Errorf("%s has no %s", s[2], name[1])
			}
			t.Logf("%5d words: %s, %s", words, s[2], name[1])
			total += words
		}
	}
	if n := len(regexp.MustCompile(`(?m)^\d+\. `).FindAllString(tour, -1)); n != len(stops) || n == 0 {
		t.Errorf("the tour has %d stops, %d of them name what to read", n, len(stops))
	}
	t.Logf("%5d words, %.1f minutes", total, float64(total)/230)
	if total > tourWords {
		t.Errorf("the tour asks for %d words, want at most %d", total, tourWords)
	}
}

// declaration is the text of a declaration with its comment: of a function, of
// a method as Type.method, of a type, variable or constant.
func declaration(t *testing.T, file, name string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
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
