package train_test

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"tapenet/graph"
	"tapenet/graph/graphtest"
	"tapenet/models"
	"tapenet/train"
)

// predictImages is one more than two micro-batches of an evaluation.
const predictImages = 201

// TestPredict: a Trainer gives the probabilities of loops in float64, with any
// number of workers, and Evaluate counts the same classes.
func TestPredict(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		if lowering == graph.FusedBF16 {
			t.Skip("its products are rounded: see TestBF16 of package graph")
		}
		data := noise(predictImages, 12)
		net, err := small.Build(1, 12, 12)
		if err != nil {
			t.Fatal(err)
		}
		tr := newTrainer(t, small, 12, train.Config{Lowering: lowering, Batch: 50, Epochs: 1, Workers: 1})
		fit(t, tr, data, train.Data{})
		got, err := tr.Predict(data.Pixels)
		if err != nil {
			t.Fatal(err)
		}

		x := make([]float64, len(data.Pixels))
		for i, v := range data.Pixels {
			x[i] = float64(v) / 255
		}
		want := graphtest.Run(net, float64s(weightsOf(t, tr)), x, make([]int, predictImages)).Outputs
		if len(got) != len(want) {
			t.Fatalf("got %d probabilities, want %d", len(got), len(want))
		}
		for i := range want {
			if math.Abs(float64(got[i])-want[i]) > 1e-5 {
				t.Fatalf("image %d, class %d: got %v, float64 gives %v", i/10, i%10, got[i], want[i])
			}
		}

		classes, err := tr.Classes(data.Pixels)
		if err != nil {
			t.Fatal(err)
		}
		correct, loss := 0, 0.
		for i, label := range data.Labels {
			loss -= math.Log(float64(got[i*10+int(label)]))
			if classes[i] == int(label) {
				correct++
			}
		}
		m, err := tr.Evaluate(data)
		if err != nil {
			t.Fatal(err)
		}
		if correct != m.Correct || math.Abs(loss/predictImages-m.Loss) > 1e-5 {
			t.Errorf("got %d correct, loss %v; Evaluate gives %+v", correct, loss/predictImages, m)
		}

		p, err := train.NewPredictor(net, weightsOf(t, tr), train.Config{Lowering: lowering})
		if err != nil {
			t.Fatal(err)
		}
		if probs, err := p.Predict(data.Pixels); err != nil || !slices.Equal(probs, got) {
			t.Errorf("a Predictor of the trainer's weights gives other bits, error %v", err)
		}
		for workers := 2; workers <= 4; workers++ {
			other := newTrainer(t, small, 12, train.Config{Lowering: lowering, Batch: 50, Epochs: 1, Workers: workers})
			fit(t, other, data, train.Data{})
			probs, err := other.Predict(data.Pixels)
			if err != nil || !slices.Equal(probs, got) {
				t.Errorf("%d workers: other bits than one, error %v", workers, err)
			}
		}
	})
}

// TestPredictLowerings: the lowerings agree on images of MNIST's size.
func TestPredictLowerings(t *testing.T) {
	data := noise(predictImages, 28)
	for _, n := range networks {
		var probs [][]float32
		for _, lowering := range graph.Lowerings() {
			p, err := newTrainer(t, n.layers, 28, train.Config{Lowering: lowering}).Predict(data.Pixels)
			if err != nil {
				t.Fatal(err)
			}
			probs = append(probs, p)
		}
		for i, v := range probs[0] {
			if math.Abs(float64(v-probs[1][i])) > 1e-5 {
				t.Fatalf("%s: image %d, class %d: %s gives %v, %s %v", n.name, i/10, i%10, graph.DefaultLowering, v, graph.Lowerings()[1], probs[1][i])
			}
		}
	}
}

