package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"tapenet/mnist/scan"
)

// tab is a fresh tab of the browser. Whatever it says on the console, a violation of the
// Content-Security-Policy or a request to another host fails its test.
type tab struct {
	*testing.T
	ctx  context.Context
	home *server

	mu                sync.Mutex
	allowed           []string                       // parts of messages that the test provokes
	wrong             []string                       // messages that it did not
	looks             map[network.RequestID]struct{} // under way
	asked, atOnceMost int                            // looks, and the most of them under way at a time
}

// watch runs before the page's scripts. test.sent is the number of the latest look that
// was asked for.
const watch = `
addEventListener("securitypolicyviolation", (e) => console.error("violation of " + e.violatedDirective + ", " + e.blockedURI));
globalThis.test = { sent: 0, beforeLook() {} };
const send = fetch;
globalThis.fetch = (url, options) => {
  if (url === "/api/look") { test.sent = JSON.parse(options.body).seq; test.beforeLook(); }
  return send(url, options);
};`

// open opens the page of the shared server, its fragment given.
func open(t *testing.T, fragment string) *tab {
	t.Helper()
	if chrome == nil {
		t.Skip("neither chromium, chromium-browser nor google-chrome is installed")
	}
	return openOn(t, shared, fragment)
}

func openOn(t *testing.T, s *server, fragment string) *tab {
	t.Helper()
	ctx, end := chromedp.NewContext(chrome)
	t.Cleanup(end)
	b := &tab{T: t, ctx: ctx, home: s, looks: map[network.RequestID]struct{}{}}
	b.do() // opens the tab, which must not end with the timeout
	b.ctx, end = context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(end)
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	call(b, network.Enable, network.EnableParams{})
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watch})
	b.emulate(1280, 900, 1, "light", true)
	b.do(chromedp.Navigate(s.address + "/" + fragment))
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, message := range b.wrong {
			t.Errorf("the browser says: %s", message)
		}
	})
	return b
}

// allow names parts of messages that the test provokes.
func (b *tab) allow(parts ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.allowed = append(b.allowed, parts...)
}

// listen notes what goes wrong, and how many looks are under way.
func (b *tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	said := ""
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		said = string(e.Type)
		for _, a := range e.Args {
			said += " " + string(a.Value) + a.Description
		}
	case *runtime.EventExceptionThrown:
		said = e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			said += " " + e.ExceptionDetails.Exception.Description
		}
	case *log.EventEntryAdded:
		said = fmt.Sprintf("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)
	case *network.EventRequestWillBeSent:
		address := e.Request.URL
		if !strings.HasPrefix(address, b.home.address+"/") && !strings.HasPrefix(address, "data:") && address != "about:blank" {
			said = "a request to " + address
		}
		if strings.HasSuffix(address, "/api/look") {
			b.looks[e.RequestID] = struct{}{}
			b.asked++
			b.atOnceMost = max(b.atOnceMost, len(b.looks))
		}
	case *network.EventLoadingFinished:
		delete(b.looks, e.RequestID)
	case *network.EventLoadingFailed:
		delete(b.looks, e.RequestID)
	}
	for _, part := range b.allowed {
		if strings.Contains(said, part) {
			return
		}
	}
	if said != "" {
		b.wrong = append(b.wrong, said)
	}
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.Fatal(err)
	}
}

// call sends a command to the tab.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.Helper()
	r, err := chromedp.Call(b.ctx, command, params)
	if err != nil {
		b.Fatalf("%s: %v", command.Method, err)
	}
	return r
}

// emulate sets the size in CSS pixels, the pixels of the screen for each, the theme that
// the system prefers, and whether it prefers no motion.
func (b *tab) emulate(width, height int64, ratio float64, theme string, still bool) {
	b.Helper()
	motion := "no-preference"
	if still {
		motion = "reduce"
	}
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: ratio})
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: motion},
	}})
}

