package browser

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"tapenet/graph"
)

// node is a node of the Graph tab's picture as the page shows it.
type node struct {
	Title                 string // "∂ " before that of a gradient
	Parameter             bool
	Running, Empty, Blank bool // Blank: no tensor is painted
}

// TestTape steps through the tape. The node of the instruction has a frame, and a tensor
// is shown from the instruction that completes it until the last that reads it.
func TestTape(t *testing.T) {
	for _, explain := range []string{"", "&explain=3"} {
		b := open(t, "#tab=graph"+explain)
		about := shared.model(t, "onelayer")
		b.settle()
		b.until(`document.querySelector(".picture .node canvas")`)
		var moments [][]node
		b.eval(&moments, `
const next = document.querySelector("[aria-label='Next instruction']");
const nodes = () => [...document.querySelectorAll(".picture .node")].map((el) => {
  const canvas = el.querySelector("canvas"), is = (name) => el.classList.contains(name);
  return {
    title: el.querySelector("b").textContent, parameter: is("parameter"), running: is("running"), empty: is("empty"),
    blank: canvas.hidden || getComputedStyle(canvas).visibility === "hidden",
  };
});
const moments = [nodes()];
for (let i = 0; i < args[0]; i++) { next.click(); moments.push(nodes()); }
return moments;`, len(about.Tape))
		for at, nodes := range moments {
			b.moment(about, at, nodes)
		}
		// The values of an instruction that completes no tensor of a name.
		b.settle()
		b.eval(nil, `
const slider = document.querySelector("[aria-label='Instruction of the tape']");
slider.value = 1;
slider.dispatchEvent(new Event("input"));`)
		b.settle()
		if got := b.text(`return document.querySelector(".scrubber figcaption").textContent`); !strings.HasPrefix(got, "result · ") {
			t.Errorf("instruction 1: got a picture %q, want its result", got)
		}
	}
}

// moment checks the nodes after instruction at, from 1; at 0 all tensors are there.
func (b *tab) moment(about model, at int, nodes []node) {
	b.Helper()
	layers := map[string][]string{} // names by their text, in order: there are two Rectify
	for _, l := range about.Layers {
		layers[l.Text] = append(layers[l.Text], l.Name)
	}
	seen := map[string]int{}
	for _, n := range nodes {
		name, gradient := strings.CutPrefix(n.Title, "∂ ")
		if name == "score" {
			continue
		}
		if same := layers[name]; same != nil {
			name = same[seen[n.Title]]
			seen[n.Title]++
		}
		alive := true // inputs and parameters are
		for i, instruction := range about.Tape {
			if instruction.Value == name && instruction.Grad == gradient {
				alive = i < at && (instruction.Last == i || instruction.Last >= at-1)
			}
		}
		large := gradient && !slices.ContainsFunc(about.Grads, func(g tensor) bool { return g.Name == name })
		if there := (alive || at == 0) && !large; n.Empty == there || n.Blank == there {
			b.Errorf("after instruction %d: got %s empty %v and without a picture %v, want it there: %v", at, n.Title, n.Empty, n.Blank, there)
		}
		runs := at > 0 && about.Tape[at-1].Layer == name && about.Tape[at-1].Grad == gradient && !n.Parameter
		if n.Running != runs {
			b.Errorf("after instruction %d: got %s framed %v, want %v", at, n.Title, n.Running, runs)
		}
	}
}

// edited is a list that neither network resembles: 3 filters, no pooling, 37 units.
const edited = "Conv2d(3, 5), Rectify, Flatten, Dense(37), Rectify, Dense(10), SoftMax"

// TestEditedList shows an edited list on the Draw and the Graph tab, and again after a
// reload.
func TestEditedList(t *testing.T) {
	key := "list:7:" + edited
	b := open(t, "#"+url.Values{"net": {key}, "explain": {"5"}}.Encode())
	b.settle()
	var heights []float64
	b.eval(&heights, `return [...document.querySelectorAll(".rows .ln canvas:not(.bias)")].map((c) => c.clientHeight);`)
	if len(heights) != 7 || slices.Min(heights) < 20 {
		t.Errorf("got rows of heights %v, want 7 rows", heights)
	}
	b.eval(nil, `document.querySelector("[data-tab=graph]").click();`)
	b.until(`document.querySelectorAll(".picture .forward").length === 7`)
	b.do(chromedp.Reload())
	b.until(`document.querySelectorAll(".picture .forward").length === 7`)
	b.settle()
	got := b.text(`return [state.state.tab, state.state.net, state.state.view, state.state.explain].join("|")`)
	if want := "graph|" + key + "|backward|5"; got != want {
		t.Errorf("after a reload: got %q, want %q", got, want)
	}
	if got := b.text(`return document.querySelector(".editor [type=number]:not([data-role])").value`); got != "7" {
		t.Errorf("after a reload: got seed %s, want 7", got)
	}
}

