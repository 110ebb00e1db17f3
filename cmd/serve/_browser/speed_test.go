package browser

import (
	"math"
	"slices"
	"testing"

	"tapenet/mnist/scan"
)

// TestSpeed logs how long it takes from a move of the pointer to the frame that shows what
// the network makes of it, and how much of that is the server's.
func TestSpeed(t *testing.T) {
	b := open(t, "")
	b.settle()
	b.eval(nil, `
let moved = 0;
const sent = new Map();
Object.assign(test, { frames: [], server: [] });
addEventListener("pointermove", (e) => { moved = e.timeStamp; }, true);
test.beforeLook = () => sent.set(test.sent, moved);
look.onLook((l) => {
  if (!sent.get(l.seq)) return;
  const painted = performance.now() - sent.get(l.seq);
  test.server.push(l.micros / 1000);
  requestAnimationFrame(() => test.frames.push([painted, performance.now() - sent.get(l.seq)]));
});`)
	for range 5 {
		var line []scan.Point
		for i := range 60 {
			angle := 2 * math.Pi * float64(i) / 60
			line = append(line, scan.Point{X: 0.5 + 0.3*math.Cos(angle), Y: 0.5 + 0.35*math.Sin(angle)})
		}
		b.click(".pads button:nth-child(2)")
		b.draw([][]scan.Point{line})
	}
	b.settle()
	var frames [][2]float64
	b.eval(&frames, `return test.frames`)
	server := b.floats(`return test.server`)
	if len(frames) == 0 {
		t.Fatal("got no frame of 300 moves")
	}
	var painted, shown []float64
	for _, f := range frames {
		painted, shown = append(painted, f[0]), append(shown, f[1])
	}
	log := func(what string, ms []float64) {
		slices.Sort(ms)
		t.Logf("%-40s p50 %.1f ms, p95 %.1f ms of %d", what, ms[len(ms)/2], ms[len(ms)*95/100], len(ms))
	}
	log("from the pointer to painted canvases", painted)
	log("from the pointer to the frame", shown)
	log("of it in the server", server)
}
