package models

import (
	"encoding/binary"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/nlpodyssey/safetensors"
	"github.com/pkg/errors"

	"tapenet/graph"
)

// Save writes the vector of all parameters of net in the safetensors format:
// F32, one tensor a parameter, in PyTorch's names and layout, so that PyTorch's
// load_state_dict takes it.
func Save(w io.Writer, net *graph.Network, weights []float32) error {
	if len(weights) != net.NumParams() {
		return errors.Errorf("got %d values, want one for each of %d parameters", len(weights), net.NumParams())
	}
	tensors := map[string]safetensors.TensorView{}
	for _, p := range net.Params {
		var data []byte
		for _, v := range p.Of(weights) {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
		}
		t, err := safetensors.NewTensorView(safetensors.F32, dims(p.Shape), data)
		if err != nil {
			return errors.Wrap(err, p.Name)
		}
		tensors[p.Name] = t
	}
	meta := map[string]string{"format": "pt"} // PyTorch's mark, which transformers insists on
	return errors.Wrap(safetensors.SerializeToWriter(tensors, meta, w), "safetensors")
}

// maxOverhead is what a weight file may have beyond the parameters themselves:
// its header, or foreign tensors that an error should be able to name.
const maxOverhead = 64 << 20

// Load reads a vector of all parameters of net from the safetensors format, as
// Save or PyTorch writes it. A missing or extra tensor, another shape or type
// than F32, or a value that is not finite is an error that names it.
func Load(r io.Reader, net *graph.Network) ([]float32, error) {
	limit := int64(4*net.NumParams() + maxOverhead)
	file, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, errors.WithStack(err)
	}
	if int64(len(file)) > limit {
		return nil, errors.Errorf("more than %d bytes, but %d parameters take %d", limit, net.NumParams(), 4*net.NumParams())
	}
	tensors, err := safetensors.Deserialize(file)
	if err != nil {
		return nil, errors.Wrap(err, "not a safetensors file")
	}
	weights := make([]float32, net.NumParams())
	known := map[string]bool{}
	for _, p := range net.Params {
		known[p.Name] = true
		t, ok := tensors.Tensor(p.Name)
		switch {
		case !ok:
			return nil, errors.Errorf("no tensor %s; got %q", p.Name, slices.Sorted(slices.Values(tensors.Names())))
		case t.DType() != safetensors.F32:
			return nil, errors.Errorf("%s: got type %v, want F32", p.Name, t.DType())
		case !slices.Equal(t.Shape(), dims(p.Shape)):
			return nil, errors.Errorf("%s: got shape %v, want %v", p.Name, t.Shape(), []int(p.Shape))
		}
		dst, data := p.Of(weights), t.Data()
		for i := range dst {
			v := math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				return nil, errors.Errorf("%s: value %d is %v, want a finite number", p.Name, i, v)
			}
			dst[i] = v
		}
	}
	for _, name := range slices.Sorted(slices.Values(tensors.Names())) {
		if !known[name] {
			return nil, errors.Errorf("tensor %s is not of this network; it has %q", name, slices.Sorted(maps.Keys(known)))
		}
	}
	return weights, nil
}

func dims(s graph.Shape) []uint64 {
	d := make([]uint64, len(s))
	for i, n := range s {
		d[i] = uint64(n)
	}
	return d
}
