package runs

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"tapenet/cmd/internal/runs/training"
	"tapenet/train"
)

// TestProgressLine: on a terminal there is one line for all runs, no wider than the
// terminal, with the time that is left if all goes on as it did, and, of one training
// at a time, its epoch and the accuracy of the epoch so far.
func TestProgressLine(t *testing.T) { synctest.Test(t, testProgressLine) }

func testProgressLine(t *testing.T) {
	const whole = "1 of 3 runs done · 0:50 left · epoch 3/4 · accuracy 0.9400 · twolayer, batch 1024, lr 0.01, epochs 4, seed 5"
	for _, test := range []struct {
		width, jobs int
		want        string
	}{
		{120, 1, whole}, {109, 1, whole}, {108, 1, whole[:len(whole)-1]}, {61, 1, "1 of 3 runs done · 0:50 left · epoch 3/4 · accuracy 0.9400 ·"},
		{120, 2, "1 of 3 runs done · 0:50 left"}, {21, 2, "1 of 3 runs done · 0"},
	} {
		var w bytes.Buffer
		p := newProgress(&w, []task{{of("twolayer", 200, 4, 5)}, {of("twolayer", 1024, 4, 5)}, {of("twolayer", 1024, 4, 6)}}, 100, test.jobs)
		p.columns = func() int { return test.width }
		p.seen, p.left = 400, p.left-400
		p.end(training.Run{})
		// 4 + 2.5 of 12 epochs took 59 s, so the other 5.5 will take 49.9 s.
		time.Sleep(59 * time.Second)
		step := p.step(of("twolayer", 1024, 4, 5))
		for range 3 { // at the same time, so it is drawn once
			if err := step(train.Progress{Epoch: 3, Train: train.Metrics{Correct: 47, Images: 50}}); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := w.String(), "\r"+test.want+"\x1b[K"; got != want {
			t.Errorf("width %d, %d jobs: got %q, want %q", test.width, test.jobs, got, want)
		}
		w.Reset()
		p.clear()
		if got, want := w.String(), "\r\x1b[K"; got != want {
			t.Errorf("at the end: got %q, want %q", got, want)
		}
	}
}

// TestProgressLines: without a terminal there is a line for each run and nothing
// between. A stop counts no epochs, and a failure leaves fewer.
func TestProgressLines(t *testing.T) { synctest.Test(t, testProgressLines) }

func testProgressLines(t *testing.T) {
	var w bytes.Buffer
	all := task{of("twolayer", 1024, 1, 8), of("twolayer", 1024, 2, 8)}
	p := newProgress(&w, []task{all, {of("onelayer", 200, 5, 8)}}, 100, 1)
	step := p.step(all[1])
	time.Sleep(3 * time.Second)
	for _, images := range []int{50, 100} {
		if err := step(train.Progress{Epoch: 1, Train: train.Metrics{Images: images}}); err != nil {
			t.Fatal(err)
		}
	}
	p.clear()
	r := training.Run{Settings: all[0], Epochs: []training.Epoch{{Seconds: 1.5, Val: training.Metrics{Correct: 5}}}}
	p.end(r)
	p.more(-1)
	r.Settings, r.Failed = all[1], "epoch 2,\nstep 1"
	p.end(r)
	if got, want := w.String(), "run 1/3: twolayer, batch 1024, lr 0.01, epochs 1, seed 8: accuracy 0.2500 in 1.5s, 0:18 left\n"+
		"run 2/3: twolayer, batch 1024, lr 0.01, epochs 2, seed 8: failed in epoch 2,\\nstep 1 in 1.5s, 0:15 left\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestClock(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0:00", 7400 * time.Millisecond: "0:07", 754 * time.Second: "12:34", 3723 * time.Second: "1:02:03"} {
		if got := clock(d); got != want {
			t.Errorf("%v: got %s, want %s", d, got, want)
		}
	}
}
