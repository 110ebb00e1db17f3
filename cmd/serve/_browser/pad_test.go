package browser

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"tapenet/mnist/scan"
)

var (
	one   = [][]scan.Point{along(scan.Point{X: 0.54, Y: 0.2}, scan.Point{X: 0.46, Y: 0.8})}
	seven = [][]scan.Point{along(scan.Point{X: 0.28, Y: 0.22}, scan.Point{X: 0.72, Y: 0.22}, scan.Point{X: 0.44, Y: 0.82})}
)

// along returns points on a line through corners, a twentieth of the pad or less apart.
func along(corners ...scan.Point) []scan.Point {
	line := corners[:1:1]
	for i, to := range corners[1:] {
		from := corners[i]
		for k := range 12 {
			part := float64(k+1) / 12
			line = append(line, scan.Point{X: from.X + part*(to.X-from.X), Y: from.Y + part*(to.Y-from.Y)})
		}
	}
	return line
}

// TestDraw draws digits with the pointer.
func TestDraw(t *testing.T) {
	b := open(t, "")
	b.settle()
	for class, lines := range map[int][][]scan.Point{1: one, 7: seven} {
		b.click(".pads button:nth-child(2)") // Clear
		b.reads(class, b.draw(lines))
	}
}

// TestDrawWithKeys draws digits without a pointer.
func TestDrawWithKeys(t *testing.T) {
	b := open(t, "")
	b.settle()
	for i := 0; b.text(`return document.activeElement.id`) != "pad"; i++ {
		if i == 30 {
			t.Fatal("the pad does not get the focus by Tab")
		}
		b.keys(kb.Tab)
	}
	b.keys("c") // the example
	p := scan.Point{X: 0.5, Y: 0.5}
	var lines [][]scan.Point
	down := false
	press := func(keys ...string) {
		for _, key := range keys {
			b.keys(key)
			switch key {
			case kb.ArrowLeft:
				p.X -= 0.05
			case kb.ArrowRight:
				p.X += 0.05
			case kb.ArrowUp:
				p.Y -= 0.05
			case kb.ArrowDown:
				p.Y += 0.05
			case " ":
				if down = !down; down {
					lines = append(lines, nil)
				}
			}
			if down {
				last := len(lines) - 1
				lines[last] = append(lines[last], scan.Point{X: thousandths(p.X), Y: thousandths(p.Y)})
			}
		}
	}
	times := func(n int, keys ...string) {
		for range n {
			press(keys...)
		}
	}
	times(6, kb.ArrowUp)
	press(" ")
	times(12, kb.ArrowDown)
	press(" ")
	b.reads(1, lines)

	b.keys("z")
	lines = nil
	times(4, kb.ArrowLeft)
	times(12, kb.ArrowUp)
	press(" ")
	times(8, kb.ArrowRight)
	times(5, kb.ArrowDown, kb.ArrowDown, kb.ArrowLeft)
	press(" ")
	b.reads(7, lines)
}

// reads checks that the drawing is read as a class, and that what the network sees is
// what scan makes of its lines, as numbers and as pixels.
func (b *tab) reads(class int, lines [][]scan.Point) {
	b.Helper()
	b.settle()
	if got, want := b.text(`return document.querySelector(".probs .top b").textContent`), fmt.Sprint(class); got != want {
		b.Errorf("got a %s, want %s", got, want)
	}
	image, _, err := scan.Strokes(lines)
	if err != nil {
		b.Fatal(err)
	}
	x := b.floats(`return [...look.current.value("x")]`)
	var points [][2]float64
	for i, v := range x {
		if !near(v, float64(image[i])/255, 1e-7) {
			b.Fatalf("a %d: pixel (%d, %d) of what the network sees: got %v, want %d/255", class, i%28, i/28, v, image[i])
		}
		points = append(points, [2]float64{3*float64(i%28) + 1.5, 3*float64(i/28) + 1.5})
	}
	for i, got := range b.pixels(".sees canvas", 0, points) {
		if want := ramp("ink", float64(image[i])/255); !got.alike(want, 2) {
			b.Fatalf("a %d: pixel (%d, %d) of the picture: got %v, want %v", class, i%28, i/28, got, want)
		}
	}
}

// TestScribble moves the pointer quickly. One look is under way at a time, and the last
// one shown is of the whole line.
func TestScribble(t *testing.T) {
	b := open(t, "")
	b.settle()
	var line []scan.Point
	for i := range 200 {
		line = append(line, scan.Point{X: 0.1 + 0.8*float64(i%40)/40, Y: 0.1 + 0.8*float64(i)/200})
	}
	drawn := b.draw([][]scan.Point{line})
	b.settle()
	image, _, err := scan.Strokes(drawn)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range b.floats(`return [...look.current.value("x")]`) {
		if !near(v, float64(image[i])/255, 1e-7) {
			t.Fatalf("pixel %d of the last look: got %v, want %d/255 of the whole line", i, v, image[i])
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	t.Logf("%d looks for 200 moves", b.asked)
	if b.atOnceMost != 1 || b.asked < 3 {
		t.Errorf("got %d looks, at most %d at a time, want several, one at a time", b.asked, b.atOnceMost)
	}
}
