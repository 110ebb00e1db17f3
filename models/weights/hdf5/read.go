package hdf5

import (
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// Bounds of what a good file has.
const (
	maxDepth = 32   // groups in groups
	maxPath  = 1000 // bytes
	maxAxes  = 32   // HDF5's own
)

// File is an open HDF5 file. It reads from the reader of [Open] whenever a dataset
// is read.
type File struct {
	r        io.ReaderAt
	size     int64
	left     int64 // bytes that Open may still read: no two parts of a good file overlap
	datasets map[string]entry
	sum      string // the file's checksum, if it has one
}

// entry is a dataset in a file.
type entry struct {
	Dataset        // without its data
	at, size int64 // of the data
	trouble  error // why it cannot be read, or nil
}

// Open returns the file of size bytes in r. It reads what the file says of its
// datasets and, if there is a checksum, all data. It is an error if the checksum is
// wrong, or if the groups are damaged or of a newer style.
func Open(r io.ReaderAt, size int64) (*File, error) {
	f := &File{r: r, size: size, left: size, datasets: map[string]entry{}}
	b, err := f.read(0, superblock)
	if err != nil {
		return nil, err
	}
	switch end := u64(b[40:]); {
	case string(b[:8]) != magic:
		return nil, errors.New("not an HDF5 file")
	case b[8] != 0 || b[13] != 8 || b[14] != 8:
		return nil, errors.Errorf("got HDF5 with superblock %d, offsets of %d and lengths of %d bytes, want 0, 8 and 8", b[8], b[13], b[14])
	case u64(b[24:]) != 0:
		return nil, damaged("it starts at byte %d", u64(b[24:]))
	case end > uint64(size):
		return nil, errors.Errorf("cut short: got %d bytes, want %d", size, end)
	}
	if err := f.object("", u64(b[64:]), 0); err != nil {
		return nil, err
	}
	if f.sum == "" {
		return f, nil
	}
	all := map[string]Dataset{}
	for path, e := range f.datasets {
		if f.left -= e.size; e.trouble != nil || f.left < 0 {
			return nil, damaged("%.60q is not as it was written", path)
		}
		all[path] = e.Dataset
	}
	sum, err := checksum(all, func(h io.Writer, path string) error {
		e := f.datasets[path]
		_, err := io.Copy(h, io.NewSectionReader(r, e.at, e.size))
		return errors.WithStack(err)
	})
	if err == nil && sum != f.sum {
		err = errors.Errorf("damaged: the checksum is %s, the file says %.64q", sum, f.sum)
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Paths are the paths of all datasets, such as layers/dense/vars/0, in
// alphabetical order.
func (f *File) Paths() []string { return slices.Sorted(maps.Keys(f.datasets)) }

// Header returns the dataset at a path without its data; ok reports whether there
// is one.
func (f *File) Header(path string) (d Dataset, ok bool) {
	e, ok := f.datasets[path]
	return e.Dataset, ok
}

// Read returns the dataset at a path. It is an error if there is none, or if it is
// compressed, in several pieces or of a type that [Dataset] does not name.
func (f *File) Read(path string) (Dataset, error) {
	e, ok := f.datasets[path]
	if !ok {
		return Dataset{}, errors.Errorf("no dataset %q", path)
	}
	if e.trouble != nil {
		return Dataset{}, errors.WithMessagef(e.trouble, "%.60q", path)
	}
	e.Data = make([]byte, e.size) // which the file has
	if n, err := f.r.ReadAt(e.Data, e.at); n < len(e.Data) {
		return Dataset{}, errors.WithStack(err)
	}
	return e.Dataset, nil
}

func damaged(format string, args ...any) error {
	return errors.Errorf("damaged HDF5: "+format, args...)
}

func u16(b []byte) int    { return int(binary.LittleEndian.Uint16(b)) }
func u64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// within is an error if the file does not have n bytes at an offset.
func (f *File) within(at, n uint64) error {
	if at > uint64(f.size) || n > uint64(f.size)-at {
		return damaged("%d bytes at %d are past its end at %d", n, at, f.size)
	}
	return nil
}

// read reads n bytes that describe the file, all of which Open may read but once.
func (f *File) read(at, n uint64) ([]byte, error) {
	if err := f.within(at, n); err != nil {
		return nil, err
	}
	if f.left -= int64(n); f.left < 0 {
		return nil, damaged("its parts overlap, or groups are in a circle")
	}
	b := make([]byte, n)
	if got, err := f.r.ReadAt(b, int64(at)); got < len(b) {
		return nil, errors.WithStack(err)
	}
	return b, nil
}

// message is a part of what a file says of an object.
type message struct {
	kind int
	data []byte
}

// messages reads the messages of the object at an offset.
func (f *File) messages(at uint64) (all []message, err error) {
	h, err := f.read(at, 16)
	if err != nil {
		return nil, err
	}
	if h[0] != 1 {
		return nil, errors.Errorf("got HDF5 with an object of version %d, or damaged, want version 1", h[0])
	}
	count := u16(h[2:])
	blocks := [][2]uint64{{at + 16, uint64(binary.LittleEndian.Uint32(h[8:]))}} // start and length
	for ; len(blocks) > 0; blocks = blocks[1:] {
		block, err := f.read(blocks[0][0], blocks[0][1])
		if err != nil {
			return nil, err
		}
		for len(block) >= 8 && len(all) < count {
			kind, size := u16(block), u16(block[2:])
			if size > len(block)-8 {
				return nil, damaged("a message of %d bytes has room for %d", size, len(block)-8)
			}
			if shared := block[4]&2 != 0; shared {
				kind = -1 // what it says is elsewhere
			}
			m := message{kind, block[8 : 8+size]}
			all = append(all, m)
			block = block[8+size:]
			if kind == continuationMessage && size >= 16 {
				blocks = append(blocks, [2]uint64{u64(m.data), u64(m.data[8:])})
			}
		}
	}
	return all, nil
}

// object reads a group with all it holds, or what the file says of a dataset. Any
// other object is left out.
func (f *File) object(path string, at uint64, depth int) error {
	all, err := f.messages(at)
	if err != nil {
		return err
	}
	said := map[int][]byte{}
	for _, m := range all {
		if m.kind == attributeMessage && path == "" && len(m.data) == len(sumStart)+64 && strings.HasPrefix(string(m.data), sumStart) {
			f.sum = string(m.data[len(sumStart):])
		}
		said[m.kind] = m.data
	}
	if group, ok := said[groupMessage]; ok {
		if len(group) < 16 || depth > maxDepth {
			return damaged("%.60q: groups are too deep, or one has no names", path)
		}
		names, err := f.names(u64(group[8:]))
		if err != nil {
			return err
		}
		return f.tree(path, u64(group), names, depth, 0)
	}
	if said[layoutMessage] == nil || path == "" {
		return nil
	}
	e := entry{}
	e.Shape, e.trouble = shape(said[spaceMessage])
	if e.trouble == nil {
		e.Type, e.trouble = typeOf(said[typeMessage])
	}
	if e.trouble == nil {
		e.at, e.size, e.trouble = f.place(said[layoutMessage])
	}
	if e.trouble == nil {
		e.trouble = e.check()
	}
	path = path[1:]
	if _, twice := f.datasets[path]; twice {
		return damaged("%.60q is there twice", path)
	}
	f.datasets[path] = e
	return nil
}

// names reads the names of a group, one after another.
func (f *File) names(at uint64) (string, error) {
	h, err := f.read(at, 32)
	if err != nil {
		return "", err
	}
	if string(h[:4]) != "HEAP" {
		return "", damaged("no names at byte %d", at)
	}
	names, err := f.read(u64(h[24:]), u64(h[8:]))
	return string(names), err
}

// tree reads what is below a node of a group's tree.
func (f *File) tree(path string, at uint64, names string, depth, level int) error {
	h, err := f.read(at, 8)
	if err != nil {
		return err
	}
	if string(h[:4]) == "SNOD" {
		entries, err := f.read(at+8, 40*uint64(u16(h[6:])))
		for ; len(entries) > 0 && err == nil; entries = entries[40:] {
			start := u64(entries)
			if start >= uint64(len(names)) {
				return damaged("a name of %.60q is past their end", path)
			}
			name, _, _ := strings.Cut(names[start:min(len(names), int(start)+maxPath)], "\x00")
			if name == "" || strings.Contains(name, "/") || len(path)+len(name) >= maxPath {
				return damaged("%.60q has a name %.60q", path, name)
			}
			err = f.object(path+"/"+name, u64(entries[8:]), depth+1)
		}
		return err
	}
	if string(h[:4]) != "TREE" || h[4] != 0 || level > maxDepth {
		return damaged("no tree at byte %d", at)
	}
	children, err := f.read(at+24, 16*uint64(u16(h[6:])))
	for ; len(children) > 0 && err == nil; children = children[16:] { // after the key of each
		err = f.tree(path, u64(children[8:]), names, depth, level+1)
	}
	return err
}

// shape is what a message says of the axes.
func shape(b []byte) ([]int, error) {
	start := 8
	switch {
	case len(b) >= 4 && b[0] == 2 && b[3] < 2:
		start = 4
	case len(b) < 8 || b[0] != 1:
		return nil, damaged("no shape")
	}
	axes := int(b[1])
	if axes > maxAxes || len(b) < start+8*axes {
		return nil, damaged("a shape of %d axes in %d bytes", axes, len(b))
	}
	s := make([]int, axes)
	for i := range s {
		n := u64(b[start+8*i:])
		if n > math.MaxInt {
			return nil, damaged("an axis of %d values", n)
		}
		s[i] = int(n)
	}
	return s, nil
}

// typeOf is the type that a message says, or another name if that is none of types.
func typeOf(b []byte) (string, error) {
	for name, t := range types {
		if strings.HasPrefix(string(b), t.text) {
			return name, nil
		}
	}
	if len(b) < 8 {
		return "", damaged("no type")
	}
	kind := "class " + fmt.Sprint(b[0]&15)
	if b[0]&15 < 2 {
		kind = [...]string{"int", "float"}[b[0]&15]
	}
	return "", errors.Errorf("got values of another type (%s, %d bytes), want little-endian numbers", kind, binary.LittleEndian.Uint32(b[4:]))
}

// place is where a message says that the data is.
func (f *File) place(b []byte) (at, size int64, err error) {
	const contiguous = "\x03\x01" // version and class
	if len(b) < 18 || string(b[:2]) != contiguous || u64(b[2:]) == undefined {
		return 0, 0, errors.New("its data is not in one piece: chunked, compressed or elsewhere")
	}
	return int64(u64(b[2:])), int64(u64(b[10:])), f.within(u64(b[2:]), u64(b[10:]))
}

// check is an error if the data has not the size that type and shape need.
func (e *entry) check() error {
	want := types[e.Type].size
	for _, n := range e.Shape {
		if n > 0 && want > math.MaxInt/n {
			return damaged("shape %v is too large", e.Shape)
		}
		want *= n
	}
	if e.size != int64(want) {
		return damaged("got %d bytes for shape %v of %s, want %d", e.size, e.Shape, e.Type, want)
	}
	return nil
}
