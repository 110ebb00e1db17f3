package weights

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/pkg/errors"

	"tapenet/graph"
)

// File is what a file holds: vectors of all parameters of a network, and words
// about them. The zero value is an empty file.
type File struct {
	Meta map[string]string // words by key; Write adds the checksum
	// Vectors by prefix: the file has a tensor prefix+name for each parameter,
	// F32, in PyTorch's layout.
	Vectors map[string][]float32
	Signed  bool // the file has a checksum, and it is right; set by Read
}

// checksumKey is the key of the checksum of all the rest.
const checksumKey = "sha256"

// Write writes the file, with a checksum. Equal files have equal bytes. What Read
// would refuse is an error: a vector that does not have one value for each of
// NumParams, a value that is not finite, a word or prefix that is not UTF-8, over
// 999 words, or a header over 16 MB.
func (f File) Write(w io.Writer, net *graph.Network) error {
	h := header{meta: map[string]string{}, tensors: map[string]tensor{}}
	data := map[string][]byte{}
	for prefix, v := range f.Vectors {
		if len(v) != net.NumParams() {
			return errors.Errorf("got %d values, want one for each of %d parameters", len(v), net.NumParams())
		}
		if !utf8.ValidString(prefix) {
			return errors.Errorf("prefix %s is not UTF-8", quote(prefix))
		}
		for _, p := range net.Params {
			if err := finite(prefix+p.Name, p.Of(v)); err != nil {
				return err
			}
			data[prefix+p.Name], _ = binary.Append(nil, binary.LittleEndian, p.Of(v)) // takes any float32s
			h.tensors[prefix+p.Name] = tensor{DType: "F32", Shape: p.Shape}
		}
	}
	for key, word := range f.Meta {
		if !utf8.ValidString(key + word) { // JSON would change it, and the checksum be wrong
			return errors.Errorf("word %s is not UTF-8", quote(key))
		}
		h.meta[key] = word
	}
	h.meta[checksumKey] = checksum(h.meta, data)
	if len(h.meta) > maxWords {
		return errors.Errorf("got %d words with the checksum, want at most %d", len(h.meta), maxWords)
	}
	names := slices.Sorted(maps.Keys(data))
	end := 0
	for _, name := range names {
		t := h.tensors[name]
		t.Offsets = []int{end, end + len(data[name])}
		h.tensors[name], end = t, t.Offsets[1]
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

// checksum returns the SHA-256 of all words but itself and all tensors, each with
// its name, in hexadecimal digits.
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

// Read reads the vectors with the given prefixes from a file of net. It is an
// error if the file says that it is of another network; if a tensor is missing,
// is not F32, has another shape or is not the network's; if a value is not
// finite; or if the checksum is wrong. A file need not name its network nor have
// a checksum: PyTorch's files do neither.
func Read(r io.Reader, net *graph.Network, prefixes ...string) (File, error) {
	h, err := readHeader(r, len(prefixes)*len(net.Params))
	if err != nil {
		return File{}, err
	}
	if err := h.of(net); err != nil {
		return File{}, err
	}
	return h.read(r, net, prefixes...)
}

// read reads what follows the header of a file of net.
func (h header) read(r io.Reader, net *graph.Network, prefixes ...string) (File, error) {
	var wanted []graph.Param
	for _, prefix := range prefixes {
		for _, p := range net.Params {
			p.Name = prefix + p.Name
			wanted = append(wanted, p)
		}
	}
	size, err := h.check(wanted)
	if err != nil {
		return File{}, err
	}
	// ReadAll takes memory for what r has, not for what the header says.
	all, err := io.ReadAll(io.LimitReader(r, int64(size)+1))
	switch {
	case err != nil:
		return File{}, errors.WithStack(err)
	case len(all) < size:
		return File{}, errors.Errorf("cut short: got %d bytes of data, want %d", len(all), size)
	case len(all) > size:
		return File{}, errors.Errorf("got more than %d bytes of data", size)
	}
	data := map[string][]byte{}
	for name, t := range h.tensors {
		data[name] = all[t.Offsets[0]:t.Offsets[1]]
	}
	sum, signed := h.meta[checksumKey]
	if real := checksum(h.meta, data); signed && sum != real {
		return File{}, errors.Errorf("damaged: the checksum is %s, the file says %s", real, quote(sum))
	}
	f := File{Meta: h.meta, Vectors: map[string][]float32{}, Signed: signed}
	for _, prefix := range prefixes {
		v := make([]float32, net.NumParams())
		for _, p := range net.Params {
			values := p.Of(v)
			if _, err := binary.Decode(data[prefix+p.Name], binary.LittleEndian, values); err != nil {
				return File{}, errors.Wrap(err, prefix+p.Name)
			}
			if err := finite(prefix+p.Name, values); err != nil {
				return File{}, err
			}
		}
		f.Vectors[prefix] = v
	}
	return f, nil
}

// finite returns an error if a value of the named tensor is NaN or infinite.
func finite(name string, values []float32) error {
	i := slices.IndexFunc(values, func(x float32) bool { return x-x != 0 })
	if i < 0 {
		return nil
	}
	return errors.Errorf("%s: value %d is %v, want a finite number", name, i, values[i])
}

// check returns the size of the data in bytes. It returns an error unless the
// tensors are the wanted ones, each in F32 and of its shape, one after another in
// the data.
func (h header) check(wanted []graph.Param) (size int, err error) {
	var names []string
	for _, p := range wanted {
		t, ok := h.tensors[p.Name]
		switch {
		case !ok:
			return 0, errors.Errorf("no tensor %s; got %s", p.Name, list(slices.Collect(maps.Keys(h.tensors))))
		case t.DType != "F32":
			return 0, errors.Errorf("%s: got type %s, want F32", p.Name, quote(t.DType))
		case !slices.Equal(t.Shape, p.Shape):
			return 0, errors.Errorf("%s: got shape %v, want %v", p.Name, t.Shape, []int(p.Shape))
		}
		names = append(names, p.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(h.tensors)) {
		if !slices.Contains(names, name) {
			return 0, errors.Errorf("tensor %s is not of this network; it has %s", quote(name), list(names))
		}
	}
	slices.SortFunc(wanted, func(a, b graph.Param) int {
		return h.tensors[a.Name].Offsets[0] - h.tensors[b.Name].Offsets[0]
	})
	for _, p := range wanted {
		start := size
		size += 4 * p.Size
		if got := h.tensors[p.Name].Offsets; got[0] != start || got[1] != size {
			return 0, errors.Errorf("%s: got data at bytes %d to %d, want %d to %d", p.Name, got[0], got[1], start, size)
		}
	}
	return size, nil
}
