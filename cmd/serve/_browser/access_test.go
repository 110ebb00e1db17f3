package browser

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/runtime"
)

// TestAxe runs axe-core on each tab, light and dark.
func TestAxe(t *testing.T) {
	path := os.Getenv("TAPENET_AXE")
	if path == "" {
		t.Skip("TAPENET_AXE is not set: the path of axe.min.js of axe-core")
	}
	axe, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, tab := range []string{"draw", "train", "graph"} {
		b := open(t, "#explain=4&tab="+tab)
		b.ready(tab)
		call(b, runtime.Evaluate, runtime.EvaluateParams{Expression: string(axe)})
		for _, theme := range []string{"light", "dark"} {
			b.emulate(1280, 900, 1, theme, true)
			var found []struct{ ID, Impact, Help, Where string }
			b.eval(&found, `
await new Promise((done) => setTimeout(done, 100));
const { violations } = await axe.run({ resultTypes: ["violations"] });
return violations.flatMap(({ id, impact, help, nodes }) => nodes.map((n) => ({ id, impact, help, where: n.target.join(" ") + " " + n.failureSummary })));`)
			for _, f := range found {
				if f.Impact == "serious" || f.Impact == "critical" {
					t.Errorf("%s, %s: %s (%s): %s", tab, theme, f.Help, f.ID, f.Where)
				} else {
					t.Logf("%s, %s: %s: %s: %s", tab, theme, f.Impact, f.Help, f.Where)
				}
			}
		}
	}
}

// TestTree: who does not see the page finds the pad, a button for each digit and the rows
// by their words.
func TestTree(t *testing.T) {
	b := open(t, "")
	b.settle()
	b.until(`document.querySelectorAll(".rows .ln canvas[aria-label*=percent]").length === 8`)
	counts := map[string]int{}
	wanted := map[string]*regexp.Regexp{
		"application": regexp.MustCompile(`^Drawing pad\. Draw a digit`),
		"button":      regexp.MustCompile(`^[0-9] [0-9.]+ %\. Show the gradient of its score\.$`),
		"image":       regexp.MustCompile(`^(conv1\.weight|Conv2d|Rectify|MaxPool2D|Dense|SoftMax), \d+( by \d+)*, from -?[\d.]+ to -?[\d.]+, \d+ percent zero$`),
		"status":      regexp.MustCompile(``),
		"tab":         regexp.MustCompile(`^(Draw|Train|Graph)$`),
	}
	for _, n := range call(b, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{}).Nodes {
		var role, name string
		if n.Role == nil || n.Name == nil || n.Ignored {
			continue
		}
		json.Unmarshal(n.Role.Value, &role)
		json.Unmarshal(n.Name.Value, &name)
		if p := wanted[role]; p != nil && p.MatchString(name) {
			counts[role]++
		} else if role == "button" || role == "image" || role == "slider" || role == "combobox" {
			if name == "" {
				t.Errorf("got a %s without a name", role)
			}
		}
	}
	for role, want := range map[string]int{"application": 1, "button": 10, "image": 8, "status": 1, "tab": 3} {
		if counts[role] != want {
			t.Errorf("got %d of role %s with the words that belong there, want %d", counts[role], role, want)
		}
	}
}
