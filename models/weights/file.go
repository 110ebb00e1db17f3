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
	"tapenet/models/weights/npz"
)

// File is what a file holds: vectors of all parameters of a network, and words
// about them. The zero value is an empty file.
type File struct {
	Meta map[string]string // words by key; Write adds the checksum
	// Vectors by prefix: the file has a tensor prefix+name for each parameter,
	// in PyTorch's layout.
	Vectors map[string][]float32
	// Half makes Write round the values to F16, in half the bytes, and not keep
	// them as F32. Read, which takes both, does not set it.
	Half   bool
	Signed bool // the file has a checksum, and it is right; set by Read
}

// checksumKey is the key of the checksum of all the rest.
const checksumKey = "sha256"

// Write writes the file, with a checksum. Equal files have equal bytes. What Read
// would refuse is an error: a vector that does not have one value for each of
// NumParams, a value that is not finite, or not as F16, a word or prefix that is not
// UTF-8, over 999 words, or a header over 16 MB.
func (f File) Write(w io.Writer, net *graph.Network) (err error) {
	h := header{meta: map[string]string{}, tensors: map[string]tensor{}}
	data := map[string][]byte{}
	for prefix, v := range f.Vectors {
		if err := check(net, prefix, v); err != nil {
			return err
		}
		if !utf8.ValidString(prefix) {
			return errors.Errorf("prefix %s is not UTF-8", quote(prefix))
		}
		for _, p := range net.Params {
			name := prefix + p.Name
			if f.Half {
				h.tensors[name] = tensor{DType: "F16", Shape: p.Shape}
				if data[name], err = halves(name, p.Of(v)); err != nil {
					return err
				}
				continue
			}
			h.tensors[name] = tensor{DType: "F32", Shape: p.Shape}
			data[name], _ = binary.Append(nil, binary.LittleEndian, p.Of(v)) // takes any float32s
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

// halves are the bytes of values as F16.
func halves(name string, values []float32) ([]byte, error) {
	var data []byte
	for i, x := range values {
		bits := npz.HalfBits(x)
		if h := npz.Half(bits); h-h != 0 { // infinite
			return nil, errors.Errorf("%s: value %d is %v, want at most 65504 for F16", name, i, x)
		}
		data = binary.LittleEndian.AppendUint16(data, bits)
	}
	return data, nil
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
// has another shape or a type other than F32, F16, BF16 and F64, or is not the
// network's; if a value is not finite or too large for a float32; or if the
// checksum is wrong. A file need not name its network nor have a checksum:
// PyTorch's files do neither.
func Read(r io.Reader, net *graph.Network, prefixes ...string) (File, error) {
	h, err := readHeader(r, len(prefixes)*len(net.Params))
	if err != nil {
		return File{}, err
	}
	if err := h.of(net); err != nil {
		return File{}, err
	}
	return h.read(net, vectors(net, prefixes...))
}

// check is an error if a vector has not one finite value for each parameter.
func check(net *graph.Network, prefix string, v []float32) error {
	if len(v) != net.NumParams() {
		return errors.Errorf("got %d values, want one for each of %d parameters", len(v), net.NumParams())
	}
	for _, p := range net.Params {
		if i := slices.IndexFunc(p.Of(v), func(x float32) bool { return x-x != 0 }); i >= 0 {
			return errors.Errorf("%s%s: value %d is %v, want a finite number", prefix, p.Name, i, p.Of(v)[i])
		}
	}
	return nil
}
