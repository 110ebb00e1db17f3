package train

import "testing"

func TestCut(t *testing.T) {
	for batch, want := range map[int]lanes{1: {1, 1}, 15: {1, 15}, 16: {2, 8}, 37: {2, 19}, 100: {2, 50}, 200: {4, 50}, 1024: {8, 64}, 10000: {8, 63}} {
		if got := cut(batch); got != want {
			t.Errorf("batch %d: got %+v, want %+v", batch, got, want)
		}
	}
	for batch := range 5000 {
		batch++
		c := cut(batch)
		runs := ceil(batch, c.images)
		if c.lanes < 1 || c.lanes > MaxWorkers || c.lanes&(c.lanes-1) != 0 || c.images < 1 || c.images > maxImages {
			t.Fatalf("batch %d: got %+v", batch, c)
		}
		if used := min(runs, c.lanes); used < c.lanes && batch >= 4*c.lanes {
			t.Errorf("batch %d: %d of %d lanes have work", batch, used, c.lanes)
		}
	}
}
