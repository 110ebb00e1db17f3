package train_test

import (
	"testing"
	"time"

	"tapenet/graph"
	"tapenet/train"
)

// TestTimes: every op of the network and every other part has a time, also where
// workers share lanes, and with one worker they fit into the step.
func TestTimes(t *testing.T) {
	net, err := small.Build(1, 12, 12)
	if err != nil {
		t.Fatal(err)
	}
	for _, workers := range []int{1, 2, 3, 4, 9} {
		times := map[string]time.Duration{}
		steps := 0
		tr := newTrainer(t, small, 12, train.Config{Batch: 200, Epochs: 2, Workers: workers, Times: times, OnStep: func(train.Progress) error {
			steps++
			if times[train.TimeStep] == 0 {
				t.Errorf("%d workers: a hook sees no time of step %d", workers, steps)
			}
			return nil
		}})
		start := time.Now()
		fit(t, tr, noise(400, 12), noise(10, 12))
		whole := time.Since(start)

		want := []string{train.TimeImages, train.TimeAdam, train.TimeStep, "softmax1 loss"}
		for _, l := range net.Layers {
			if l.Kind == graph.KindConv2d || l.Kind == graph.KindDense {
				want = append(want, l.Name)
			}
		}
		for _, p := range net.Params {
			want = append(want, "∂ "+p.Name)
		}
		for _, part := range want {
			if _, ok := times[part]; !ok {
				t.Errorf("%d workers: no time of %s in %v", workers, part, times)
			}
		}
		var sum time.Duration
		for _, d := range times {
			sum += d
		}
		sum -= times[train.TimeStep]
		if workers == 1 && sum > times[train.TimeStep] || times[train.TimeStep] > whole {
			t.Errorf("%d workers: parts take %v, steps %v, Fit %v", workers, sum, times[train.TimeStep], whole)
		}
	}
}
