package figure

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// randomBands are values that go down and gradients that come back up, each
// from up to three others.
func randomBands(rng *rand.Rand) *Figure {
	f := &Figure{Name: "random", Title: "Random"}
	var values []string
	for i := range 1 + rng.IntN(4) {
		b := [2]Frame{{Name: fmt.Sprint("f", i), Title: "values"}, {Name: fmt.Sprint("d_f", i), Title: "gradients"}}
		for range 1 + rng.IntN(6) {
			name := fmt.Sprint("v", len(values))
			b[leftSide].Nodes = append(b[leftSide].Nodes, Node{Name: name, Title: name, Lines: make([]string, rng.IntN(3))})
			for range min(len(values), rng.IntN(4)) {
				f.Edges = append(f.Edges, Edge{From: values[rng.IntN(len(values))], To: name, Flow: ValueFlow})
			}
			values = append(values, name)
		}
		f.Bands = append(f.Bands, b)
	}
	var grads []string
	for i := len(f.Bands) - 1; i >= 0; i-- {
		for range max(rng.IntN(6), 1-i) { // some in the first band
			name := fmt.Sprint("g", len(grads))
			f.Bands[i][rightSide].Nodes = append(f.Bands[i][rightSide].Nodes, Node{Name: name, Title: name})
			f.Edges = append(f.Edges, Edge{From: values[rng.IntN(len(values))], To: name, Flow: KeepFlow})
			for range min(len(grads), rng.IntN(3)) {
				f.Edges = append(f.Edges, Edge{From: grads[rng.IntN(len(grads))], To: name, Flow: GradFlow, Back: true})
			}
			grads = append(grads, name)
		}
	}
	return f
}

func (r rect) meets(s rect) bool {
	return r.x < s.right() && s.x < r.right() && r.y < s.bottom() && s.y < r.bottom()
}

func (r rect) holds(s rect) bool {
	return r.x <= s.x && s.right() <= r.right() && r.y <= s.y && s.bottom() <= r.bottom()
}

// TestStack: boxes do not overlap and are in their frames, values go down and
// gradients up.
func TestStack(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for range 200 {
		f := randomBands(rng)
		l := f.stack()
		page := rect{0, 0, l.w, l.h}
		home := map[string]rect{}
		for i, fr := range l.frames {
			if !page.holds(fr.rect) {
				t.Errorf("frame %v leaves the page %v", fr.rect, page)
			}
			for _, other := range l.frames[:i] {
				if fr.meets(other.rect) {
					t.Errorf("frames %s and %s overlap", fr.Name, other.Name)
				}
			}
			for _, n := range fr.Nodes {
				home[n.Name] = fr.rect
			}
		}
		nodes := f.nodes()
		for i, n := range nodes {
			if !home[n.Name].holds(l.at[n.Name]) {
				t.Errorf("%s at %v is not in its frame %v", n.Name, l.at[n.Name], home[n.Name])
			}
			for _, other := range nodes[:i] {
				if l.at[n.Name].meets(l.at[other.Name]) {
					t.Errorf("%s and %s overlap", n.Name, other.Name)
				}
			}
		}
		for _, e := range f.Edges {
			from, to := l.at[e.From], l.at[e.To]
			if down := from.bottom() < to.y; e.Flow == ValueFlow && !down {
				t.Errorf("%s at %v leads to %s at %v, want it below", e.From, from, e.To, to)
			}
			if up := to.bottom() < from.y; e.Flow == GradFlow && !up {
				t.Errorf("%s at %v leads to %s at %v, want it above", e.From, from, e.To, to)
			}
			if e.Flow == KeepFlow && from.right() >= to.x {
				t.Errorf("%s at %v leads to %s at %v, want it to the right", e.From, from, e.To, to)
			}
		}
		if t.Failed() {
			t.Fatalf("in a picture of %d nodes", len(nodes))
		}
	}
}