// TestMisfit edits a list until it does not fit: the chip of the layer says why. Once it
// fits it is the page's network.
func TestMisfit(t *testing.T) {
	b := open(t, "#tab=graph")
	b.settle()
	b.until(`document.querySelector(".editor li input")`)
	kernel := func(value string) {
		b.eval(nil, `
const kernel = document.querySelector(".editor li [data-role=number1]");
kernel.focus();
kernel.select();`)
		b.keys(value)
	}
	kernel("99")
	b.until(`document.querySelector(".editor li.wrong .problem")?.textContent`)
	list, err := graph.Parse("Conv2d(16, 99), Rectify, MaxPool2D(2), Flatten, Dense(100), Rectify, Dense(10), SoftMax")
	if err == nil {
		_, err = list.Build(1, 28, 28)
	}
	got := b.text(`return document.querySelector(".editor li.wrong b").textContent + ": " + document.querySelector(".problem").textContent;`)
	if err == nil || got != "Conv2d: "+err.Error() {
		t.Errorf("got %q, want Conv2d: %v", got, err)
	}
	if net := b.text(`return state.state.net`); net != "onelayer" {
		t.Errorf("got network %q, want the last one that fits, onelayer", net)
	}
	kernel("3")
	b.until(`state.state.net === "list:1:Conv2d(16, 3), Rectify, MaxPool2D(2), Flatten, Dense(100), Rectify, Dense(10), SoftMax"`)
	b.settle()
	if got := b.text(`return document.querySelector(".problem").textContent`); got != "" {
		t.Errorf("got %q for a list that fits, want nothing", got)
	}
}

// TestEditWhileLoading edits a number again while the network of the first edit is on
// its way: what was typed stays.
func TestEditWhileLoading(t *testing.T) {
	b := open(t, "#tab=graph")
	b.settle()
	b.until(`document.querySelector(".editor li input")`)
	b.eval(nil, `
const send = fetch;
globalThis.fetch = async (url, options) => {
  if (url.startsWith("/api/model")) await new Promise((done) => { test.answer = done; });
  return send(url, options);
};
const filters = document.querySelector(".editor li [data-role=number0]");
filters.focus();
filters.select();`)
	b.keys("3")
	b.until(`test.answer`)
	b.eval(nil, `
document.querySelector(".editor li [data-role=number0]").value = "32";
document.querySelector(".editor li [data-role=number0]").dispatchEvent(new Event("input"));
test.answer();
test.answer = null;`)
	b.until(`test.answer`) // of the second edit
	b.eval(nil, `test.answer();`)
	b.settle()
	got := b.text(`return [state.state.net, document.querySelector(".editor li [data-role=number0]").value, document.activeElement.dataset.role].join("|")`)
	if want := "list:1:Conv2d(32, 5), Rectify, MaxPool2D(2), Flatten, Dense(100), Rectify, Dense(10), SoftMax|32|number0"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestTwoLayersInAField: the editor shows a chip for each, so that an error is at its own.
func TestTwoLayersInAField(t *testing.T) {
	b := open(t, "#tab=graph")
	b.settle()
	b.until(`document.querySelector(".editor li input")`)
	b.eval(nil, `document.querySelector(".editor li [data-role=window]").focus();`)
	b.keys(", Rectify")
	b.until(`document.querySelectorAll(".editor li").length === 9`)
}

// TestNoSuchClass: a class that the network does not have, or one against itself, is
// not explained.
func TestNoSuchClass(t *testing.T) {
	for fragment, want := range map[string]string{"#explain=12": "forward|", "#explain=4,4": "backward|4", "#explain=4,12": "forward|"} {
		b := open(t, fragment)
		b.settle()
		got := b.text(`return [state.state.view, state.state.explain].join("|") + document.querySelector("#banner").textContent`)
		if got != want {
			t.Errorf("%s: got %q, want %q", fragment, got, want)
		}
	}
}
