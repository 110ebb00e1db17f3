package idx

import (
	"bufio"
	"encoding/binary"
	"io"
	"io/fs"
	"math/bits"
	"os"
	"strings"

	"github.com/pkg/errors"

	"tapenet/mnist/idx/sniff"
)

// Memory is firstChunk bytes before any data is seen, and grows by this factor
// when data has filled it. 4 leaves less garbage than 2 would: the 47 MB of
// MNIST's training images take 69 MB in all, at most 64 MB of them at a time.
const (
	firstChunk = 64 << 10
	growth     = 4
)

// ReadFile reads the file at path, or at path.gz if there is no such file, as
// [Read] does: whether it is compressed is seen from its content. An error names
// the file; it is fs.ErrNotExist to errors.Is if neither is there.
func ReadFile(path string) (Array, error) {
	return readFile(func(path string) (fs.File, error) { return os.Open(path) }, path)
}

// ReadFS is [ReadFile] for a file of fsys, such as one that is embedded.
func ReadFS(fsys fs.FS, name string) (Array, error) { return readFile(fsys.Open, name) }

func readFile(open func(name string) (fs.File, error), name string) (Array, error) {
	plain := name
	f, err := open(name)
	if errors.Is(err, fs.ErrNotExist) {
		name += ".gz"
		f, err = open(name)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return Array{}, errors.Wrapf(fs.ErrNotExist, "%s or %s", plain, name)
	}
	if err != nil {
		return Array{}, errors.WithStack(err)
	}
	defer f.Close()
	a, err := Read(f)
	return a, errors.WithMessage(err, name)
}

// Read returns the array of an IDX file. It reads r to its end; data that starts
// like a gzip stream is decompressed.
//
// The error tells the first thing that is wrong: what kind of file it is, if it
// is not IDX; more bytes than an int can count; an item of the first axis that is
// cut short (its number, from 1, of how many); anything after the last item; or
// damage that gzip's checksum reveals.
func Read(r io.Reader) (Array, error) {
	src, packed, err := decompress(r)
	if err != nil {
		return Array{}, err
	}
	if err := checkStart(src, packed); err != nil {
		return Array{}, err
	}
	var magic [4]byte // two zeros, the type, the number of axes
	if err := readHeader(src, &magic); err != nil {
		return Array{}, err
	}
	lengths := make([]uint32, magic[3])
	if err := readHeader(src, lengths); err != nil {
		return Array{}, err
	}
	a := Array{Type: Type(magic[2]), Shape: make([]int, len(lengths))}
	for i, n := range lengths {
		a.Shape[i] = int(n)
	}
	a.Data, err = readItems(src, a.Type, a.Shape)
	if err != nil {
		return Array{}, err
	}
	return a, nil
}

// checkStart is an error if src does not start like an IDX file with 1 to 4 axes
// of a known type. It leaves src where it is.
func checkStart(src *bufio.Reader, packed bool) error {
	magic, err := src.Peek(4)
	if err != nil && err != io.EOF {
		return errors.Wrap(err, "header")
	}
	if zeros := min(len(magic), 2); zeros > 0 && string(magic[:zeros]) == "\x00\x00"[:zeros] {
		if len(magic) < 4 {
			return errors.Wrap(io.ErrUnexpectedEOF, "header")
		}
		t, axes := Type(magic[2]), magic[3]
		known, axesFit := types[t].size > 0, axes >= 1 && axes <= maxAxes
		switch {
		case known && axesFit:
			return nil
		case known:
			return errors.Errorf("got an IDX file of %d axes, want 1 to %d", axes, maxAxes)
		case axesFit && t > 0 && t < 0x20:
			return errors.Errorf("got an IDX file of %v, want uint8 (0x08), int8 (0x09), int16 (0x0b), int32 (0x0c), float32 (0x0d) or float64 (0x0e)", t)
		}
	}
	start, err := src.Peek(src.Size())
	if err != nil && err != io.EOF {
		return errors.Wrap(err, "header")
	}
	what, advice := sniff.Describe(start)
	if packed {
		what += " in gzip"
	}
	if packed && strings.HasPrefix(string(start), gzipMagic) {
		what, advice = "gzip in gzip", "decompress it once with gunzip"
	}
	if advice != "" {
		advice = ": " + advice
	}
	return errors.Errorf("got %s, want an IDX file%s", what, advice)
}

// readHeader fills fields, a number or several, from r.
func readHeader(r io.Reader, fields any) error {
	return errors.Wrap(noEOF(binary.Read(r, binary.BigEndian, fields)), "header")
}

// readItems returns the values of a shape that follow the header in r. The end
// of r must follow them.
func readItems(r io.Reader, t Type, shape []int) ([]uint8, error) {
	total, err := bytesOf(t, shape)
	if err != nil {
		return nil, swapped(err, t, shape, r, 0)
	}
	count := shape[0]
	var data []uint8
	for len(data) < total {
		grown := make([]uint8, min(total, max(firstChunk, growth*len(data))))
		n := copy(grown, data)
		m, err := io.ReadFull(r, grown[n:])
		if err != nil {
			err = errors.Wrapf(noEOF(err), "item %d of %d", (n+m)/(total/count)+1, count)
			return nil, swapped(err, t, shape, r, n+m)
		}
		data = grown
	}

	// Only the read past the last item makes gzip compare its checksum.
	_, err = io.ReadFull(r, make([]byte, 1))
	if err == nil {
		return nil, errors.Errorf("after item %d of %d: got more data, want the end", count, count)
	}
	if err != io.EOF {
		return nil, errors.Wrapf(err, "after item %d of %d", count, count)
	}
	return data, nil
}

// swapped is err, or says that the lengths of the axes are little-endian if those
// are right: for the got bytes that were read and what is left in r.
func swapped(err error, t Type, shape []int, r io.Reader, got int) error {
	little := make([]int, len(shape))
	for i, n := range shape {
		little[i] = int(bits.ReverseBytes32(uint32(n)))
	}
	want, tooMany := bytesOf(t, little)
	if tooMany != nil || want == 0 {
		return err
	}
	left, broken := io.Copy(io.Discard, io.LimitReader(r, int64(want-got)+1)) // r may have no end
	if broken != nil || left != int64(want-got) {
		return err
	}
	return errors.Errorf("got an IDX file whose lengths %v are little-endian, want big-endian", little)
}

// noEOF is err, but io.ErrUnexpectedEOF for io.EOF: where more must follow, the
// end is an error.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
