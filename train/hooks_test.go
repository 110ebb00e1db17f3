package train_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tapenet/graph"
	"tapenet/graph/graphtest"
	"tapenet/train"
)

// within fails the test if f does not return in five minutes, far more than it takes even on a processor that is emulated.
func within(t *testing.T, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Minute):
		t.Fatal("still waiting after five minutes")
	}
}

// TestHooksUseTheTrainer: hooks may run the network and read its state, which
// changes no bit of the training. They may not train it or replace its state.
func TestHooksUseTheTrainer(t *testing.T) {
	data, val := noise(64, 12), noise(201, 12)
	c := train.Config{Batch: 32, Epochs: 2, Workers: 4, LearningRate: 0.01}
	plain := newTrainer(t, small, 12, c)
	want := fit(t, plain, data, val)

	var tr *train.Trainer
	calls, accuracy := 0, 0.
	use := func() error {
		calls++
		m, err := tr.Evaluate(val)
		if err != nil {
			return err
		}
		accuracy = m.Accuracy()
		if _, err := tr.Predict(val.Pixels); err != nil {
			return err
		}
		if _, err := tr.Weights(); err != nil {
			return err
		}
		s, err := tr.State()
		if err != nil {
			return err
		}
		if _, err := tr.Fit(t.Context(), data, val); err == nil || !strings.HasPrefix(err.Error(), "Fit is under way") {
			t.Errorf("Fit in a hook: got error %v", err)
		}
		if err := tr.Restore(s); err == nil || !strings.HasPrefix(err.Error(), "Fit is under way") {
			t.Errorf("Restore in a hook: got error %v", err)
		}
		return nil
	}
	c.OnStep = func(train.Progress) error { return use() }
	c.OnEpoch = func(e train.Epoch) error {
		if err := use(); err != nil {
			return err
		}
		if accuracy != e.Val.Accuracy() {
			t.Errorf("epoch %d: Evaluate gives an accuracy of %v, the validation %v", e.Epoch, accuracy, e.Val.Accuracy())
		}
		return nil
	}
	tr = newTrainer(t, small, 12, c)
	within(t, func() {
		got, err := tr.Fit(t.Context(), data, val)
		if err != nil {
			t.Error(err)
			return
		}
		for i := range got {
			if got[i].Train != want[i].Train || *got[i].Val != *want[i].Val {
				t.Errorf("epoch %d: got %+v %+v, want %+v %+v", i+1, got[i].Train, got[i].Val, want[i].Train, want[i].Val)
			}
		}
	})
	if calls != 6 || !slices.Equal(weightsOf(t, tr), weightsOf(t, plain)) {
		t.Errorf("after %d calls of the hooks the weights are others", calls)
	}
	if h := fit(t, tr, data, val); len(h) != 2 { // it is free again
		t.Errorf("a second Fit gives %d epochs", len(h))
	}
}

