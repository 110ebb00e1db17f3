// Package cmd holds the commands; the tests of this file hold the diagram of
// the packages, and what is linked into the two that train.
package cmd

import (
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"
)

// allowed is what each package may import of this module. Commands may import
// all but the insides of graph.
var allowed = map[string][]string{
	"mnist":                 {},
	"graph/internal/kernel": {},
	"graph/internal/figure": {},
	"graph":                 {"graph/internal/kernel", "graph/internal/figure"},
	"graph/graphtest":       {"graph"},
	"models":                {"graph"},
	"train":                 {"graph"},
}

// TestImports: an import that the diagram in README does not have is an error.
func TestImports(t *testing.T) {
	list := exec.Command("go", "list", "-json=ImportPath,Imports", "../...")
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	const module = "tapenet/"
	seen := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		from := strings.TrimPrefix(p.ImportPath, module)
		may, known := allowed[from]
		if known {
			seen++
		} else if !strings.HasPrefix(from, "cmd") {
			t.Errorf("package %s is not in the diagram", from)
		}
		for _, to := range p.Imports {
			to, ours := strings.CutPrefix(to, module)
			if !ours {
				continue
			}
			if known && !slices.Contains(may, to) || strings.HasPrefix(from, "cmd") && strings.HasPrefix(to, "graph/") {
				t.Errorf("%s imports %s", from, to)
			}
		}
	}
	if seen < len(allowed)-1 {
		t.Errorf("saw %d of %d packages", seen, len(allowed))
	}
}

// linked is what onelayer and twolayer may have beyond what Gorgonia itself
// imports, which is much: packages of this module and of others, with all below
// them.
var linked = []string{
	"tapenet/cmd/onelayer", "tapenet/cmd/twolayer", "tapenet/cmd/internal", "tapenet/models", "tapenet/train", "tapenet/graph", "tapenet/mnist",
	"github.com/nlpodyssey/safetensors", "github.com/pkg/errors", "golang.org/x/sys", "golang.org/x/term", "google.golang.org/protobuf/encoding/protowire",
}

// unlinked are the packages of the standard library with which pictures and
// pages are made and served.
var unlinked = []string{"html", "image", "mime", "net"}

// TestTrainingLinksNoPictures: the libraries with which the other commands plot,
// render and serve stay out of onelayer and twolayer.
func TestTrainingLinksNoPictures(t *testing.T) {
	below := func(roots []string, path string) bool {
		return slices.ContainsFunc(roots, func(root string) bool { return strings.HasPrefix(path+"/", root+"/") })
	}
	gorgonia := deps(t, "gorgonia.org/gorgonia")
	added := 0
	for _, path := range deps(t, "./onelayer", "./twolayer") {
		if slices.Contains(gorgonia, path) {
			continue
		}
		added++
		first, _, _ := strings.Cut(path, "/")
		standard := !strings.Contains(first, ".") && first != "tapenet"
		if standard && below(unlinked, path) || !standard && !below(linked, path) {
			t.Errorf("%s is linked into onelayer and twolayer", path)
		}
	}
	if !slices.Contains(gorgonia, "gorgonia.org/tensor") || added < 10 {
		t.Errorf("Gorgonia imports %d packages, and %d are added", len(gorgonia), added)
	}
}

// deps are the packages that the named ones import, and those of these, and so
// on.
func deps(t *testing.T, packages ...string) []string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list", "-deps"}, packages...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(out))
}
