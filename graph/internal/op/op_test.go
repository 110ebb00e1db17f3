package op

import (
	"slices"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

func matrix(v ...float32) *tensor.Dense {
	return tensor.New(tensor.WithShape(2, len(v)/2), tensor.WithBacking(v))
}

// TestFloats: the values come in row-major order, whatever the order in memory, and without a copy where that is theirs.
func TestFloats(t *testing.T) {
	turned := matrix(1, 2, 3, 4, 5, 6)
	if err := turned.T(); err != nil {
		t.Fatal(err)
	}
	whole := tensor.New(tensor.WithShape(4, 2), tensor.WithBacking([]float32{1, 2, 3, 4, 5, 6, 7, 8}))
	rows, err := whole.Slice(G.S(1, 3))
	if err != nil {
		t.Fatal(err)
	}
	column, err := whole.Slice(nil, G.S(1))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		v    G.Value
		want []float32
	}{
		"in order":       {matrix(1, 2, 3, 4), []float32{1, 2, 3, 4}},
		"transposed":     {turned, []float32{1, 4, 2, 5, 3, 6}},
		"a slice":        {rows, []float32{3, 4, 5, 6}},
		"a column of it": {column, []float32{2, 4, 6, 8}},
	} {
		got, err := Floats(c.v)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, error %v, want %v", name, got, err, c.want)
		}
	}
	if got, _ := Floats(rows); &got[0] != &whole.Float32s()[2] {
		t.Error("a slice of rows is copied")
	}
}

func TestFloatsErrors(t *testing.T) {
	for want, v := range map[string]G.Value{
		"got a value of *gorgonia.F32": G.NewF32(1),
		"got a tensor of float64":      tensor.New(tensor.WithShape(1, 2), tensor.WithBacking([]float64{1, 2})),
		"one after another":            tensor.New(tensor.WithShape(2, 2), tensor.AsFortran([]float32{1, 2, 3, 4})),
	} {
		if _, err := Floats(v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
}

// TestOp: ops of different names are different nodes; one runs as often as the graph does.
func TestOp(t *testing.T) {
	g := G.NewGraph()
	x := G.NewMatrix(g, G.Float32, G.WithShape(2, 2), G.WithName("x"), G.WithValue(matrix(1, 2, 3, 4)))
	var runs [2]int
	for i, name := range []string{"a", "b"} {
		out, y := Result([]int{2})
		o := Op{Name: name, Ranks: Ranks(G.Nodes{x}), Shape: tensor.Shape{2}, Run: func(in []G.Value) (G.Value, error) {
			v, err := Floats(in[0])
			copy(y, v)
			runs[i]++
			return out, err
		}}
		n, err := G.ApplyOp(&o, x)
		if err != nil {
			t.Fatal(err)
		}
		if !n.Shape().Eq(tensor.Shape{2}) || n.Dtype() != G.Float32 {
			t.Errorf("got a node of %v, shape %v", n.Dtype(), n.Shape())
		}
	}
	m := G.NewTapeMachine(g)
	for range 3 {
		if err := m.RunAll(); err != nil {
			t.Fatal(err)
		}
		m.Reset()
	}
	if runs != [2]int{3, 3} {
		t.Errorf("got %v runs, want 3 of each", runs)
	}
}
