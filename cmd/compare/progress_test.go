package main

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"tapenet/cmd/compare/internal/result"
	"tapenet/train"
)

// TestProgressLine: on a terminal there is one line for all runs, no wider than
// the terminal, with the accuracy of the epoch so far and the time that is left if
// all goes on as it did. Where it is too narrow for the seed too, that is left out.
func TestProgressLine(t *testing.T) { synctest.Test(t, testProgressLine) }

func testProgressLine(t *testing.T) {
	for _, test := range []struct {
		width int
		want  string
	}{
		{100, "run 2/3 · TwoLayer, batch 1024 · seed 5 · epoch 3/4 · accuracy 0.9400 · 0:50 left"},
		{82, "run 2/3 · TwoLayer, batch 1024 · seed 5 · epoch 3/4 · accuracy 0.9400 · 0:50 left"},
		{81, "run 2/3 · TwoLayer, batch 1024 · epoch 3/4 · accuracy 0.9400 · 0:50 left"},
		{80, "run 2/3 · TwoLayer, batch 1024 · epoch 3/4 · accuracy 0.9400 · 0:50 left"},
		{32, "run 2/3 · TwoLayer, batch 1024 "},
	} {
		var w bytes.Buffer
		configs := result.Settings{Epochs: 4}.Configs()
		tasks := []task{{Config: configs[1], seed: 5}, {Config: configs[2], seed: 5}, {Config: configs[2], seed: 6}}
		p := newProgress(&w, tasks, 100)
		p.columns = func() int { return test.width }
		p.done(configs[1], result.Run{})
		p.end()
		// 4 + 2.5 of 12 epochs took 59 s, so the other 5.5 will take 49.9 s.
		time.Sleep(59 * time.Second)
		for range 3 { // at the same time, so it is drawn once
			if err := p.step(train.Progress{Epoch: 3, Train: train.Metrics{Correct: 47, Images: 50}}); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := w.String(), "\r"+test.want+"\x1b[K"; got != want {
			t.Errorf("width %d: got %q, want %q", test.width, got, want)
		}
		w.Reset()
		p.clear()
		if got, want := w.String(), "\r\x1b[K"; got != want {
			t.Errorf("at the end: got %q, want %q", got, want)
		}
	}
}

// TestProgressLines: without a terminal there is a line for each run and
// nothing between.
func TestProgressLines(t *testing.T) {
	var w bytes.Buffer
	configs := result.Settings{Epochs: 2}.Configs()
	tasks := []task{{Config: configs[3], stops: configs[2:3], seed: 8}}
	p := newProgress(&w, tasks, 100)
	if err := p.step(train.Progress{Epoch: 1, Train: train.Metrics{Images: 50}}); err != nil {
		t.Fatal(err)
	}
	p.clear()
	configs[2].Epochs = 1
	p.done(configs[2], result.Run{Seed: 8, Epochs: []result.Epoch{{Seconds: 1.5}}, Test: result.Metrics{Accuracy: 0.97}})
	p.done(configs[3], result.Run{Seed: 8, Epochs: []result.Epoch{{Seconds: 1.5}, {Seconds: 1}}, Test: result.Metrics{Accuracy: 0.98}})
	if got, want := w.String(), "run 1/2: TwoLayer, batch 1024, seed 8: 1 epoch in 1.5s, accuracy 0.9700\n"+
		"run 2/2: TwoLayer, batch 1024, seed 8: 2 epochs in 2.5s, accuracy 0.9800\n"; got != want {
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
