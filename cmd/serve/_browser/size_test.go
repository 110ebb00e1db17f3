package browser

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestSizes opens each tab in the sizes of phones, tablets and screens, light and dark:
// the page does not scroll sideways, and no text is cut off.
func TestSizes(t *testing.T) {
	sizes := []struct {
		name          string
		width, height int64
		ratio         float64
	}{
		{"320", 320, 568, 2}, {"390", 390, 844, 3}, {"zoom", 640, 450, 2}, {"820", 820, 1180, 2}, {"1280", 1280, 900, 1}, {"1920", 1920, 1080, 1},
	}
	tabs := map[string]string{"draw": "", "train": "", "graph": "", "twolayer": "&net=twolayer", "edited": "&fused=1&net=list:7:" + url.QueryEscape(edited)}
	folder := os.Getenv("TAPENET_SHOTS")
	for name, fragment := range tabs {
		tab := name
		if fragment != "" {
			tab = "draw"
		}
		b := open(t, "#explain=4&tab="+tab+fragment)
		b.ready(tab)
		for _, s := range sizes {
			b.emulate(s.width, s.height, s.ratio, "light", true)
			b.fits(name + " at " + s.name)
			for _, theme := range []string{"light", "dark"} {
				if folder != "" {
					b.emulate(s.width, s.height, min(s.ratio, 2), theme, true)
					b.shot(filepath.Join(folder, fmt.Sprintf("%s_%s_%s.png", name, s.name, theme)))
				}
			}
		}
	}
}

// ready waits until a tab shows what it has.
func (b *tab) ready(tab string) {
	b.Helper()
	switch tab {
	case "train":
		b.until(`document.querySelector("#train form")`)
		if b.text(`return document.querySelector(".lines pre")?.textContent ?? ""`) == "" {
			b.fill("epochs", "1")
			b.fill("limit", "2000")
			b.click(startButton)
			b.until(saying, "Done")
		}
	case "graph":
		b.settle()
		b.until(`document.querySelector(".picture .node canvas")`)
	default:
		b.settle()
	}
}

// fits checks that nothing is wider than the page or than what it is in.
func (b *tab) fits(where string) {
	b.Helper()
	var wide []string
	b.eval(&wide, `
for (let i = 0; i < 4; i++) await new Promise(requestAnimationFrame); // for the observers of sizes
const wide = [], root = document.documentElement, say = (el) =>
  el.tagName.toLowerCase() + (el.id ? "#" + el.id : "") + (el.className?.split ? "." + el.className.split(" ").join(".") : "") + " " + el.textContent.trim().slice(0, 40);
if (root.scrollWidth > root.clientWidth) wide.push("the page: " + root.scrollWidth + " of " + root.clientWidth);
const scrolls = (el) => el && el !== root && (["auto", "scroll"].includes(getComputedStyle(el).overflowX) || scrolls(el.parentElement));
for (const el of document.body.querySelectorAll("*")) {
  if (!el.checkVisibility() || el.closest(".vh, svg, option, dialog:not([open])") || scrolls(el)) continue;
  const box = el.getBoundingClientRect(), style = getComputedStyle(el);
  if (box.right > root.clientWidth + 1 || box.left < -1) wide.push("off the page: " + say(el));
  const text = [...el.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  if (text && style.display !== "inline" && el.scrollWidth > el.clientWidth + 1) wide.push("cut off: " + say(el) + " " + el.scrollWidth + " of " + el.clientWidth);
}
const header = [...document.querySelectorAll("header .mark, header #net, header #theme, header #help")].map((el) => el.getBoundingClientRect());
const middles = header.map((box) => box.top + box.height / 2);
if (Math.max(...middles) - Math.min(...middles) > 4) wide.push("the header is more than a line");
return wide;`)
	for _, what := range wide {
		b.Errorf("%s: %s", where, what)
	}
}

// shot writes a picture of the whole page.
func (b *tab) shot(path string) {
	b.Helper()
	b.eval(nil, `
scrollTo(0, 0);
for (let i = 0; i < 6; i++) await new Promise(requestAnimationFrame);
await new Promise((done) => setTimeout(done, 100));`)
	beyond := true
	r := call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &beyond})
	if err := os.WriteFile(path, r.Data, 0o644); err != nil {
		b.Fatal(err)
	}
}

// TestMotion: a change of direction repaints the rows one after the other, or at once for
// those who prefer no motion.
func TestMotion(t *testing.T) {
	b := open(t, "")
	b.settle()
	for _, still := range []bool{true, false} {
		b.emulate(1280, 900, 1, "light", still)
		b.keys("4")
		// The first row is the last one that a gradient reaches.
		first := `document.querySelector(".rows .ln b").textContent.startsWith("∂")`
		b.eval(nil, `while (!look.current.grad("x")) await new Promise((done) => setTimeout(done));`)
		if got := b.text(`return String(` + first + `)`); still && got != "true" {
			t.Errorf("without motion: the first row waits")
		}
		b.until(first)
		b.keys("\x1b")
		b.until(`!(` + first + `)`)
	}
}

// TestTheme: the button makes the page dark, all that is painted too, and a link keeps it.
func TestTheme(t *testing.T) {
	b := open(t, "")
	b.settle()
	paper := map[string]colour{"light": {0xf1, 0xf3, 0xf5}, "dark": {0x20, 0x25, 0x2c}}
	check := func(theme string) {
		t.Helper()
		for what, selector := range map[string]string{"the picture": ".sees canvas", "a map of Rectify": ".rows .ln:nth-child(3) .cells canvas"} {
			if got := b.pixels(selector, 0, [][2]float64{{1, 1}})[0]; !got.alike(paper[theme], 1) {
				t.Errorf("%s: got a corner of %s of %v, want zero, %v", theme, what, got, paper[theme])
			}
		}
	}
	check("light")
	b.click("#theme")
	check("dark")
	b.do(chromedp.Reload())
	b.settle()
	check("dark")
}
