package main

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tapenet/cmd/serve/internal/networks"
	"tapenet/cmd/serve/internal/predict"
)

// TestOpenAPI: the description has the routes that the sources have, and no others; of
// the page's own it says that they are not stable.
func TestOpenAPI(t *testing.T) {
	nets, err := networks.New()
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	predict.New(nets, func(int) {}).Routes(mux)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", "/api/openapi.json", nil))
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			Tags     []string
			Unstable bool `json:"x-unstable"`
		}
	}
	if err := json.NewDecoder(bytes.NewReader(w.Body.Bytes())).Decode(&doc); err != nil || doc.OpenAPI != "3.1.0" {
		t.Fatalf("got OpenAPI %q and error %v, want 3.1.0", doc.OpenAPI, err)
	}
	var described []string
	for path, methods := range doc.Paths {
		for method, m := range methods {
			described = append(described, strings.ToUpper(method)+" "+path)
			if page := slices.Contains(m.Tags, "page"); len(m.Tags) != 1 || m.Unstable != page {
				t.Errorf("%s %s: unstable is %t with the tags %v", method, path, m.Unstable, m.Tags)
			}
		}
	}
	slices.Sort(described)
	if routes := routes(t); !slices.Equal(described, routes) {
		t.Errorf("described are\n%s\nthe sources have\n%s", strings.Join(described, "\n"), strings.Join(routes, "\n"))
	}
}

// routes are the patterns of handlers in the sources of the command, sorted, but that of
// the page's files.
func routes(t *testing.T) (found []string) {
	t.Helper()
	pattern := regexp.MustCompile(`^(GET|POST|PUT|DELETE|PATCH) /\S+$`)
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, err := strconv.Unquote(lit.Value); err == nil && pattern.MatchString(text) {
					found = append(found, text)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	return slices.Compact(found)
}
