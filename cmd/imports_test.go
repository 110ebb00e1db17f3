// Package cmd has the commands. The tests of this file check who imports whom,
// and what is linked into the two commands that train.
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

// allowed is what each package may import of this module. All packages under cmd
// are one here.
var allowed = map[string][]string{
	"mnist":                       {"mnist/idx"},
	"mnist/idx":                   {"mnist/idx/sniff"},
	"mnist/idx/sniff":             {},
	"mnist/scan":                  {"mnist/scan/picture"},
	"mnist/scan/picture":          {"mnist/idx/sniff"},
	"graph/internal/kernel":       {},
	"graph/draw/internal/figure":  {"graph/draw/ink", "graph/draw/internal/layered"},
	"graph/draw/internal/layered": {},
	"graph/internal/op":           {"graph/internal/kernel"},
	"graph":                       {"graph/internal/kernel", "graph/internal/op"},
	"graph/fast":                  {"graph/internal/kernel", "graph/internal/op"},
	"graph/draw":                  {"graph", "graph/draw/ink", "graph/draw/internal/figure"},
	"graph/graphtest":             {"graph"},
	"graph/draw/ink":              {},
	"models":                      {"graph"},
	"models/onnx":                 {"graph"},
	"models/weights":              {"graph", "models/weights/keras", "models/weights/npz"},
	"models/weights/hdf5":         {},
	"models/weights/keras":        {"graph", "models/weights/hdf5"},
	"models/weights/npz":          {},
	"models/pretrained":           {"graph", "models", "models/weights"},
	"models/pretrained/epochs":    {"graph", "models", "models/pretrained", "models/weights"},
	"train":                       {"graph"},
	"cmd":                         {"mnist", "mnist/idx", "mnist/idx/sniff", "mnist/scan", "mnist/scan/picture", "models", "models/onnx", "models/pretrained", "models/pretrained/epochs", "models/weights", "models/weights/npz", "train", "graph", "graph/draw", "graph/draw/ink"},
}

// TestImports: the packages import what they may, no more and no less.
func TestImports(t *testing.T) {
	list := exec.Command("go", "list", "-json=ImportPath,Imports", "../...")
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	const module = "tapenet/"
	home := func(path string) (pkg string, ours bool) {
		pkg, ours = strings.CutPrefix(path, module)
		if strings.HasPrefix(pkg, "cmd/") {
			pkg = "cmd"
		}
		return pkg, ours
	}
	seen := map[string][]string{} // what each package imports
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
		from, _ := home(p.ImportPath)
		may, known := allowed[from]
		if !known {
			t.Errorf("package %s is not in the diagram", from)
		}
		imports := seen[from]
		for _, path := range p.Imports {
			to, ours := home(path)
			if !ours || to == from {
				continue
			}
			if !slices.Contains(may, to) {
				t.Errorf("%s imports %s", p.ImportPath, path)
			}
			imports = append(imports, to)
		}
		seen[from] = imports
	}
	for from, may := range allowed {
		imports, there := seen[from]
		if !there {
			t.Errorf("package %s is in the diagram, and nowhere else", from)
		}
		for _, to := range may {
			if !slices.Contains(imports, to) {
				t.Errorf("%s may import %s, and does not", from, to)
			}
		}
	}
}

// linked are the packages, with all below them, that onelayer and twolayer may
// have beyond the many that Gorgonia itself imports.
var linked = []string{
	"tapenet/cmd/onelayer", "tapenet/cmd/twolayer", "tapenet/cmd/internal", "tapenet/models", "tapenet/train", "tapenet/graph", "tapenet/mnist",
	"golang.org/x/sys", "golang.org/x/term",
}

// unlinked are packages of the standard library that make and serve pictures and
// pages.
var unlinked = []string{"html", "image", "mime", "net"}

// TestTrainingLinksNoPictures: the libraries that plot, render and serve for other
// commands stay out of onelayer and twolayer.
func TestTrainingLinksNoPictures(t *testing.T) {
	below := func(roots []string, path string) bool {
		return slices.ContainsFunc(roots, func(root string) bool { return strings.HasPrefix(path+"/", root+"/") })
	}
	gorgonia := deps(t, "gorgonia.org/gorgonia")
	used := map[string]bool{}
	for _, path := range deps(t, "./onelayer", "./twolayer") {
		if slices.Contains(gorgonia, path) {
			continue
		}
		for _, root := range linked {
			used[root] = used[root] || below([]string{root}, path)
		}
		first, _, _ := strings.Cut(path, "/")
		standard := !strings.Contains(first, ".") && first != "tapenet"
		if standard && below(unlinked, path) || !standard && !below(linked, path) {
			t.Errorf("%s is linked into onelayer and twolayer", path)
		}
	}
	for _, root := range linked {
		if !used[root] {
			t.Errorf("%s may be linked into onelayer and twolayer, and is not", root)
		}
	}
}

// deps are the named packages and all that they import, directly or not.
func deps(t *testing.T, packages ...string) []string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list", "-deps"}, packages...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(out))
}