// modules are those that the scripts of the tests use, as the page has them.
const modules = `const [state, look, ramps, models] = await Promise.all(
  ["state", "look", "ramp", "model"].map((name) => import(location.origin + "/" + name + ".js")));`

// eval runs the body of an async function and stores what it returns in into, if that is
// not nil.
func (b *tab) eval(into any, body string, args ...any) {
	b.Helper()
	given, err := json.Marshal(append([]any{}, args...))
	if err != nil {
		b.Fatal(err)
	}
	script := fmt.Sprintf("(async (...args) => {%s\n%s})(...%s)", modules, body, given)
	answer, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]byte](script, chromedp.EvalAwaitPromise))
	if err == nil && into != nil {
		err = json.Unmarshal(answer, into)
	}
	if err != nil {
		b.Fatalf("%v in %s", err, body)
	}
}

// until waits until an expression is true.
func (b *tab) until(expression string, args ...any) {
	b.Helper()
	b.eval(nil, fmt.Sprintf(`
const end = performance.now() + 60000;
while (!(%s)) {
  if (performance.now() > end) throw new Error("it stays false, on a page of " + document.body.innerText.replaceAll("\n", " ").slice(0, 600));
  await new Promise((done) => setTimeout(done, 20));
}`, expression), args...)
}

// settle waits until the answer to the latest question is shown.
func (b *tab) settle() {
	b.Helper()
	b.eval(nil, `
const end = performance.now() + 60000;
for (let quiet = 0; quiet < 3; ) {
  if (performance.now() > end) throw new Error("no answer to look " + test.sent);
  quiet = look.current && look.current.seq === test.sent ? quiet + 1 : 0;
  await new Promise(requestAnimationFrame);
}`)
}

// floats evaluates to a list of numbers.
func (b *tab) floats(body string, args ...any) []float64 {
	b.Helper()
	var values []float64
	b.eval(&values, body, args...)
	return values
}

func (b *tab) text(body string, args ...any) string {
	b.Helper()
	var text string
	b.eval(&text, body, args...)
	return text
}

// keys presses keys, one after the other. Those with a modifier are for press.
func (b *tab) keys(keys string) {
	b.Helper()
	b.do(chromedp.KeyEvent(keys))
}

// click clicks the middle of the element of a selector.
func (b *tab) click(selector string) {
	b.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

// box is where an element is: left, top, width, height.
func (b *tab) box(selector string, index int) [4]float64 {
	b.Helper()
	var box [4]float64
	b.eval(&box, `
const el = document.querySelectorAll(args[0])[args[1]];
el.scrollIntoView({ block: "nearest" });
const { left, top, width, height } = el.getBoundingClientRect();
return [left, top, width, height];`, selector, index)
	return box
}

// draw draws lines on the pad with the pointer. It returns their points where the page
// has them: the pointer is at whole pixels, the page counts in thousandths.
func (b *tab) draw(lines [][]scan.Point) [][]scan.Point {
	b.Helper()
	box := b.box("#pad", 0)
	var drawn [][]scan.Point
	mouse := func(kind input.DispatchMouseEventType, x, y float64) {
		call(b, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: x, Y: y, Button: input.MouseButtonLeft, Buttons: 1, ClickCount: 1})
	}
	for _, line := range lines {
		var points []scan.Point
		for i, p := range line {
			x, y := math.Round(box[0]+p.X*box[2]), math.Round(box[1]+p.Y*box[3])
			if i == 0 {
				mouse(chromedp.MousePressed, x, y)
			} else {
				mouse(chromedp.MouseMoved, x, y)
			}
			points = append(points, scan.Point{X: thousandths((x - box[0]) / box[2]), Y: thousandths((y - box[1]) / box[3])})
			if i == len(line)-1 {
				mouse(chromedp.MouseReleased, x, y)
			}
		}
		drawn = append(drawn, points)
	}
	return drawn
}

func thousandths(v float64) float64 { return math.Floor(1000*v+0.5) / 1000 }
