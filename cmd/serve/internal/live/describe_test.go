package live

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestScale: the scale is the value that all but 0.5 % keep below, up to 1/64 more.
func TestScale(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, size := range []float64{1e-5, 1, 300} {
		var m magnitudes
		var sorted []float64
		for range 3 {
			values := make([]float32, 1000)
			for i := range values {
				values[i] = float32(size * rng.NormFloat64())
				sorted = append(sorted, math.Abs(float64(values[i])))
			}
			m.add(values)
		}
		slices.Sort(sorted)
		want := sorted[len(sorted)-1-len(sorted)/200] // 15 of 3,000 are larger
		if got := float64(m.scale()); got < want || got > want*(1+1./64)+1e-12 {
			t.Errorf("values of about %v: got %v, want %v to 1/64 more", size, got, want)
		}
	}
	for _, c := range []struct {
		value float32
		want  float32
	}{{0, 1e-6}, {float32(math.Copysign(0, -1)), 1e-6}, {float32(math.Inf(-1)), math.MaxFloat32}, {math.MaxFloat32, math.MaxFloat32}} {
		var m magnitudes
		m.add([]float32{c.value})
		if got := m.scale(); got != c.want {
			t.Errorf("%v: got %v, want %v", c.value, got, c.want)
		}
	}
}

// TestDescription: what the server says of the first network of the notebook.
func TestDescription(t *testing.T) {
	_, h := server(t)
	d := describe(t, h, "onelayer")
	if want := 784 + 2*9216 + 3*2304 + 2*100 + 2*10; d.Blocks.Values != want {
		t.Errorf("got %d values, want %d", d.Blocks.Values, want)
	}
	if want := 784 + 2*9216 + 2*2304 + 2*100 + 10 + 16*25 + 16 + 100 + 10*100 + 10; d.Blocks.Grads != want {
		t.Errorf("got %d gradients, want %d", d.Blocks.Grads, want)
	}
	if d.Blocks.Heavy != 2304*100 || d.Blocks.Weights != 231926 || d.Params != 231926 || d.Blocks.Tape != 3*len(d.Tape) {
		t.Errorf("got blocks %+v", d.Blocks)
	}
	var ops []string
	for _, o := range d.Ops {
		ops = append(ops, o.Name+": "+o.Title)
	}
	if want := []string{"conv1: Conv2d + Rectify + MaxPool2D", "dense1: Dense + Rectify", "dense2: Dense", "softmax1: SoftMax"}; !slices.Equal(ops, want) {
		t.Errorf("got ops %q", ops)
	}
	var stored []string
	for _, l := range d.Layers {
		if l.Stored {
			stored = append(stored, l.Name)
		}
	}
	if want := []string{"pool1", "flatten1", "relu2", "dense2", "softmax1"}; !slices.Equal(stored, want) {
		t.Errorf("got %q stored, want %q", stored, want)
	}
	for _, v := range d.Values {
		if v.Name == "x" && v.Scale != 1 || v.Scale < 0.5 || v.Scale > 50 {
			t.Errorf("%s has scale %v", v.Name, v.Scale)
		}
	}
	for i, instruction := range d.Tape {
		for _, read := range instruction.Reads {
			if read >= i || d.Tape[read].Last < i {
				t.Errorf("instruction %d reads %d, whose last reader is %d", i, read, d.Tape[read].Last)
			}
		}
	}
}
