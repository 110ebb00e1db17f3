package models

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/nlpodyssey/safetensors"
	"github.com/pkg/errors"

	"tapenet/graph"
)

// Tensors is what a safetensors file of a network holds: vectors of all its
// parameters, and words about them.
type Tensors struct {
	Meta map[string]string
	// Vectors by prefix: the file has a tensor prefix+name for each parameter,
	// F32, in PyTorch's layout.
	Vectors map[string][]float32
	Signed  bool // the file has a checksum, and it fits; set by ReadTensors
}

// checksumKey is the word that has the checksum of all the rest.
const checksumKey = "sha256"

// Write writes the file, with a checksum.
func (t Tensors) Write(w io.Writer, net *graph.Network) error {
	tensors := map[string]safetensors.TensorView{}
	for prefix, v := range t.Vectors {
		if len(v) != net.NumParams() {
			return errors.Errorf("got %d values, want one for each of %d parameters", len(v), net.NumParams())
		}
		for _, p := range net.Params {
			data := make([]byte, 0, 4*p.Size)
			for _, x := range p.Of(v) {
				data = binary.LittleEndian.AppendUint32(data, math.Float32bits(x))
			}
			view, err := safetensors.NewTensorView(safetensors.F32, dims(p.Shape), data)
			if err != nil {
				return errors.Wrap(err, p.Name)
			}
			tensors[prefix+p.Name] = view
		}
	}
	meta := maps.Clone(t.Meta)
	meta[checksumKey] = checksum(meta, tensors)
	return errors.Wrap(safetensors.SerializeToWriter(tensors, meta, w), "safetensors")
}

// checksum covers every word but itself, and every tensor.
func checksum(meta map[string]string, tensors map[string]safetensors.TensorView) string {
	h := sha256.New()
	add := func(b []byte) { // with its length, so that nothing can move from one to the next
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(b))))
		h.Write(b)
	}
	for _, key := range slices.Sorted(maps.Keys(meta)) {
		if key != checksumKey {
			add([]byte(key))
			add([]byte(meta[key]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(tensors)) {
		add([]byte(name))
		add(tensors[name].Data())
	}
	return hex.EncodeToString(h.Sum(nil))
}

// maxOverhead is what a file may have beyond the parameters themselves: its
// header, or foreign tensors that an error should be able to name.
const maxOverhead = 64 << 20

// ReadTensors reads the vectors with the given prefixes from a safetensors file
// of net. A missing or extra tensor, another shape or type than F32, a value
// that is not finite, or a checksum that does not fit is an error; a file
// without a checksum, such as one of PyTorch's, is taken as it is.
func ReadTensors(r io.Reader, net *graph.Network, prefixes ...string) (Tensors, error) {
	wanted := 4 * net.NumParams() * len(prefixes)
	limit := int64(wanted + maxOverhead)
	file, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return Tensors{}, errors.WithStack(err)
	}
	if int64(len(file)) > limit {
		return Tensors{}, errors.Errorf("more than %d bytes, but the parameters take %d", limit, wanted)
	}
	parsed, meta, err := parse(file)
	if err != nil {
		return Tensors{}, errors.WithMessage(err, "not a safetensors file")
	}
	t := Tensors{Meta: meta, Vectors: map[string][]float32{}}
	views := map[string]safetensors.TensorView{}
	for _, prefix := range prefixes {
		v := make([]float32, net.NumParams())
		for _, p := range net.Params {
			view, ok := parsed.Tensor(prefix + p.Name)
			if !ok {
				return Tensors{}, errors.Errorf("no tensor %s; got %q", prefix+p.Name, slices.Sorted(slices.Values(parsed.Names())))
			}
			if err := copyTensor(p.Of(v), view, p); err != nil {
				return Tensors{}, errors.WithMessage(err, prefix+p.Name)
			}
			views[prefix+p.Name] = view
		}
		t.Vectors[prefix] = v
	}
	for _, name := range slices.Sorted(slices.Values(parsed.Names())) {
		if _, known := views[name]; !known {
			return Tensors{}, errors.Errorf("tensor %s is not of this network; it has %q", name, slices.Sorted(maps.Keys(views)))
		}
	}
	sum, signed := meta[checksumKey]
	if real := checksum(meta, views); signed && sum != real {
		return Tensors{}, errors.Errorf("damaged: the checksum is %s, the file says %s", real, sum)
	}
	t.Signed = signed
	return t, nil
}

// copyTensor copies a file's tensor of parameter p to dst.
func copyTensor(dst []float32, t safetensors.TensorView, p graph.Param) error {
	if t.DType() != safetensors.F32 {
		return errors.Errorf("got type %v, want F32", t.DType())
	}
	if !slices.Equal(t.Shape(), dims(p.Shape)) {
		return errors.Errorf("got shape %v, want %v", t.Shape(), []int(p.Shape))
	}
	data := t.Data()
	for i := range dst {
		v := math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return errors.Errorf("value %d is %v, want a finite number", i, v)
		}
		dst[i] = v
	}
	return nil
}

// parse is a file's tensors and words.
func parse(file []byte) (safetensors.SafeTensors, map[string]string, error) {
	none := safetensors.SafeTensors{}
	const length = 8 // of the header, before it
	if len(file) < length {
		return none, nil, errors.Errorf("got %d bytes, want a header", len(file))
	}
	if n := binary.LittleEndian.Uint64(file); n <= uint64(len(file)-length) {
		if err := checkHeader(file[length : length+n]); err != nil {
			return none, nil, err
		}
	}
	tensors, err := safetensors.Deserialize(file)
	if err != nil {
		return none, nil, errors.WithStack(err)
	}
	_, meta, err := safetensors.ReadMetadata(file)
	return tensors, meta.Metadata(), errors.WithStack(err)
}

// checkHeader refuses what the library would let pass or take long over: a key
// that stands twice, whose values it merges, and deep nesting.
func checkHeader(header []byte) error {
	const deepest = 3 // { tensor: { shape: [
	d := json.NewDecoder(bytes.NewReader(header))
	type level struct {
		keys map[string]bool // nil in a list
		key  bool            // the next string is a key
	}
	var stack []level
	for {
		token, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return errors.WithStack(err)
		}
		top := len(stack) - 1
		switch v := token.(type) {
		case json.Delim:
			if v == '}' || v == ']' {
				stack = stack[:top]
				continue
			}
			if len(stack) == deepest {
				return errors.Errorf("header nested deeper than %d", deepest)
			}
			if top >= 0 {
				stack[top].key = stack[top].keys != nil
			}
			next := level{}
			if v == '{' {
				next = level{map[string]bool{}, true}
			}
			stack = append(stack, next)
		case string:
			if top >= 0 && stack[top].key {
				if stack[top].keys[v] {
					return errors.Errorf("key %q stands twice", v)
				}
				stack[top].keys[v], stack[top].key = true, false
				continue
			}
			if top >= 0 {
				stack[top].key = stack[top].keys != nil
			}
		default:
			if top >= 0 {
				stack[top].key = stack[top].keys != nil
			}
		}
	}
}

func dims(s graph.Shape) []uint64 {
	d := make([]uint64, len(s))
	for i, n := range s {
		d[i] = uint64(n)
	}
	return d
}
