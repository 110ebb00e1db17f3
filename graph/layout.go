package graph

import (
	"github.com/pkg/errors"

	"tapenet/graph/internal/kernel"
)

// slot says where and how a lowering keeps a parameter. It looks at PyTorch's
// tensor as one with the axes of view, and stores it with these axes in the order
// perm, the last one fastest. A dense weight (M, D) of shape (2, 3), stored as
// (D, M):
//
//	view (2, 3)  0 1 2   perm (1, 0)  0 3
//	             3 4 5                1 4   in memory 0 3 1 4 2 5
//	                                  2 5
//
// The inputs D of a dense weight may be the values of an image. View (M, C, H, W)
// and perm (2, 3, 1, 0) then store (H, W, C, M): the order of an image whose
// channels come last.
type slot struct {
	Param
	node Shape // the shape of its node in the graph
	view Shape
	perm []int
	at   int // first value in the lowering's vector
}

// LineFloats is how many values a cache line has: every parameter starts one.
const LineFloats = kernel.LineFloats

// slots are the places of all parameters, and the length of their vector.
func (net *Network) slots(low lowerer) (slots []slot, size int) {
	for _, l := range net.Layers {
		for i, p := range l.Params {
			s := low.slot(l, i)
			s.Param, s.at = p, size
			slots = append(slots, s)
			size += (p.Size + LineFloats - 1) / LineFloats * LineFloats
		}
	}
	return slots, size
}

// of is the parameter's part of a lowering's vector (no copy).
func (s slot) of(v []float32) []float32 { return v[s.at : s.at+s.Size : s.at+s.Size] }

func (net *Network) layout(lowering Lowering) ([]slot, int, error) {
	low, err := lowering.lowerer()
	if err != nil {
		return nil, 0, err
	}
	slots, size := net.slots(low)
	return slots, size, nil
}

// Pack copies a vector with a value for each parameter, in the order of Params,
// to the layout of a lowering: the one that Compile and Machine.Run take. Another
// number of values is an error. Compile cannot tell the layouts of two lowerings
// apart, so give it the same lowering.
func (net *Network) Pack(lowering Lowering, v []float32) ([]float32, error) {
	slots, size, err := net.layout(lowering)
	if err != nil {
		return nil, err
	}
	if len(v) != net.NumParams() {
		return nil, errors.Errorf("got %d values, want one for each of %d parameters", len(v), net.NumParams())
	}
	packed := Aligned(size)
	for _, s := range slots {
		dst, src := s.of(packed), s.Of(v)
		permute(s.view, s.perm, func(i, j int) { dst[i] = src[j] })
	}
	return packed, nil
}

// Unpack undoes Pack: it copies a vector in the layout of a lowering to one with
// a value for each parameter.
func (net *Network) Unpack(lowering Lowering, packed []float32) ([]float32, error) {
	slots, size, err := net.layout(lowering)
	if err != nil {
		return nil, err
	}
	if len(packed) != size {
		return nil, errors.Errorf("got %d values, want %d", len(packed), size)
	}
	v := make([]float32, net.NumParams())
	for _, s := range slots {
		dst, src := s.Of(v), s.of(packed)
		permute(s.view, s.perm, func(i, j int) { dst[j] = src[i] })
	}
	return v, nil
}

// permute calls f(i, j) for every value of a tensor of the given shape: j is its
// place in row-major order, i its place once the axes are stored in the order
// perm.
func permute(shape Shape, perm []int, f func(i, j int)) {
	stride := make([]int, len(shape))
	n := 1
	for a := len(shape) - 1; a >= 0; a-- {
		stride[a] = n
		n *= shape[a]
	}
	index := make([]int, len(perm))
	j := 0
	for i := range n {
		f(i, j)
		for a := len(perm) - 1; a >= 0; a-- {
			index[a]++
			j += stride[perm[a]]
			if index[a] < shape[perm[a]] {
				break
			}
			j -= index[a] * stride[perm[a]]
			index[a] = 0
		}
	}
}
