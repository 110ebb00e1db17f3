package graph

import "github.com/pkg/errors"

// slot is where and how a lowering keeps a parameter.
type slot struct {
	Param
	node Shape // the shape of its node in the graph
	view Shape // PyTorch's tensor, seen with these axes …
	perm []int // … is stored with them in this order
	at   int   // first value in the lowering's vector
}

// lineFloats are the values of a cache line: every parameter starts one.
const lineFloats = 16

// slots are the places of all parameters, and the length of their vector.
func (net *Network) slots(low lowerer) (slots []slot, size int) {
	for _, l := range net.Layers {
		for i, p := range l.Params {
			s := low.slot(l, i)
			s.Param, s.at = p, size
			slots = append(slots, s)
			size += (p.Size + lineFloats - 1) / lineFloats * lineFloats
		}
	}
	return slots, size
}

// of is the parameter's part of a lowering's vector (no copy).
func (s slot) of(v []float32) []float32 { return v[s.at : s.at+s.Size : s.at+s.Size] }

// Pack is a vector of all parameters, or of anything else that goes with them,
// in the layout of a lowering: what Compile and Machine.Run take.
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

// Unpack undoes Pack.
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

func (net *Network) layout(lowering Lowering) ([]slot, int, error) {
	low, err := lowering.lowerer()
	if err != nil {
		return nil, 0, err
	}
	slots, size := net.slots(low)
	return slots, size, nil
}

// permute calls f(i, j) for every value: j is its place in a row-major tensor
// of the given shape, i its place once the axes are stored in the order perm.
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
