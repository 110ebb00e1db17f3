package weights

import (
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/pkg/errors"

	"tapenet/graph"
	"tapenet/models/weights/npz"
)

// place is a parameter of the vector with a prefix, and the name of the tensor
// that has its values.
type place struct {
	graph.Param
	prefix, tensor string
}

// vectors are the places of the vectors with the given prefixes in our own files.
func vectors(net *graph.Network, prefixes ...string) (all []place) {
	for _, prefix := range prefixes {
		for _, p := range net.Params {
			all = append(all, place{p, prefix, prefix + p.Name})
		}
	}
	return all
}

// String is the place as an error names it.
func (p place) String() string {
	if p.tensor == p.prefix+p.Name {
		return p.tensor
	}
	return fmt.Sprintf("%s (%s)", quote(p.tensor), p.Name)
}

// MismatchError says how a file, which may be a good one, differs from the
// network that it was read for.
type MismatchError struct{ error }

func mismatchf(format string, args ...any) error {
	return MismatchError{errors.Errorf(format, args...)}
}

// check returns an error if the file lacks a wanted tensor, has another one, or one
// that does not fit.
func (h header) check(want []place) error {
	for _, p := range want {
		if _, ok := h.tensors[p.tensor]; !ok {
			return mismatchf("no tensor %s; got %s", p, list(slices.Collect(maps.Keys(h.tensors))))
		}
		if err := h.fits(p); err != nil {
			return err
		}
	}
	if foreign := h.foreign(want); len(foreign) > 0 {
		return mismatchf("got tensors that are not of this network: %s; it has %s", list(foreign), list(names(want)))
	}
	return nil
}

// read reads the data of a file that must have the wanted tensors and no others.
func (h header) read(net *graph.Network, want []place) (File, error) {
	if err := h.check(want); err != nil {
		return File{}, err
	}
	data, signed, err := h.data(want)
	if err != nil {
		return File{}, err
	}
	f := File{Meta: h.meta, Vectors: map[string][]float32{}, Signed: signed}
	for _, p := range want {
		if f.Vectors[p.prefix] == nil {
			f.Vectors[p.prefix] = make([]float32, net.NumParams())
		}
		if err := h.decode(p, data, f.Vectors[p.prefix]); err != nil {
			return File{}, err
		}
	}
	return f, nil
}

// fits is an error if the file does not have the tensor of a place, of a type
// that decode knows and in the right shape.
func (h header) fits(p place) error {
	t, ok := h.tensors[p.tensor]
	switch {
	case !ok:
		return mismatchf("no tensor %s", p)
	case decoders[t.DType].size == 0:
		return mismatchf("%s: got type %s, want F32, F16, BF16 or F64", p, quote(t.DType))
	case !slices.Equal(t.Shape, p.Shape):
		return mismatchf("%s: got shape %v, want %v", p, t.Shape, []int(p.Shape))
	}
	return nil
}

// names are those of the tensors of places.
func names(places []place) (names []string) {
	for _, p := range places {
		names = append(names, p.tensor)
	}
	return names
}

// foreign are the tensors beyond the wanted ones, in alphabetical order.
func (h header) foreign(want []place) []string {
	known := map[string]bool{}
	for _, name := range names(want) {
		known[name] = true
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(h.tensors)), func(name string) bool { return known[name] })
}

// data reads the data of the wanted tensors. They fit. It is an error if the
// tensors do not fill the data one after another, or if the checksum is wrong.
// Signed reports whether there is one, and it is right.
func (h header) data(want []place) (data map[string][]byte, signed bool, err error) {
	places := map[string]place{}
	rewritten := false // by another program, which may have copied our words
	for _, p := range want {
		places[p.tensor] = p
		rewritten = rewritten || p.tensor != p.prefix+p.Name || h.tensors[p.tensor].DType != "F32"
	}
	order := slices.Sorted(maps.Keys(h.tensors))
	slices.SortStableFunc(order, func(a, b string) int {
		return slices.Compare(h.tensors[a].Offsets, h.tensors[b].Offsets)
	})
	size := 0
	for _, name := range order {
		t, start := h.tensors[name], size
		p, wanted := places[name]
		if size = max(start, t.Offsets[1]); wanted {
			size = start + decoders[t.DType].size*p.Size
		}
		if t.Offsets[0] != start || t.Offsets[1] != size {
			label := quote(name)
			if wanted {
				label = p.String()
			}
			return nil, false, errors.Errorf("%s: got data at bytes %d to %d, want %d to %d", label, t.Offsets[0], t.Offsets[1], start, size)
		}
	}
	sum, summed := h.meta[checksumKey]
	data = map[string][]byte{}
	for _, name := range order {
		start, end := int64(h.tensors[name].Offsets[0]), int64(h.tensors[name].Offsets[1])
		var got int64
		if _, wanted := places[name]; wanted || summed {
			// ReadAll takes memory for what the file has, not for what its header says.
			data[name], err = io.ReadAll(io.LimitReader(h.rest, end-start))
			got = int64(len(data[name]))
		} else if got, err = io.CopyN(io.Discard, h.rest, end-start); err == io.EOF {
			err = nil
		}
		if err != nil {
			return nil, false, errors.WithStack(err)
		}
		if got < end-start {
			return nil, false, errors.Errorf("cut short: got %d bytes of data, want %d", start+got, size)
		}
	}
	switch _, err := io.ReadFull(h.rest, make([]byte, 1)); {
	case err == nil:
		return nil, false, errors.Errorf("got more than %d bytes of data", size)
	case err != io.EOF:
		return nil, false, errors.WithStack(err)
	}
	if !summed {
		return data, false, nil
	}
	real := checksum(h.meta, data)
	if sum != real && !rewritten {
		return nil, false, errors.Errorf("damaged: the checksum is %s, the file says %s", real, quote(sum))
	}
	return data, sum == real, nil
}

// decode sets the values of a place in its vector.
func (h header) decode(p place, data map[string][]byte, vector []float32) error {
	d, values, b := decoders[h.tensors[p.tensor].DType], p.Of(vector), data[p.tensor]
	for i := range values {
		x := d.value(b[i*d.size:])
		values[i] = float32(x)
		switch {
		case x-x != 0: // NaN or infinite
			return errors.Errorf("%s: value %d is %v, want a finite number", p, i, x)
		case math.IsInf(float64(values[i]), 0):
			return errors.Errorf("%s: value %d is %v, want a float32: at most %v", p, i, x, math.MaxFloat32)
		}
	}
	return nil
}

// decoders are the types of tensors that are read: the bytes of a value, and the
// value of such bytes. All but F64 are exact in float32.
var decoders = map[string]struct {
	size  int
	value func(b []byte) float64
}{
	"F16": {2, func(b []byte) float64 { return npz.Half(binary.LittleEndian.Uint16(b)) }},
	"BF16": {2, func(b []byte) float64 {
		return float64(math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16))
	}},
	"F32": {4, func(b []byte) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))) }},
	"F64": {8, func(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }},
}
