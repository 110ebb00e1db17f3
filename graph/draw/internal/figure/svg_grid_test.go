package figure

import (
	"fmt"
	"testing"
)

// In no picture of a network does a layer's ∂ read what another layer kept. If
// one did, the edge would lead from column to column, to another row.
func TestGridAslant(t *testing.T) {
	f := Figure{
		Rows:  [][]Node{{{Name: "a", Title: "a"}, {}}, {{}, {Name: "b", Title: "b"}}},
		Edges: []Edge{{From: "a", To: "b", Flow: KeepFlow}},
	}
	l := f.grid()
	a, b := l.at["a"], l.at["b"]
	if a.right() >= b.x || a.bottom() >= b.y {
		t.Fatalf("got a at %v, b at %v, want b below a to the right", a, b)
	}
	var at [8]int
	if n, _ := fmt.Sscanf(l.routes[0].path, "M%d %dC%d %d %d %d %d %d", &at[0], &at[1], &at[2], &at[3], &at[4], &at[5], &at[6], &at[7]); n != len(at) {
		t.Fatalf("got path %q, want a curve", l.routes[0].path)
	}
	for i := 0; i+2 < len(at); i += 2 {
		if at[i] > at[i+2] || at[i+1] > at[i+3] {
			t.Errorf("path %q turns back", l.routes[0].path)
		}
	}
	if at[0] != a.right() || at[1] != a.midY() || at[6] != b.x || at[7] != b.midY() {
		t.Errorf("path %q does not lead from %v to %v", l.routes[0].path, a, b)
	}
}
