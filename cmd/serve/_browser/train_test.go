package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// Buttons of the Train tab.
const (
	startButton = `#train form button:not([type])`
	pauseButton = `#train form button[type]`
	stopButton  = `#train form button[type] + button[type]`
)

// fill types a value into a field of the form.
func (b *tab) fill(name, value string) {
	b.Helper()
	b.eval(nil, `
const field = document.querySelector("#train form").elements[args[0]];
field.focus();
field.select();`, name)
	b.keys(value)
}

// said is the heading over the progress bar.
func (b *tab) said() string {
	b.Helper()
	return b.text(`return document.querySelector("progress").closest("section").querySelector("h2").textContent`)
}

// saying is an expression: whether that heading starts with args[0].
const saying = `document.querySelector("progress").closest("section").querySelector("h2").textContent.startsWith(args[0])`

// dots are how many steps the chart of the loss shows.
func (b *tab) dots() int {
	b.Helper()
	var n int
	b.eval(&n, `return document.querySelector(".loss svg .dots").getAttribute("d").split("M").length - 1`)
	return n
}

// TestTrain trains a network on the page.
func TestTrain(t *testing.T) {
	b := open(t, "#tab=train")
	b.until(`document.querySelector("#train form")`)
	b.fill("epochs", "5")
	b.fill("limit", "20000")
	b.click(startButton)
	b.until(saying, "Epoch") // and no longer what a training before it has ended with
	b.until(`document.querySelector(".loss svg .dots").getAttribute("d").split("M").length > 3`)
	b.click(pauseButton)
	b.until(saying, "Paused")
	before := b.dots()

	// A second training waits for none: its error is at the form.
	b.allow("409")
	b.click(startButton)
	b.until(`document.querySelector("#train .wrong").textContent.includes("under way")`)
	if got := b.said(); !strings.HasPrefix(got, "Paused") {
		t.Errorf("after a second start: got %q, want the first training paused", got)
	}
	if got := b.dots(); got > before+1 { // one was under way
		t.Errorf("while it is paused: got %d steps, want %d as before, or one more", got, before)
	}

	// A reload shows the same training.
	b.do(chromedp.Reload())
	b.until(saying, "Paused")
	if got := b.dots(); got < before-1 {
		t.Errorf("after a reload: got %d steps, want about %d as before", got, before)
	}
	b.click(pauseButton) // it goes on
	b.until(saying, "Epoch")
	b.until(`document.querySelector(".loss svg .dots").getAttribute("d").split("M").length > args[0] + 1`, before+1)
	b.click(stopButton)
	b.until(saying, "Stopped")

	b.fill("epochs", "1")
	b.fill("limit", "2000")
	b.click(startButton)
	b.until(saying, "Done")
	var old, now, squares int
	b.eval(&[]*int{&old, &now, &squares}, `
const parts = (name) => document.querySelector(".loss svg " + name).getAttribute("d").length;
return [parts(".old"), parts(".line"), document.querySelectorAll(".loss svg rect.now").length];`)
	if old == 0 || now == 0 || squares != 1 {
		t.Errorf("got a line before of %d characters, a line of %d, %d squares of the test images, want both and one", old, now, squares)
	}
	b.until(`[...document.querySelectorAll("#net option")].some((o) => o.value === "trained")`)
	b.eval(nil, `[...document.querySelectorAll("#train button")].find((b) => b.textContent === "Use these weights").click();`)
	b.settle()
	if got := b.text(`return state.state.tab + " " + state.state.net + " " + look.current.model.key`); got != "draw trained trained" {
		t.Errorf("got %q, want the Draw tab with the trained network", got)
	}
}
