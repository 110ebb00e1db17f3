package idx

import (
	"encoding/binary"
	"io"
	"io/fs"
	"os"

	"github.com/pkg/errors"
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
// The error tells the first thing that is wrong: the magic number, more values
// than an int can count, an item of the first axis that is cut short (its
// number, from 1, of how many), anything after the last item, or damage that
// gzip's checksum reveals.
func Read(r io.Reader) (Array, error) {
	r, err := decompress(r)
	if err != nil {
		return Array{}, err
	}
	var magic uint32
	if err := readHeader(r, &magic); err != nil {
		return Array{}, err
	}
	axes := magic - unsignedByte // wraps around below
	if axes < 1 || axes > maxAxes {
		return Array{}, errors.Errorf("magic number: got 0x%08x, want 0x%08x to 0x%08x", magic, unsignedByte+1, unsignedByte+maxAxes)
	}
	lengths := make([]uint32, axes)
	if err := readHeader(r, lengths); err != nil {
		return Array{}, err
	}
	shape := make([]int, axes)
	for i, n := range lengths {
		shape[i] = int(n)
	}
	data, err := readItems(r, shape)
	if err != nil {
		return Array{}, err
	}
	return Array{shape, data}, nil
}

// readHeader fills fields, a uint32 or several, from r.
func readHeader(r io.Reader, fields any) error {
	return errors.Wrap(noEOF(binary.Read(r, binary.BigEndian, fields)), "header")
}

// readItems returns the values of a shape that follow the header in r. The end
// of r must follow them.
func readItems(r io.Reader, shape []int) ([]uint8, error) {
	total, err := size(shape)
	if err != nil {
		return nil, err
	}
	count := shape[0]
	var data []uint8
	for len(data) < total {
		grown := make([]uint8, min(total, max(firstChunk, growth*len(data))))
		n := copy(grown, data)
		m, err := io.ReadFull(r, grown[n:])
		if err != nil {
			return nil, errors.Wrapf(noEOF(err), "item %d of %d", (n+m)/(total/count)+1, count)
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

// noEOF is err, but io.ErrUnexpectedEOF for io.EOF: where more must follow, the
// end is an error.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
