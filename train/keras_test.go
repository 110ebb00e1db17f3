package train_test

import (
	"compress/gzip"
	"context"
	"encoding/binary"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nlpodyssey/safetensors"

	"tapenet/graph"
	"tapenet/models"
	"tapenet/train"
)

// The tests of this file compare the lowerings and the trainer with real Keras.
// testdata/keras/record.py recorded the fixtures.

var networks = []struct {
	name   string
	layers graph.Sequential
}{
	{"onelayer", models.OneLayer(10)},
	{"twolayer", models.TwoLayer(10)},
}

// fixture is one recorded file of tensors.
type fixture struct {
	t *testing.T
	safetensors.SafeTensors
}

func readFixture(t *testing.T, name string) fixture {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "keras", name+".safetensors.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	s, err := safetensors.Deserialize(data)
	if err != nil {
		t.Fatal(err)
	}
	return fixture{t, s}
}

// floats returns the values of a float32 tensor.
func (f fixture) floats(name string) []float32 {
	f.t.Helper()
	v, ok := f.Tensor(name)
	if !ok || v.DType() != safetensors.F32 {
		f.t.Fatalf("fixture has no float32 tensor %s", name)
	}
	out := make([]float32, len(v.Data())/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(v.Data()[4*i:]))
	}
	return out
}

// data returns the images and labels recorded under a name.
func (f fixture) data(name string) train.Data {
	f.t.Helper()
	images, ok := f.Tensor(name + "/images")
	labels, ok2 := f.Tensor(name + "/labels")
	if !ok || !ok2 {
		f.t.Fatalf("fixture has no data %s", name)
	}
	return train.Data{Pixels: images.Data(), Labels: labels.Data()}
}

// vector returns the parameters recorded under a prefix, as one vector.
func (f fixture) vector(net *graph.Network, prefix string) []float32 {
	f.t.Helper()
	v := make([]float32, net.NumParams())
	for _, p := range net.Params {
		copy(p.Of(v), f.floats(prefix+p.Name))
	}
	return v
}

// pair returns a parameter's values in v, and those that Keras recorded under a
// prefix. Of some tensors only every fourth row is recorded; got then has the same
// rows.
func (f fixture) pair(v []float32, p graph.Param, prefix string) (got, want []float32) {
	f.t.Helper()
	got = p.Of(v)
	every4 := prefix + p.Name + "[::4]"
	if _, ok := f.Tensor(every4); !ok {
		return got, f.floats(prefix + p.Name)
	}
	var rows []float32
	cols := p.Size / p.Shape[0]
	for r := 0; r < p.Shape[0]; r += 4 {
		rows = append(rows, got[r*cols:(r+1)*cols]...)
	}
	return rows, f.floats(every4)
}

// apart returns the largest and the root mean square of |got-want|, and the largest
// |want|.
func apart(t *testing.T, got, want []float32) (most, rms, top float64) {
	t.Helper()
	if len(got) != len(want) || len(got) == 0 {
		t.Fatalf("got %d values, want %d", len(got), len(want))
	}
	for i, w := range want {
		d := math.Abs(float64(got[i]) - float64(w))
		if math.IsNaN(d) {
			return math.Inf(1), math.Inf(1), 0
		}
		most, top, rms = max(most, d), max(top, math.Abs(float64(w))), rms+d*d
	}
	return most, math.Sqrt(rms / float64(len(want))), top
}

func TestKerasGradients(t *testing.T) {
	batch := readFixture(t, "mnist").data("batch")
	for _, n := range networks {
		f := readFixture(t, n.name)
		net, err := n.layers.Build(1, 28, 28)
		if err != nil {
			t.Fatal(err)
		}
		for _, lowering := range graph.Lowerings() {
			for _, prefix := range []string{"", "biased/"} {
				t.Run(n.name+" "+string(lowering)+" "+prefix, func(t *testing.T) {
					weights := f.vector(net, "init/")
					if prefix != "" {
						for _, p := range net.Params {
							if p.FanIn == 0 {
								copy(p.Of(weights), f.floats("biased/init/"+p.Name))
							}
						}
					}
					checkGradients(t, f, net, lowering, prefix, weights, batch)
				})
			}
		}
	}
}

