package models

import (
	"math"
	"slices"
	"testing"

	"tapenet/graph"
)

func build(t *testing.T, s graph.Sequential) *graph.Network {
	t.Helper()
	net, err := s.Build(1, 28, 28)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// TestParameters writes the counts of the notebook as the sums they are.
func TestParameters(t *testing.T) {
	tests := []struct {
		name   string
		layers graph.Sequential
		want   int
	}{
		{"OneLayer", OneLayer(10), 16*1*5*5 + 16 + 2304*100 + 100 + 100*10 + 10},
		{"TwoLayer", TwoLayer(10), 16*1*5*5 + 16 + 8*16*2*2 + 8 + 200*100 + 100 + 100*10 + 10},
	}
	for _, test := range tests {
		if got := build(t, test.layers).NumParams(); got != test.want {
			t.Errorf("%s: got %d parameters, want %d", test.name, got, test.want)
		}
	}
}

// TestInitIsGlorotUniform: a normal distribution of the same variance, which
// is what Gorgonia's GlorotU gives in float32, has a kurtosis of 3 and no limit.
func TestInitIsGlorotUniform(t *testing.T) {
	limits := map[string]float64{ // sqrt(6/(fan_in+fan_out)), fans counted by hand
		"conv1.weight":  math.Sqrt(6. / (5*5*1 + 5*5*16)),
		"dense1.weight": math.Sqrt(6. / (2304 + 100)),
		"dense2.weight": math.Sqrt(6. / (100 + 10)),
	}
	net := build(t, OneLayer(10))
	w := Init(net, 7)
	for _, p := range net.Params {
		limit, isWeight := limits[p.Name]
		if !isWeight {
			if slices.ContainsFunc(p.Of(w), func(v float32) bool { return v != 0 }) {
				t.Errorf("%s: want zeros", p.Name)
			}
			continue
		}
		var mean, second, fourth, most float64
		n := float64(p.Size)
		for _, v := range p.Of(w) {
			x := float64(v) / limit
			mean, second, fourth, most = mean+x/n, second+x*x/n, fourth+x*x*x*x/n, max(most, math.Abs(x))
		}
		// Of n uniform values the mean is within 4 standard errors of 0, the
		// largest within 10/n of 1, and the kurtosis is 9/5.
		if math.Abs(mean) > 4/math.Sqrt(3*n) || most > 1 || most < 1-10/n {
			t.Errorf("%s: got mean %.4f and largest %.6f of the limit", p.Name, mean, most)
		}
		if k := fourth / (second * second); math.Abs(k-1.8) > 4/math.Sqrt(n) {
			t.Errorf("%s: got kurtosis %.3f, want 1.8", p.Name, k)
		}
	}
}

func TestInitSeed(t *testing.T) {
	net := build(t, TwoLayer(10))
	if !slices.Equal(Init(net, 3), Init(net, 3)) {
		t.Error("equal seeds gave different weights")
	}
	if slices.Equal(Init(net, 3), Init(net, 4)) {
		t.Error("different seeds gave equal weights")
	}
}
