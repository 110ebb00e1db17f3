package fit

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/data"
	"tapenet/graph"
	"tapenet/train"
)

// losses is a history with these validation losses.
func losses(loss ...float64) (h train.History) {
	for i, l := range loss {
		h = append(h, train.Epoch{Epoch: i + 1, Steps: 1, Train: train.Metrics{Images: 10}, Val: &train.Metrics{Loss: l, Images: 10}})
	}
	return h
}

// TestBestByLoss: the lowest loss is the best, and of equals the first.
func TestBestByLoss(t *testing.T) {
	for _, test := range []struct {
		loss []float64
		want int
	}{
		{[]float64{5}, 1},
		{[]float64{5, 3, 3, 4}, 2},
		{[]float64{3, 5, 3}, 1},
		{[]float64{5, 4, 0}, 3},
	} {
		if got := best(losses(test.loss...), byLoss).Epoch; got != test.want {
			t.Errorf("losses %v: got epoch %d, want %d", test.loss, got, test.want)
		}
	}
}

// TestEarlyStoppingIsKeras: a training stops after the epoch after which Keras's
// EarlyStopping stopped (testdata/early_stopping.py), and names the same best one,
// wherever it was interrupted before.
func TestEarlyStoppingIsKeras(t *testing.T) {
	file, err := os.ReadFile(filepath.Join("testdata", "early_stopping.json"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Losses   []float64
		Patience int
		MinDelta float64 `json:"min_delta"`
		Ran      int
		Stopped  bool
		Best     int
	}
	if err := json.Unmarshal(file, &rows); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for from := range row.Ran {
			tr := newTiny(t, t.TempDir(), losses(row.Losses[:from]...))
			tr.job.patience, tr.job.minDelta, tr.curves = row.Patience, row.MinDelta, curves{}
			tr.job.history, tr.job.checkpoint, tr.job.saveBest = "", "", ""
			ran := from
			for stop := tr.stopped(); ran < len(row.Losses) && !stop; ran++ {
				err := tr.onEpoch(losses(row.Losses...)[ran])
				if stop = errors.Is(err, errStopped); err != nil && !stop {
					t.Fatal(err)
				}
			}
			if best := improved(tr.history, row.MinDelta).Epoch; ran != row.Ran || tr.stopped() != row.Stopped || best != row.Best {
				t.Errorf("%+v, from epoch %d: ran %d epochs, stopped %v, best %d", row, from+1, ran, tr.stopped(), best)
			}
		}
	}
}

// TestSplit: the numbers of training images are Keras's, int(floor(n*(1.0-f)))
// in Python, and no image is in both parts or in none.
func TestSplit(t *testing.T) {
	sets := func(n int) data.Sets {
		s := data.Sets{Shape: graph.Shape{2}, Test: train.Data{Labels: make([]uint8, 3)}}
		for i := range n {
			s.Train.Pixels = append(s.Train.Pixels, uint8(i), uint8(i))
			s.Train.Labels = append(s.Train.Labels, uint8(i))
		}
		return s
	}
	for _, test := range []struct {
		n    int
		part float64
		want int
	}{{10, 0.1, 9}, {100, 0.29, 71}, {40, 0.25, 30}, {5, 0.5, 2}, {3, 0.4, 1}, {2, 0.5, 1}, {50, 0.02, 49}, {3, 0.01, 2}} {
		training, val, err := split(sets(test.n), test.part)
		if err != nil || training.Len() != test.want || training.Len()+val.Len() != test.n || int(val.Labels[0]) != test.want || len(training.Pixels) != 2*test.want || int(val.Pixels[0]) != test.want || len(val.Pixels) != 2*val.Len() {
			t.Errorf("%d images, %v: got %v and %v, error %v", test.n, test.part, training, val, err)
		}
	}
	for _, test := range []struct {
		n    int
		part float64
		want string
	}{
		{7, 0.999, "-validation 0.999: of 7 training images 0 are to train on and 7 to validate on: want at least 1 of each"},
		{1, 0.5, "of 1 training images 0 are to train on and 1 "},
		{7, 1e-20, "of 7 training images 7 are to train on and 0 "},
	} {
		_, _, err := split(sets(test.n), test.part)
		if err == nil || !strings.Contains(err.Error(), test.want) || command.Status("", new(strings.Builder), err) != command.WrongUsage {
			t.Errorf("%d images, %v: got error %v", test.n, test.part, err)
		}
	}
	if training, val, err := split(sets(5), 0); err != nil || training.Len() != 5 || val.Len() != 3 {
		t.Errorf("without a part: got %d and %d images, error %v", training.Len(), val.Len(), err)
	}
}

// TestRates: the rate of an epoch is the last that began in it or before, and a
// second change in one place takes the place of the first.
func TestRates(t *testing.T) {
	tr := newTiny(t, t.TempDir(), nil)
	tr.job.lr = 0.5
	change := func(epoch, step int, lr float64) {
		tr.job.resumeLR = lr
		tr.changeRate(train.State{Epoch: epoch, Step: step})
	}
	check := func(want ...float64) {
		t.Helper()
		for i, w := range want {
			if got := tr.rate(i + 1); got != w {
				t.Errorf("%v: epoch %d: got %v, want %v", tr.settings.Rates, i+1, got, w)
			}
		}
	}
	change(2, 0, 0.5)
	if check(0.5, 0.5); len(tr.settings.Rates) > 0 {
		t.Errorf("the same rate is a change: %v", tr.settings.Rates)
	}
	change(2, 0, 0.25)
	check(0.5, 0.25, 0.25)
	change(2, 0, 0.125)
	change(4, 3, 1)
	change(4, 3, 0) // without -resume-lr
	if check(0.5, 0.125, 0.125, 1, 1); len(tr.settings.Rates) != 2 {
		t.Errorf("got %v, want two changes", tr.settings.Rates)
	}
}

// TestPatienceInAnEpoch: a training that was interrupted in an epoch finishes it,
// even if -patience, new now, was at its end before.
func TestPatienceInAnEpoch(t *testing.T) {
	for _, step := range []int{0, 7} {
		j, s, _ := tinyCheckpoint(t, t.TempDir())
		s.History[1].Val.Loss = s.History[0].Val.Loss
		s.Step, s.Updates, s.Score = step, 20+step, graph.Score{}
		j.ctx, j.lowering, j.lr, j.resume, j.patience = t.Context(), graph.Gorgonia, 0.1, resumed, 1
		if err := j.writeCheckpoint(s, j.settings()); err != nil {
			t.Fatal(err)
		}
		tr, err := j.newTraining()
		if err != nil {
			t.Fatal(err)
		}
		if tr.over != (step == 0) {
			t.Errorf("after step %d: is over %v", step, tr.over)
		}
	}
}

// TestSaveBestInAnEpoch: the weights of a checkpoint are those of the best epoch
// only as long as the next has not begun.
func TestSaveBestInAnEpoch(t *testing.T) {
	for _, step := range []int{0, 7} {
		dir := t.TempDir()
		j, s, _ := tinyCheckpoint(t, dir) // by loss, its last epoch is the best
		s.Step, s.Updates, s.Score = step, 20+step, graph.Score{}
		j.ctx, j.lowering, j.lr, j.resume = t.Context(), graph.Gorgonia, 0.1, resumed
		j.saveBest, j.saveBestBy = filepath.Join(dir, "best"), byLoss
		if err := j.writeCheckpoint(s, j.settings()); err != nil {
			t.Fatal(err)
		}
		if _, err := j.newTraining(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(j.saveBest); (err == nil) != (step == 0) {
			t.Errorf("after step %d: got written %v", step, err == nil)
		}
	}
}