// TestGoroutinesTakeTurns: other goroutines may use the network while it is
// trained.
func TestGoroutinesTakeTurns(t *testing.T) {
	data := noise(64, 12)
	plain := newTrainer(t, small, 12, train.Config{Batch: 8, Epochs: 3, Workers: 2})
	fit(t, plain, data, data)
	started, stop := make(chan struct{}), make(chan struct{})
	var once sync.Once
	tr := newTrainer(t, small, 12, train.Config{Batch: 8, Epochs: 3, Workers: 2, OnStep: func(train.Progress) error {
		once.Do(func() { close(started) })
		return nil
	}})
	within(t, func() {
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				<-started
				for {
					select {
					case <-stop:
						return
					default:
					}
					_, evaluated := tr.Evaluate(data)
					_, predicted := tr.Predict(data.Pixels)
					_, state := tr.State()
					if err := errors.Join(evaluated, predicted, state); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		fit(t, tr, data, data)
		close(stop)
		wg.Wait()
	})
	if !slices.Equal(weightsOf(t, tr), weightsOf(t, plain)) {
		t.Error("the weights are others than without company")
	}
}

// TestOrderOfImages: each epoch has all images, in an order of its own. While
// nothing is learned, the losses of single images tell them apart.
func TestOrderOfImages(t *testing.T) {
	const n = 30
	data := noise(n, 12)
	losses := func(keep bool) (epochs [3][]float64) {
		before := 0.
		tr := newTrainer(t, small, 12, train.Config{Batch: 1, Epochs: 3, LearningRate: 1e-30, KeepOrder: keep, OnStep: func(p train.Progress) error {
			if p.Step == 1 {
				before = 0
			}
			sum := p.Train.Loss * float64(p.Train.Images)
			// Rounded, because the sums that it is taken from differ.
			epochs[p.Epoch-1] = append(epochs[p.Epoch-1], float64(int(1e6*(sum-before)+0.5)))
			before = sum
			return nil
		}})
		fit(t, tr, data, train.Data{})
		return epochs
	}
	inFile := losses(true)
	if !slices.Equal(inFile[0], inFile[1]) || !slices.Equal(inFile[0], inFile[2]) {
		t.Error("KeepOrder: epochs differ in their order")
	}
	all := slices.Sorted(slices.Values(inFile[0]))
	shuffled := losses(false)
	for i, a := range shuffled {
		if !slices.Equal(slices.Sorted(slices.Values(a)), all) {
			t.Errorf("epoch %d does not have every image once", i+1)
		}
		for j, b := range append(shuffled[:i:i], inFile[0]) {
			if slices.Equal(a, b) {
				t.Errorf("epoch %d has the order of another one (%d)", i+1, j)
			}
		}
	}
}

// TestSecondFitGoesOn: Fit after Fit has the order of images of one Fit with as
// many epochs, and numbers its own from 1. An epoch that was cut short counts, one
// that was never begun does not.
func TestSecondFitGoesOn(t *testing.T) {
	data := noise(40, 12)
	c := train.Config{Batch: 8, Epochs: 4, LearningRate: 0.01}
	whole := newTrainer(t, small, 12, c)
	want := fit(t, whole, data, data)

	c.Epochs = 2
	halves := newTrainer(t, small, 12, c)
	got := append(fit(t, halves, data, data), fit(t, halves, data, data)...)
	for i, e := range got {
		if e.Epoch != 1+i%2 || e.Train != want[i].Train || *e.Val != *want[i].Val {
			t.Errorf("epoch %d of four: got %v, want %v", i+1, e, want[i])
		}
	}
	if !slices.Equal(weightsOf(t, halves), weightsOf(t, whole)) {
		t.Error("two epochs and two more differ from four")
	}

	// While nothing is learned, the loss of an epoch's first step shows its order.
	c = train.Config{Batch: 8, Epochs: 4, LearningRate: 1e-30}
	var losses []float64
	stop := 0 // the number of steps, if not 0
	c.OnStep = func(p train.Progress) error {
		if p.Step == 1 {
			losses = append(losses, p.Train.Loss)
		}
		if stop--; stop == 0 {
			return errStop
		}
		return nil
	}
	fit(t, newTrainer(t, small, 12, c), data, train.Data{})
	first := losses // of each of four epochs
	for after, begun := range map[int]int{1: 1, 5: 1, 6: 2, 13: 3} {
		losses, stop = nil, after
		tr := newTrainer(t, small, 12, c)
		if _, err := tr.Fit(t.Context(), data, train.Data{}); !errors.Is(err, errStop) {
			t.Fatal(err)
		}
		losses, stop = nil, 1
		if _, err := tr.Fit(t.Context(), data, train.Data{}); !errors.Is(err, errStop) {
			t.Fatal(err)
		}
		if losses[0] != first[begun] {
			t.Errorf("after a Fit of %d steps: the first loss is %v, want %v as in epoch %d", after, losses[0], first[begun], begun+1)
		}
	}
}

// TestLargestBatch: a batch of more images than there are is one step with all.
func TestLargestBatch(t *testing.T) {
	data := noise(40, 12)
	var want []float32
	for _, batch := range []int{512, 1 << 20, math.MaxInt32, math.MaxInt / 2, math.MaxInt - 63, math.MaxInt} {
		tr := newTrainer(t, small, 12, train.Config{Batch: batch, Epochs: 2})
		for _, e := range fit(t, tr, data, train.Data{}) {
			if e.Steps != 1 || e.Train.Images != 40 {
				t.Errorf("batch %d: got %d steps, %d images", batch, e.Steps, e.Train.Images)
			}
		}
		if want == nil {
			want = weightsOf(t, tr)
		}
		if !slices.Equal(weightsOf(t, tr), want) {
			t.Errorf("batch %d: other weights than with 512", batch)
		}
	}
}

// TestGradientNorm: after a step of several lanes and after a smaller last one, the
// norm is that of the float64 reference's gradient at the weights before the step.
func TestGradientNorm(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		if lowering == graph.FusedBF16 {
			t.Skip("its products are rounded: see TestBF16 of package graph")
		}
		const batch = 37
		data := noise(50, 12)
		var tr *train.Trainer
		var before, norms []float64
		tr = newTrainer(t, small, 12, train.Config{Batch: batch, KeepOrder: true, Lowering: lowering, OnStep: func(p train.Progress) error {
			images := min(p.Step*batch, data.Len()) - (p.Step-1)*batch
			x, classes := make([]float64, images*12*12), make([]int, images)
			for i := range x {
				x[i] = float64(data.Pixels[(p.Step-1)*batch*12*12+i]) / 255
			}
			for i := range classes {
				classes[i] = int(data.Labels[(p.Step-1)*batch+i])
			}
			net, err := small.Build(1, 12, 12)
			if err != nil {
				return err
			}
			squares := 0.
			for _, g := range graphtest.Run(net, before, x, classes).Grad {
				squares += g / float64(images) * g / float64(images)
			}
			norms = append(norms, math.Sqrt(squares))
			if got, want := tr.GradientNorm(), norms[p.Step-1]; math.Abs(got-want) > 1e-4*want {
				t.Errorf("step %d: got %v, want %v", p.Step, got, want)
			}
			before = float64s(weightsOf(t, tr))
			return nil
		}})
		before = float64s(weightsOf(t, tr))
		if got := tr.GradientNorm(); got != 0 {
			t.Errorf("before the first step: got %v, want 0", got)
		}
		fit(t, tr, data, train.Data{})
		if len(norms) != 2 {
			t.Errorf("got %d steps, want 2", len(norms))
		}
		state, err := tr.State()
		if err != nil {
			t.Fatal(err)
		}
		if err := tr.Restore(state); err != nil {
			t.Fatal(err)
		}
		if got := tr.GradientNorm(); got != 0 {
			t.Errorf("after Restore: got %v, want 0", got)
		}
	})
}

func float64s(v []float32) []float64 {
	wide := make([]float64, len(v))
	for i, x := range v {
		wide[i] = float64(x)
	}
	return wide
}