// newPredictor is a Predictor of layers for side x side pixels.
func newPredictor(t testing.TB, layers graph.Sequential, side int, c train.Config) *train.Predictor {
	t.Helper()
	net, err := layers.Build(1, side, side)
	if err != nil {
		t.Fatal(err)
	}
	p, err := train.NewPredictor(net, models.Init(net, 1), c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestImagesDoNotMeet: the bits of an image depend neither on the images of its
// call nor on the calls at the same time, with the kernels of any level.
func TestImagesDoNotMeet(t *testing.T) {
	lists := map[string]graph.Sequential{
		"onelayer": models.OneLayer(10), "twolayer": models.TwoLayer(10),
		"logits": {graph.Conv2d(5, 3), graph.Flatten, graph.Dense(7), graph.Rectify, graph.Dense(10)},
	}
	images := predictImages
	if testing.Short() {
		images = 111
	}
	data := noise(images, 28)
	for i := range data.Pixels { // some images are blank, some have a blank border
		if image, x := i/784, i%28; image%7 == 0 || image%3 == 0 && x < 9 {
			data.Pixels[i] = 0
		}
	}
	atEveryLevel(t, func(t *testing.T) {
		for name, layers := range lists {
			for _, lowering := range graph.Lowerings() {
				sizes := []int{1, 2, 9, 10, 11, 37, 99, 100, 101, images}
				if testing.Short() || lowering == graph.Gorgonia {
					sizes = []int{1, 10, 100} // of the three machines
				}
				if testing.Short() && lowering == graph.Gorgonia {
					continue // slow
				}
				want, err := newPredictor(t, layers, 28, train.Config{Lowering: lowering, Workers: 1}).Predict(data.Pixels)
				if err != nil {
					t.Fatal(err)
				}
				p := newPredictor(t, layers, 28, train.Config{Lowering: lowering, Workers: 3})
				within(t, func() {
					var calls sync.WaitGroup
					for _, n := range sizes {
						calls.Go(func() {
							for from := 0; from < images; from += n {
								to := min(from+n, images)
								got, err := p.Predict(data.Pixels[from*784 : to*784])
								if err != nil || !slices.Equal(got, want[from*10:to*10]) {
									t.Errorf("%s %s: images %d to %d of %d at a time have other bits than all together (error %v)", name, lowering, from, to, n, err)
									return
								}
							}
						})
					}
					calls.Wait()
				})
			}
		}
	})
}

// TestManyGoroutines: 64 goroutines share one Predictor.
func TestManyGoroutines(t *testing.T) {
	data := noise(predictImages, 12)
	p := newPredictor(t, small, 12, train.Config{Workers: 3})
	classes, err := p.Classes(data.Pixels)
	if err != nil {
		t.Fatal(err)
	}
	metrics, err := p.Evaluate(data)
	if err != nil {
		t.Fatal(err)
	}
	within(t, func() {
		var calls sync.WaitGroup
		for i := range 64 {
			calls.Go(func() {
				for j := range 5 {
					n := 1 + (i*7+j*50)%predictImages
					if got, err := p.Classes(data.Pixels[:n*144]); err != nil || !slices.Equal(got, classes[:n]) {
						t.Errorf("%d images: got %v, want %v (error %v)", n, got, classes[:n], err)
					}
					if _, err := p.Predict(nil); err == nil {
						t.Error("no images are no error")
					}
				}
				if got, err := p.Evaluate(data); err != nil || got != metrics {
					t.Errorf("got %+v, want %+v (error %v)", got, metrics, err)
				}
			})
		}
		calls.Wait()
	})
}

// TestClasses: of equal results the first wins.
func TestClasses(t *testing.T) {
	net, err := graph.Sequential{graph.Dense(4)}.Build(2)
	if err != nil {
		t.Fatal(err)
	}
	weights := []float32{
		0, 0,
		1, 0,
		0, 1,
		1, 0,
		-1, 0, 0, 0, // biases
	}
	p, err := train.NewPredictor(net, weights, train.Config{})
	if err != nil {
		t.Fatal(err)
	}
	clear(weights) // the Predictor has a copy
	pixels := []uint8{255, 0, 0, 255, 0, 0, 255, 255}
	logits, err := p.Predict(pixels)
	if want := []float32{-1, 1, 0, 1, -1, 0, 1, 0, -1, 0, 0, 0, -1, 1, 1, 1}; err != nil || !slices.Equal(logits, want) {
		t.Errorf("got %v, want %v (error %v)", logits, want, err)
	}
	classes, err := p.Classes(pixels)
	if want := []int{1, 2, 1, 1}; err != nil || !slices.Equal(classes, want) {
		t.Errorf("got %v, want %v (error %v)", classes, want, err)
	}
	if _, err := p.Evaluate(train.Data{Pixels: pixels, Labels: make([]uint8, 4)}); err == nil || err.Error() != "a loss needs SoftMax as the last layer, got Dense(4)" {
		t.Errorf("Evaluate without SoftMax: got error %v", err)
	}
}

// TestEvaluateIsFinite: a value or loss that is not finite is an error, but not of
// the next call.
func TestEvaluateIsFinite(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		net, err := graph.Sequential{graph.Dense(2), graph.SoftMax}.Build(3)
		if err != nil {
			t.Fatal(err)
		}
		weights := []float32{3e38, 3e38, 0, 0, -3e38, -3e38, 0, 0} // biases last
		p, err := train.NewPredictor(net, weights, train.Config{Lowering: lowering, Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		// The first sum of the second image is +Inf.
		if m, err := p.Evaluate(train.Data{Pixels: []uint8{255, 0, 0, 255, 255, 0}, Labels: []uint8{0, 0}}); !errors.Is(err, graph.ErrNaN) || m != (train.Metrics{}) {
			t.Errorf("infinite values: got %+v, error %v, want ErrNaN", m, err)
		}
		if m, err := p.Evaluate(train.Data{Pixels: []uint8{255, 0, 0}, Labels: []uint8{0}}); err != nil || m != (train.Metrics{Correct: 1, Images: 1}) {
			t.Errorf("the first image alone: got %+v, error %v, want a loss of 0", m, err)
		}
		// The sum of the right class is -Inf.
		if m, err := p.Evaluate(train.Data{Pixels: []uint8{0, 255, 255}, Labels: []uint8{1}}); err == nil || err.Error() != "the loss is +Inf" || m != (train.Metrics{}) {
			t.Errorf("an impossible label: got %+v, error %v, want an infinite loss", m, err)
		}
	})
}

func TestPredictErrors(t *testing.T) {
	p := newPredictor(t, small, 12, train.Config{})
	for pixels, want := range map[int]string{0: "no images", 143: "got 143 pixels, want 144 for each image", 145: "got 145 pixels, want 144 for each image"} {
		if _, err := p.Predict(bytes.Repeat([]byte{1}, pixels)); err == nil || err.Error() != want {
			t.Errorf("%d pixels: got error %v, want %q", pixels, err, want)
		}
		if _, err := p.Classes(bytes.Repeat([]byte{1}, pixels)); err == nil || err.Error() != want {
			t.Errorf("%d pixels: Classes: got error %v, want %q", pixels, err, want)
		}
	}
	if _, err := p.Evaluate(train.Data{Pixels: make([]uint8, 144), Labels: []uint8{10}}); err == nil || err.Error() != "label 1 of 1: got 10, want 0 to 9" {
		t.Errorf("got error %v, want one that names the label", err)
	}

	net, err := small.Build(1, 12, 12)
	if err != nil {
		t.Fatal(err)
	}
	w := models.Init(net, 1)
	if _, err := train.NewPredictor(net, w[1:], train.Config{}); err == nil || !strings.HasPrefix(err.Error(), "weights: got") {
		t.Errorf("too few weights: got error %v", err)
	}
	if _, err := train.NewPredictor(net, w, train.Config{Workers: -1}); err == nil || err.Error() != "workers: got -1, want at least 1" {
		t.Errorf("-1 workers: got error %v", err)
	}
	w[0] = float32(math.NaN())
	if p, err = train.NewPredictor(net, w, train.Config{}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if got, err := p.Predict(noise(120, 12).Pixels); got != nil || !errors.Is(err, graph.ErrNaN) {
			t.Errorf("a weight that is not a number: got %v, error %v, want ErrNaN", got, err)
		}
	}

	image, err := graph.Sequential{graph.Conv2d(4, 3)}.Build(1, 12, 12)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := train.NewPredictor(image, models.Init(image, 1), train.Config{}); err == nil || !strings.HasPrefix(err.Error(), "the network gives 4×10×10 for an image, want one row") {
		t.Errorf("a result that is an image: got error %v", err)
	}
}
