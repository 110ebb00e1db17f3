package layered

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// random makes bands of values v0, v1, … that go down and gradients g0, g1, … that
// come back up, each from up to three others.
func random(rng *rand.Rand) (bands []Band, edges []Edge) {
	values := 0
	for range 1 + rng.IntN(4) {
		var b Band
		for range 1 + rng.IntN(6) {
			name := fmt.Sprint("v", values)
			b[left] = append(b[left], Box{name, 2 * (10 + rng.IntN(60)), 30 + 14*rng.IntN(3)})
			for range min(values, rng.IntN(4)) {
				edges = append(edges, Edge{fmt.Sprint("v", rng.IntN(values)), name})
			}
			values++
		}
		bands = append(bands, b)
	}
	grads := 0
	for i := len(bands) - 1; i >= 0; i-- {
		for range max(rng.IntN(6), 1-i) { // some in the first band
			name := fmt.Sprint("g", grads)
			bands[i][right] = append(bands[i][right], Box{name, 2 * (10 + rng.IntN(60)), 44})
			edges = append(edges, Edge{fmt.Sprint("v", rng.IntN(values)), name})
			for range min(grads, rng.IntN(3)) {
				edges = append(edges, Edge{fmt.Sprint("g", rng.IntN(grads)), name})
			}
			grads++
		}
	}
	return bands, edges
}

func (r Rect) meets(s Rect) bool {
	return r.X < s.X+s.W && s.X < r.X+r.W && r.Y < s.Y+s.H && s.Y < r.Y+r.H
}

func (r Rect) holds(s Rect) bool {
	return r.X <= s.X && s.X+s.W <= r.X+r.W && r.Y <= s.Y && s.Y+s.H <= r.Y+r.H
}

// TestLay: boxes have their sizes, do not overlap and are in their frames; edges
// go down on the left, up on the right, and from left to right, from box to box.
func TestLay(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for range 200 {
		bands, edges := random(rng)
		l := Lay(bands, edges)
		page := Rect{0, 0, l.W, l.H}
		var boxes []string
		var frames []Rect
		for i, band := range bands {
			for side, frame := range band {
				if len(frame) == 0 {
					continue
				}
				at := l.Frames[i][side]
				if !page.holds(at) {
					t.Errorf("frame %v leaves the page %v", at, page)
				}
				for _, other := range frames {
					if at.meets(other) {
						t.Errorf("frames %v and %v overlap", at, other)
					}
				}
				frames = append(frames, at)
				for _, b := range frame {
					box := l.Boxes[b.Name]
					if !at.holds(box) || box.W != b.W || box.H != b.H {
						t.Errorf("%+v at %v is not in its frame %v", b, box, at)
					}
					for _, other := range boxes {
						if box.meets(l.Boxes[other]) {
							t.Errorf("%s and %s overlap", b.Name, other)
						}
					}
					boxes = append(boxes, b.Name)
				}
			}
		}
		for i, e := range edges {
			from, to := l.Boxes[e.From], l.Boxes[e.To]
			value, across := strings.HasPrefix(e.To, "v"), e.From[0] != e.To[0]
			if value && from.Y+from.H >= to.Y {
				t.Errorf("%s at %v leads to %s at %v, want it below", e.From, from, e.To, to)
			}
			if !value && !across && to.Y+to.H >= from.Y {
				t.Errorf("%s at %v leads to %s at %v, want it above", e.From, from, e.To, to)
			}
			if across && from.X+from.W >= to.X {
				t.Errorf("%s at %v leads to %s at %v, want it to the right", e.From, from, e.To, to)
			}
			touches := func(r Rect, p Point) bool {
				return r.holds(Rect{p.X, p.Y, 0, 0}) && !(Rect{r.X + 1, r.Y + 1, r.W - 2, r.H - 2}).holds(Rect{p.X, p.Y, 0, 0})
			}
			way := l.Ways[i]
			if last := len(way.Points) - 1; way.Across != across || !touches(from, way.Points[0]) || !touches(to, way.Points[last]) {
				t.Errorf("%s at %v leads to %s at %v by %+v", e.From, from, e.To, to, way)
			}
		}
		if t.Failed() {
			t.Fatalf("in a picture of %d boxes", len(boxes))
		}
	}
}