// checkGradients compares loss, probabilities and gradients of one batch.
// Keras's own float32 results are up to 4e-8 (loss, relative; probabilities),
// 1.9e-6 (gradients of convolutions, of the largest) and 4e-7 (dense ones) away from
// float64. Ours may be further away on the other side, because they sum 2,304
// products in another order.
func checkGradients(t *testing.T, f fixture, net *graph.Network, lowering graph.Lowering, prefix string, weights []float32, batch train.Data) {
	const tolLoss, tolProb, tolConv, tolDense = 2e-7, 2e-7, 4e-6, 2e-6
	packed, err := net.Pack(lowering, weights)
	if err != nil {
		t.Fatal(err)
	}
	m, err := net.Compile(lowering, batch.Len(), packed, graph.Training)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range batch.Pixels {
		m.X[i] = float32(v) / 255
	}
	for i, label := range batch.Labels {
		m.Y[i*10+int(label)] = 1
	}
	grad := make([]float32, len(packed))
	score, err := m.Run(grad, false)
	if err != nil {
		t.Fatal(err)
	}
	images := float32(batch.Len())
	want := float64(f.floats(prefix + "loss")[0])
	if got := score.Loss / float64(images); math.Abs(got-want) > tolLoss*want {
		t.Errorf("loss: got %.9g, Keras %.9g", got, want)
	}
	probs, err := m.Outputs()
	if err != nil {
		t.Fatal(err)
	}
	if d, _, _ := apart(t, probs, f.floats(prefix+"probabilities")); d > tolProb {
		t.Errorf("probabilities: off by %.2g", d)
	}
	if grad, err = net.Unpack(lowering, grad); err != nil {
		t.Fatal(err)
	}
	for i := range grad {
		grad[i] /= images
	}
	for _, p := range net.Params {
		got, want := f.pair(grad, p, prefix+"grad/")
		tol := tolDense
		if strings.HasPrefix(p.Name, "conv") {
			tol = tolConv
		}
		d, _, top := apart(t, got, want)
		if d > tol*top {
			t.Errorf("gradient of %s: off by %.2g of the largest", p.Name, d/top)
		}
		for i, w := range want {
			if (w == 0) != (got[i] == 0) {
				t.Fatalf("gradient %d of %s: got %g, Keras %g: zeros must agree", i, p.Name, got[i], w)
			}
		}
	}
}

// TestKerasAdam compares the weights after one, two and three steps. Adam divides
// the rounding error of a gradient by its size, so small gradients have large ones:
// single weights of Keras are up to 6e-7 away from float64, the root mean square is
// 6e-9.
func TestKerasAdam(t *testing.T) {
	const tolMax, tolRMS = 2e-6, 2e-8
	batch := readFixture(t, "mnist").data("batch")
	for _, n := range networks {
		for _, lowering := range graph.Lowerings() {
			t.Run(n.name+" "+string(lowering), func(t *testing.T) {
				f := readFixture(t, n.name)
				net, err := n.layers.Build(1, 28, 28)
				if err != nil {
					t.Fatal(err)
				}
				tr, err := train.New(net, f.vector(net, "init/"), train.Config{Lowering: lowering, Batch: batch.Len(), Epochs: 1, KeepOrder: true})
				if err != nil {
					t.Fatal(err)
				}
				for _, prefix := range []string{"step1/", "step2/", "step3/"} {
					if _, err := tr.Fit(context.Background(), batch, train.Data{}); err != nil {
						t.Fatal(err)
					}
					weights, err := tr.Weights()
					if err != nil {
						t.Fatal(err)
					}
					for _, p := range net.Params {
						got, want := f.pair(weights, p, prefix)
						if d, rms, _ := apart(t, got, want); d > tolMax || rms > tolRMS {
							t.Errorf("%s%s: off by at most %.2g, root mean square %.2g", prefix, p.Name, d, rms)
						}
					}
				}
			})
		}
	}
}

// TestKerasFit compares the metrics of three epochs of 1,000 images in batches
// of 300 and one of 100. A float64 computation is up to 5e-7 away from Keras.
func TestKerasFit(t *testing.T) {
	const tol = 2e-6
	mnist := readFixture(t, "mnist")
	data, val := mnist.data("fit"), mnist.data("val")
	for _, n := range networks {
		for _, lowering := range graph.Lowerings() {
			t.Run(n.name+" "+string(lowering), func(t *testing.T) {
				if testing.Short() && lowering == graph.Gorgonia {
					t.Skip("slow")
				}
				f := readFixture(t, n.name)
				net, err := n.layers.Build(1, 28, 28)
				if err != nil {
					t.Fatal(err)
				}
				tr, err := train.New(net, f.vector(net, "init/"), train.Config{Lowering: lowering, Batch: 300, Epochs: 3, KeepOrder: true})
				if err != nil {
					t.Fatal(err)
				}
				h, err := tr.Fit(context.Background(), data, val)
				if err != nil {
					t.Fatal(err)
				}
				if len(h) != 3 {
					t.Fatalf("got %d epochs, want 3", len(h))
				}
				for e, got := range h {
					for _, m := range []struct {
						name string
						got  float64
					}{
						{"loss", got.Train.Loss}, {"val_loss", got.Val.Loss},
						{"accuracy", got.Train.Accuracy()}, {"val_accuracy", got.Val.Accuracy()},
					} {
						if want := float64(f.floats("fit/" + m.name)[e]); math.Abs(m.got-want) > tol {
							t.Errorf("epoch %d: %s: got %.8g, Keras %.8g", e+1, m.name, m.got, want)
						}
					}
				}
			})
		}
	}
}
