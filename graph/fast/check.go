package fast

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"tapenet/graph/internal/kernel"
)

// describe returns the name of an op and the shapes of its inputs, for errors.
func describe(name string, in ...*G.Node) string {
	var shapes []string
	for _, n := range in {
		shapes = append(shapes, fmt.Sprint(n.Shape()))
	}
	return fmt.Sprintf("%s of %s", name, strings.Join(shapes, " and "))
}

// there returns an error unless all nodes are there and say how many values they have, which is not none.
func there(name string, in ...*G.Node) error {
	for i, n := range in {
		if n == nil {
			return errors.Errorf("%s: input %d is nil, want a node", name, i)
		}
		if n.Dims() > 0 && n.Shape().Dims() == 0 {
			return errors.Errorf("%s: input %d, %v, has no shape, want one made with gorgonia.WithShape", name, i, n)
		}
	}
	for i, n := range in {
		if n.Dims() > 0 && slices.Min(n.Shape()) < 1 {
			return errors.Errorf("%s: input %d has no values, want at least 1 along each axis", describe(name, in...), i)
		}
	}
	return nil
}

// isFloat32 reports whether all nodes hold float32.
func isFloat32(in ...*G.Node) bool {
	for _, n := range in {
		if n.Dtype() != tensor.Float32 {
			return false
		}
	}
	return true
}

// float32Only returns an error unless all nodes are there and hold float32.
func float32Only(name string, in ...*G.Node) error {
	if err := there(name, in...); err != nil {
		return err
	}
	for _, n := range in {
		if n.Dtype() != tensor.Float32 {
			return errors.Errorf("%s: got %v, want float32", describe(name, in...), n.Dtype())
		}
	}
	return nil
}

// pair returns two numbers, at least least each, as rows and columns. Nil stands for otherwise twice; an otherwise
// below least says that nil is no pair.
func pair(what string, v []int, least, otherwise int) (kernel.Pair, error) {
	if v == nil && otherwise >= least {
		return kernel.Pair{Rows: otherwise, Cols: otherwise}, nil
	}
	if len(v) != 2 || min(v[0], v[1]) < least {
		return kernel.Pair{}, errors.Errorf("%s: got %v, want two numbers of at least %d", what, v, least)
	}
	return kernel.Pair{Rows: v[0], Cols: v[1]}, nil
}
