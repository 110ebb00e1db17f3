// Package cmd holds the commands; this test holds the diagram of the packages.
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
	"graph":                 {"graph/internal/kernel"},
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
