package fast_test

import (
	"slices"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"tapenet/graph/fast"
)

// run executes the graph once.
func run(t *testing.T, g *G.ExprGraph) {
	t.Helper()
	m := G.NewTapeMachine(g)
	defer m.Close()
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
}

// TestReshapeCopies: a product that is computed in place on a reshaped value leaves the value alone, which the gradient
// needs.
func TestReshapeCopies(t *testing.T) {
	g := G.NewGraph()
	x := input(g, "x", tensor.Shape{2, 2}, []float32{-1, 2, -3, 1})
	y := G.Must(fast.Rectify(x))
	flat := G.Must(fast.Reshape(y, tensor.Shape{4, 1}))
	negative := G.Must(G.HadamardProd(flat, input(g, "factor", tensor.Shape{4, 1}, []float32{-1, -1, -1, -1})))
	grads, err := G.Grad(G.Must(G.Sum(G.Must(G.Square(negative)))), x)
	if err != nil {
		t.Fatal(err)
	}
	run(t, g)
	near(t, "gradient", floats(grads[0].Value()), []float64{0, 4, 0, 2})
}

// TestInputsInAnyOrder: a value that Gorgonia has transposed, or cut out of a larger one, is read as its shape says.
func TestInputsInAnyOrder(t *testing.T) {
	all := tensor.New(tensor.WithShape(4, 3), tensor.WithBacking([]float32{9, 9, 9, 1, 2, 3, 4, 5, 6, 9, 9, 9}))
	rows, err := all.Slice(G.S(1, 3))
	if err != nil {
		t.Fatal(err)
	}
	g := G.NewGraph()
	x := G.NewMatrix(g, G.Float32, G.WithShape(2, 3), G.WithName("x"))
	one := input(g, "one", tensor.Shape{2, 2}, []float32{1, 0, 0, 1})
	turned := G.Must(fast.Mul(G.Must(G.Transpose(x)), one))
	same := G.Must(fast.Mul(one, x))
	var read, readSame G.Value
	G.Read(turned, &read)
	G.Read(same, &readSame)
	if err := G.Let(x, rows); err != nil {
		t.Fatal(err)
	}
	run(t, g)
	if got, want := floats(read), []float32{1, 4, 2, 5, 3, 6}; !slices.Equal(got, want) {
		t.Errorf("transposed: got %v, want %v", got, want)
	}
	if got, want := floats(readSame), []float32{1, 2, 3, 4, 5, 6}; !slices.Equal(got, want) {
		t.Errorf("a slice: got %v, want %v", got, want)
	}
}

// TestValuesStayInRead: what Read has copied is that of the run, though the op has one tensor for all runs, and Gorgonia
// works in place on it.
func TestValuesStayInRead(t *testing.T) {
	g := G.NewGraph()
	x := input(g, "x", tensor.Shape{3}, []float32{1, -2, 3})
	y := G.Must(fast.Rectify(x))
	var before, after G.Value
	G.Read(y, &before)
	G.Read(G.Must(G.Square(G.Must(G.Neg(y)))), &after)
	m := G.NewTapeMachine(g)
	defer m.Close()
	for _, c := range []struct{ x, y, squared []float32 }{
		{[]float32{1, -2, 3}, []float32{1, 0, 3}, []float32{1, 0, 9}},
		{[]float32{-4, 5, 6}, []float32{0, 5, 6}, []float32{0, 25, 36}},
	} {
		copy(floats(x.Value()), c.x)
		if err := m.RunAll(); err != nil {
			t.Fatal(err)
		}
		m.Reset()
		if got := floats(before); !slices.Equal(got, c.y) {
			t.Errorf("got %v, want %v", got, c.y)
		}
		if got := floats(after); !slices.Equal(got, c.squared) {
			t.Errorf("squared: got %v, want %v", got, c.squared)
		}
		if !slices.Equal(floats(x.Value()), c.x) {
			t.Errorf("the input has become %v", x.Value())
		}
	}
}

// TestWrongSize: a value of another size than the node says is an error, not a panic in the machine's own goroutine,
// where nothing can recover it.
func TestWrongSize(t *testing.T) {
	g := G.NewGraph()
	x := input(g, "x", tensor.Shape{3}, []float32{1, 2, 3})
	G.Must(fast.Rectify(x))
	if err := x.Value().(*tensor.Dense).Reshape(3, 1); err != nil {
		t.Fatal(err)
	}
	run(t, g)
	if err := G.UnsafeLet(x, float32(1)); err != nil {
		t.Fatal(err)
	}
	if err := G.NewTapeMachine(g).RunAll(); err == nil {
		t.Error("got no error for one value, want one: the node has three")
	}
}

// TestGradientFollowsItsRun: the gradient of an op that remembers something of its run waits for that run, though the
// gradient of its result is known before.
func TestGradientFollowsItsRun(t *testing.T) {
	for name, apply := range map[string]func(x *G.Node) (*G.Node, error){
		"MaxPool2D": func(x *G.Node) (*G.Node, error) {
			return fast.MaxPool2D(x, tensor.Shape{1, 2}, []int{0, 0}, []int{1, 2})
		},
		"Dropout": func(x *G.Node) (*G.Node, error) { return fast.Dropout(x, 0.5) },
		"CrossEntropy": func(x *G.Node) (*G.Node, error) {
			return fast.CrossEntropy(G.Must(fast.Reshape(x, tensor.Shape{1, 4})), input(x.Graph(), "y", tensor.Shape{1, 4}, []float32{1, 0, 0, 0}))
		},
	} {
		g := G.NewGraph()
		x := input(g, "x", tensor.Shape{1, 1, 1, 4}, []float32{1, 2, 4, 3})
		y := G.Must(apply(x))
		if _, err := G.Grad(G.Must(G.Sum(y)), x); err != nil {
			t.Fatal(err)
		}
		for _, n := range g.AllNodes() {
			if o, ok := n.Op().(interface{ String() string }); !ok || !strings.HasPrefix(o.String(), "∂"+name) {
				continue
			}
			waits := false
			for children := g.From(n.ID()); children.Next(); {
				waits = waits || children.Node().ID() == y.ID()
			}
			if !waits {
				t.Errorf("%v may run before %v", n, y)
			}
		}
	}
}

// TestUnwantedGradient: images that are not learned have no gradient computed; one that is asked for, or read in the
// graph, is.
func TestUnwantedGradient(t *testing.T) {
	for name, want := range map[string]bool{"unwanted": false, "learned": true, "read": true} {
		t.Run(name, func(t *testing.T) {
			g := G.NewGraph()
			x, w := input(g, "x", tensor.Shape{1, 1, 3, 3}, weights(9)), input(g, "w", tensor.Shape{1, 1, 2, 2}, weights(4))
			y := G.Must(fast.Conv2d(x, w, tensor.Shape{2, 2}, nil, []int{1, 1}, nil))
			wrt := G.Nodes{w}
			if name == "learned" {
				wrt = append(wrt, x)
			}
			if _, err := G.Grad(G.Must(G.Sum(y)), wrt...); err != nil {
				t.Fatal(err)
			}
			var dx *G.Node
			for _, n := range g.AllNodes() {
				if n.Shape().Eq(x.Shape()) && n != x {
					dx = n
				}
			}
			if name == "read" {
				G.Must(G.Sum(dx))
			}
			m := G.NewTapeMachine(g)
			if err := m.RunAll(); err != nil {
				t.Fatal(err)
			}
			if got := floats(dx.Value())[4] != 0; got != want {
				t.Errorf("computed: got %t, want %t", got, want)
			}
		})
	}
}
