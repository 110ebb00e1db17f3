package weights

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"maps"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/pkg/errors"

	"tapenet/graph"
)

// Tensors is what a safetensors file of a network holds: vectors of all its
// parameters, and words about them.
type Tensors struct {
	Meta map[string]string // in UTF-8; Write adds the checksum to those of the file
	// Vectors by prefix: the file has a tensor prefix+name for each parameter,
	// F32, in PyTorch's layout.
	Vectors map[string][]float32
	Signed  bool // the file has a checksum, and it fits; set by ReadTensors
}

// checksumKey is the word that has the checksum of all the rest.
const checksumKey = "sha256"

// Write writes the file, with a checksum.
func (t Tensors) Write(w io.Writer, net *graph.Network) error {
	data := map[string][]byte{}
	h := header{meta: map[string]string{}, tensors: map[string]tensor{}}
	for prefix, v := range t.Vectors {
		if len(v) != net.NumParams() {
			return errors.Errorf("got %d values, want one for each of %d parameters", len(v), net.NumParams())
		}
		if !utf8.ValidString(prefix) {
			return errors.Errorf("prefix %s is not UTF-8", quote(prefix))
		}
		for _, p := range net.Params {
			b := make([]byte, 0, 4*p.Size)
			for _, x := range p.Of(v) {
				b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
			}
			data[prefix+p.Name] = b
			h.tensors[prefix+p.Name] = tensor{DType: "F32", Shape: p.Shape}
		}
	}
	for key, word := range t.Meta {
		if !utf8.ValidString(key + word) { // JSON would change it, and the checksum not fit
			return errors.Errorf("word %s is not UTF-8", quote(key))
		}
		h.meta[key] = word
	}
	h.meta[checksumKey] = checksum(h.meta, data)
	names := slices.Sorted(maps.Keys(data))
	end := 0
	for _, name := range names {
		info := h.tensors[name]
		info.Offsets = []int{end, end + len(data[name])}
		h.tensors[name], end = info, info.Offsets[1]
	}
	if err := h.write(w); err != nil {
		return errors.WithMessage(err, "safetensors")
	}
	for _, name := range names {
		if _, err := w.Write(data[name]); err != nil {
			return errors.Wrap(err, "safetensors")
		}
	}
	return nil
}

// checksum covers every word but itself, and every tensor with its name.
func checksum(meta map[string]string, tensors map[string][]byte) string {
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
		add(tensors[name])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// ReadTensors reads the vectors with the given prefixes from a safetensors file
// of net. A missing or extra tensor, another shape or type than F32, a value
// that is not finite, or a checksum that does not fit is an error; a file
// without a checksum, such as one of PyTorch's, is taken as it is. Memory is
// what the parameters take and, whatever r holds, little more.
func ReadTensors(r io.Reader, net *graph.Network, prefixes ...string) (Tensors, error) {
	var wanted []graph.Param
	for _, prefix := range prefixes {
		for _, p := range net.Params {
			p.Name = prefix + p.Name
			wanted = append(wanted, p)
		}
	}
	h, err := readHeader(r, len(wanted))
	if err != nil {
		return Tensors{}, err
	}
	if err := h.check(wanted); err != nil {
		return Tensors{}, err
	}
	data, err := h.data(r)
	if err != nil {
		return Tensors{}, err
	}
	sum, signed := h.meta[checksumKey]
	if real := checksum(h.meta, data); signed && sum != real {
		return Tensors{}, errors.Errorf("damaged: the checksum is %s, the file says %s", real, quote(sum))
	}
	t := Tensors{Meta: h.meta, Vectors: map[string][]float32{}, Signed: signed}
	for _, prefix := range prefixes {
		v := make([]float32, net.NumParams())
		for _, p := range net.Params {
			if err := decode(p.Of(v), data[prefix+p.Name]); err != nil {
				return Tensors{}, errors.WithMessage(err, prefix+p.Name)
			}
		}
		t.Vectors[prefix] = v
	}
	return t, nil
}

// check is an error if the tensors are not the wanted ones, each in F32 and of
// its shape, one after another in the data.
func (h header) check(wanted []graph.Param) error {
	var names []string // of the wanted ones
	for _, p := range wanted {
		t, ok := h.tensors[p.Name]
		if !ok {
			return errors.Errorf("no tensor %s; got %s", p.Name, list(slices.Collect(maps.Keys(h.tensors))))
		}
		if t.DType != "F32" {
			return errors.Errorf("%s: got type %s, want F32", p.Name, quote(t.DType))
		}
		if !slices.Equal(t.Shape, p.Shape) {
			return errors.Errorf("%s: got shape %v, want %v", p.Name, t.Shape, []int(p.Shape))
		}
		names = append(names, p.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(h.tensors)) {
		if !slices.Contains(names, name) {
			return errors.Errorf("tensor %s is not of this network; it has %s", quote(name), list(names))
		}
	}
	slices.SortFunc(wanted, func(a, b graph.Param) int {
		return h.tensors[a.Name].Offsets[0] - h.tensors[b.Name].Offsets[0]
	})
	end := 0
	for _, p := range wanted {
		start := end
		end += 4 * p.Size
		if got := h.tensors[p.Name].Offsets; got[0] != start || got[1] != end {
			return errors.Errorf("%s: got data at bytes %d to %d, want %d to %d", p.Name, got[0], got[1], start, end)
		}
	}
	return nil
}

// data reads the data of all tensors of a header that was checked, up to the
// end of r.
func (h header) data(r io.Reader) (map[string][]byte, error) {
	end := 0
	for _, t := range h.tensors {
		end = max(end, t.Offsets[1])
	}
	all := make([]byte, end)
	switch n, err := io.ReadFull(r, all); {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errors.Errorf("cut short: got %d bytes of data, want %d", n, end)
	case err != nil:
		return nil, errors.WithStack(err)
	}
	switch _, err := io.ReadFull(r, make([]byte, 1)); {
	case err == nil:
		return nil, errors.Errorf("got more than %d bytes of data", end)
	case err != io.EOF:
		return nil, errors.WithStack(err)
	}
	data := map[string][]byte{}
	for name, t := range h.tensors {
		data[name] = all[t.Offsets[0]:t.Offsets[1]]
	}
	return data, nil
}

// decode fills dst with the float32s of data.
func decode(dst []float32, data []byte) error {
	for i := range dst {
		v := math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return errors.Errorf("value %d is %v, want a finite number", i, v)
		}
		dst[i] = v
	}
	return nil
}
