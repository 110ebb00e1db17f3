package graph_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"tapenet/graph"
)

// cut returns the values with the upper eight bits of their mantissa: bfloat16.
func cut(v []float32) []float32 {
	s := slices.Clone(v)
	for i := range s {
		s[i] = math.Float32frombits(math.Float32bits(s[i]) &^ 0xffff)
	}
	return s
}

// TestBF16: of images and weights that are bfloat16 the logits are those of float32,
// and so is the gradient but for its factor p − y, which is rounded by at most 2^-8
// of itself. Of other weights the logits differ, by at most 2^-8 of the sum of the
// products' sizes.
func TestBF16(t *testing.T) {
	const images, inputs, units = 20, 300, 7
	net, err := graph.Sequential{graph.Dense(units), graph.SoftMax}.Build(inputs)
	if err != nil {
		t.Fatal(err)
	}
	weights, x := normal(1, net.NumParams()), cut(normal(2, images*inputs))
	run := func(lowering graph.Lowering, weights []float32) (p, grad []float32, err error) {
		packed, err := net.Pack(lowering, weights)
		if err != nil {
			return nil, nil, err
		}
		m, err := net.Compile(lowering, images, packed, graph.Training)
		if err != nil {
			return nil, nil, err
		}
		copy(m.X, x)
		for i := range images {
			m.Y[i*units+i%units] = 1
		}
		g := make([]float32, len(packed))
		if _, err = m.Run(g, false); err != nil {
			return nil, nil, err
		}
		out, err := m.Outputs()
		if err != nil {
			return nil, nil, err
		}
		grad, err = net.Unpack(lowering, g)
		return out, grad, err
	}
	if !graph.BF16() {
		if _, _, err := run(graph.FusedBF16, weights); err == nil || !strings.Contains(err.Error(), "AMX-BF16") {
			t.Errorf("got error %v, want it to name AMX-BF16", err)
		}
		t.Skip("no AMX on this processor and system")
	}
	for name, w := range map[string][]float32{"bfloat16": cut(weights), "float32": weights} {
		p, grad, err := run(graph.FusedBF16, w)
		if err != nil {
			t.Fatal(err)
		}
		wantP, wantGrad, err := run(graph.Fused, w)
		if err != nil {
			t.Fatal(err)
		}
		differ := false
		for i := range wantP {
			// ln p is a logit less the logarithm of a sum, which moves no more than a logit.
			got, want := math.Log(float64(p[i])), math.Log(float64(wantP[i]))
			size := 1e-3
			if name == "float32" {
				size = 0
				for u := range units {
					var sum float64
					for k := range inputs {
						sum += math.Abs(float64(x[i/units*inputs+k]) * float64(w[u*inputs+k]))
					}
					size = max(size, sum)
				}
			}
			differ = differ || math.Abs(got-want) > 1e-4
			if d := math.Abs(got - want); !(d <= 2*size/256) {
				t.Fatalf("%s: ln p of value %d: got %v, want %v ± %v", name, i, got, want, size/128)
			}
		}
		if differ != (name == "float32") {
			t.Errorf("%s: logits differ from float32's: %v", name, differ)
		}
		if name == "float32" {
			continue
		}
		for u := range units {
			for k := range inputs {
				var size float64
				for i := range images {
					dy := float64(wantP[i*units+u])
					if i%units == u {
						dy--
					}
					size += math.Abs(float64(x[i*inputs+k]) * dy)
				}
				at := u*inputs + k
				if d := math.Abs(float64(grad[at]) - float64(wantGrad[at])); !(d <= size/256+1e-5) {
					t.Fatalf("gradient %d: got %v, want %v ± %v", at, grad[at], wantGrad[at], size/256)
				}
			}
		}
	}
}
