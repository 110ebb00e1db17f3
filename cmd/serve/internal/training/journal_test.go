package training

import (
	"math"
	"testing"
)

// TestJournalAfter: ids that no event has, whatever a client sends, are before all.
func TestJournalAfter(t *testing.T) {
	j := newJournal()
	j.start(started{ID: 1})
	for _, id := range []int64{0, -1, math.MinInt64, math.MaxInt64, j.last + 1} {
		if events, _ := j.after(id); len(events) != 1 {
			t.Errorf("after %d: got %d events, want 1", id, len(events))
		}
	}
	if events, _ := j.after(j.last); len(events) != 0 {
		t.Errorf("after the last: got %d events", len(events))
	}
}

// TestJournalThins: of the many steps of a training an even choice is kept, and the
// latest; of weights and states only the latest.
func TestJournalThins(t *testing.T) {
	j := newJournal()
	j.start(started{ID: 1})
	for n := 1; n <= 10000; n++ {
		j.add(stepEvent, n)
		j.add(weightsEvent, n)
		if n%1000 == 0 {
			j.add(epochEvent, n)
		}
		count, before, gap := 0, 0, 0
		events, _ := j.after(0)
		for i, e := range events {
			if i > 0 && e.id <= events[i-1].id {
				t.Fatalf("after %d steps: id %d after %d", n, e.id, events[i-1].id)
			}
			if e.step == 0 {
				continue
			}
			count++
			if gap == 0 {
				gap = e.step
			}
			if e.step != before+gap && e.step != n {
				t.Fatalf("after %d steps: step %d follows %d, want gaps of %d", n, e.step, before, gap)
			}
			before = e.step
		}
		if before != n || count > maxSteps || count < min(n, maxSteps/2) {
			t.Fatalf("after %d steps: got %d of them, the last %d", n, count, before)
		}
		if want := 1 + count + 1 + n/1000; len(events) != want {
			t.Fatalf("after %d steps: got %d events, want %d", n, len(events), want)
		}
	}
}
