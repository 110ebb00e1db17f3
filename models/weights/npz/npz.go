// Package npz reads and writes .npz files: archives of named arrays that
// numpy.savez and numpy.savez_compressed write. [Open] lists the arrays, [File.Read]
// reads one of numbers or truth values, [Write] writes them. Python objects are
// refused, since they are programs.
//
// It trusts no header: memory grows only with the data that is really there.
package npz

// gorgonia.org/tensor has ReadNpy; it makes room for as many values as the header
// claims, takes big-endian numbers for little-endian ones and knows neither
// Fortran's order nor versions after 1.

import (
	"archive/zip"
	"io"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// File is an open .npz file. It reads from the reader of [Open] whenever an array
// is read, and holds none.
type File struct {
	size   int64
	names  []string
	arrays map[string]*zip.File
}

const suffix = ".npy" // of the name that an array has in the archive

// Open returns the file of size bytes in r. It reads the list of arrays alone. An
// error says what kind of file it is if that is no .npz.
func Open(r io.ReaderAt, size int64) (*File, error) {
	z, err := zip.NewReader(r, size)
	if errors.Is(err, zip.ErrFormat) {
		return nil, other(r, size)
	}
	if err != nil {
		return nil, errors.WithStack(err)
	}
	f := &File{size: size, arrays: map[string]*zip.File{}}
	for _, entry := range z.File {
		name, ok := strings.CutSuffix(entry.Name, suffix)
		if !ok {
			continue
		}
		if _, twice := f.arrays[name]; twice {
			return nil, errors.Errorf("array %q is there twice", name)
		}
		f.names = append(f.names, name)
		f.arrays[name] = entry
	}
	if len(f.names) == 0 && len(z.File) > 0 {
		return nil, errors.Errorf("got a zip archive with %.60q and no arrays (%s), want a NumPy archive (.npz)", z.File[0].Name, suffix)
	}
	return f, nil
}

// ErrFormat is the error for a file that is no zip archive at all.
var ErrFormat = errors.New("not a NumPy archive (.npz)")

// other returns the error for a file that is no whole zip archive.
func other(r io.ReaderAt, size int64) error {
	start := make([]byte, max(0, min(size, 4096)))
	if n, err := r.ReadAt(start, 0); n < len(start) {
		return errors.WithStack(err)
	}
	if strings.HasPrefix(string(start), "PK") {
		return errors.New("got a zip archive that is cut short or damaged, want a NumPy archive (.npz)")
	}
	return ErrFormat
}

// Names are the names of the arrays, as numpy.load gives them, in the order of the
// file.
func (f *File) Names() []string { return slices.Clone(f.names) }

// Read returns the array of that name. It is an error if there is none, if it is
// of another type than [Array] takes, if it has more or fewer bytes than its shape
// needs, or if the archive's checksum reveals damage.
func (f *File) Read(name string) (Array, error) { return f.read(name, readArray) }

// Header returns the array of that name without its data, which it does not read.
// It has the errors of Read that need no data.
func (f *File) Header(name string) (Array, error) {
	return f.read(name, func(r io.Reader, size uint64) (Array, error) {
		h, err := readHeader(r, size)
		if err != nil {
			return Array{}, err
		}
		return newArray(h, nil), nil
	})
}

// read opens the array of that name and lets do read it, with its size in bytes.
func (f *File) read(name string, do func(r io.Reader, size uint64) (Array, error)) (Array, error) {
	entry, ok := f.arrays[name]
	if !ok {
		return Array{}, errors.Errorf("no array %q; the first of %d are %.40q", name, len(f.names), f.names[:min(len(f.names), 10)])
	}
	r, err := f.open(entry)
	if err != nil {
		return Array{}, errors.WithMessagef(err, "array %q", name)
	}
	defer r.Close()
	a, err := do(r, entry.UncompressedSize64)
	return a, errors.WithMessagef(err, "array %q", name)
}

// deflateMost is the most that deflate compresses: 258 bytes to 2 bits.
const deflateMost = 1032

func (f *File) open(entry *zip.File) (io.ReadCloser, error) {
	packed, size := entry.CompressedSize64, entry.UncompressedSize64
	fits := packed <= uint64(f.size)
	switch entry.Method {
	case zip.Store:
		fits = fits && size == packed
	case zip.Deflate:
		fits = fits && size/deflateMost <= packed
	default:
		return nil, errors.Errorf("got compression method %d, want 0 (stored) or 8 (deflate)", entry.Method)
	}
	if entry.Flags&1 != 0 {
		return nil, errors.New("got encrypted data")
	}
	if !fits {
		return nil, errors.Errorf("damaged: %d bytes are said to be packed into %d of a file of %d", size, packed, f.size)
	}
	r, err := entry.Open()
	return r, errors.WithStack(err)
}
