package train

import (
	"math"
	"testing"

	"tapenet/graph"
)

// TestStateIsFinite: a State with a value that is not finite is an error.
func TestStateIsFinite(t *testing.T) {
	net, err := graph.Sequential{graph.Dense(2), graph.SoftMax}.Build(1)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := New(net, make([]float32, net.NumParams()), Config{})
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string][]float32{"weight": tr.weights, "first moment": tr.adam.m, "second moment": tr.adam.v} {
		for text, bad := range map[string]float64{"NaN": math.NaN(), "+Inf": math.Inf(1), "-Inf": math.Inf(-1)} {
			v[0] = float32(bad)
			if _, err := tr.State(); err == nil || err.Error() != "a "+name+" is "+text {
				t.Errorf("%s %s: got error %v", name, text, err)
			}
			v[0] = 0
		}
	}
	if _, err := tr.State(); err != nil {
		t.Error(err)
	}
}
