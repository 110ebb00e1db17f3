package hdf5

import (
	"encoding/binary"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

var little = binary.LittleEndian

// group is a group to write.
type group struct {
	groups   map[string]*group
	datasets map[string]Dataset
}

// below returns the group at a path below g, and makes it if it is not there.
func (g *group) below(path string) *group {
	if path == "" {
		return g
	}
	name, rest, _ := strings.Cut(path, "/")
	if g.groups[name] == nil {
		g.groups[name] = &group{map[string]*group{}, map[string]Dataset{}}
	}
	return g.groups[name].below(rest)
}

// names are the names in g, in the order in which HDF5 looks for them.
func (g *group) names() []string {
	names := slices.AppendSeq(slices.Collect(maps.Keys(g.groups)), maps.Keys(g.datasets))
	slices.Sort(names)
	return names
}

// most is the largest number of names in g or in a group below it.
func (g *group) most() int {
	n := len(g.groups) + len(g.datasets)
	for _, below := range g.groups {
		n = max(n, below.most())
	}
	return n
}

// Write writes datasets by their paths, the groups that they are in, more groups
// that are empty, and a checksum. Equal content has equal bytes. A type must be one
// of [Dataset]'s, and the data as long as type and shape need.
func Write(w io.Writer, datasets map[string]Dataset, groups ...string) error {
	root := &group{map[string]*group{}, map[string]Dataset{}}
	for _, path := range groups {
		root.below(path)
	}
	for path, d := range datasets {
		e := entry{Dataset: d, size: int64(len(d.Data))}
		if types[d.Type].text == "" {
			return errors.Errorf("%s: got type %q", path, d.Type)
		}
		if err := e.check(); err != nil {
			return errors.WithMessage(err, path)
		}
		at := strings.LastIndexByte(path, '/')
		root.below(path[:max(0, at)]).datasets[path[at+1:]] = d
	}
	sum, _ := checksum(datasets, func(h io.Writer, path string) error {
		h.Write(datasets[path].Data)
		return nil
	})
	const nodes = 2 * treeK // all that one tree has room for, so that none needs a second level
	f := writer{leafK: max(4, (root.most()+2*nodes-1)/(2*nodes))}
	f.b = append(f.b, make([]byte, superblock)...)
	first := f.group(root, message{attributeMessage, []byte(sumStart + sum)})
	head := append([]byte(magic), 0, 0, 0, 0, 0, 8, 8, 0)
	head = little.AppendUint16(head, uint16(f.leafK))
	head = little.AppendUint16(head, treeK)
	head = append(head, 0, 0, 0, 0)
	for _, address := range []uint64{0, undefined, uint64(len(f.b)), undefined} { // start, free space, end, driver
		head = little.AppendUint64(head, address)
	}
	copy(f.b, append(head, first.entry(0)...))
	_, err := w.Write(f.b)
	return errors.WithStack(err)
}

// writer is a file so far.
type writer struct {
	b     []byte
	leafK int // half of the names that a leaf of a tree has room for
}

// object is where an object is and, if it is a group, its tree and its names.
type object struct{ header, tree, names uint64 }

// entry is the object as its group lists it; name is where its name is.
func (o object) entry(name uint64) []byte {
	b := little.AppendUint64(nil, name)
	b = little.AppendUint64(b, o.header)
	isGroup := uint64(0)
	if o.tree != 0 {
		isGroup = 1
	}
	for _, n := range []uint64{isGroup, o.tree, o.names} {
		b = little.AppendUint64(b, n)
	}
	return b
}

// group writes a group after all that it holds.
func (w *writer) group(g *group, more ...message) object {
	names := make([]byte, 8) // the first is empty
	var starts []uint64
	var entries [][]byte
	for _, name := range g.names() {
		var o object
		if below := g.groups[name]; below != nil {
			o = w.group(below)
		} else {
			o = w.dataset(g.datasets[name])
		}
		start := uint64(len(names))
		starts = append(starts, start)
		entries = append(entries, o.entry(start))
		names = pad(append(append(names, name...), 0))
	}
	w.b = pad(w.b)
	o := object{names: uint64(len(w.b))}
	w.b = append(w.b, "HEAP\x00\x00\x00\x00"...)
	const noFreeBlock = 1
	for _, n := range []uint64{uint64(len(names)), noFreeBlock, o.names + 32} {
		w.b = little.AppendUint64(w.b, n)
	}
	w.b = append(w.b, names...)

	room := 2 * w.leafK
	children := little.AppendUint64(nil, 0) // each with the keys before and after it: the last name of a leaf
	leaves := 0
	for from := 0; from < len(entries); from += room {
		part := entries[from:min(from+room, len(entries))]
		children = little.AppendUint64(children, uint64(len(w.b)))
		children = little.AppendUint64(children, starts[from+len(part)-1])
		leaves++
		w.b = append(w.b, "SNOD\x01\x00"...)
		w.b = little.AppendUint16(w.b, uint16(len(part)))
		w.b = append(w.b, slices.Concat(part...)...)
		w.b = append(w.b, make([]byte, 40*(room-len(part)))...)
	}
	o.tree = uint64(len(w.b))
	w.b = append(w.b, "TREE\x00\x00"...)
	w.b = little.AppendUint16(w.b, uint16(leaves))
	w.b = little.AppendUint64(w.b, undefined) // no neighbours
	w.b = little.AppendUint64(w.b, undefined)
	w.b = append(w.b, children...)
	w.b = append(w.b, make([]byte, 16*(2*treeK-leaves))...)
	at := little.AppendUint64(little.AppendUint64(nil, o.tree), o.names)
	o.header = w.header(append([]message{{groupMessage, at}}, more...)...)
	return o
}

// dataset writes a dataset after its data.
func (w *writer) dataset(d Dataset) object {
	w.b = pad(w.b)
	layout := append([]byte{3, 1}, little.AppendUint64(nil, uint64(len(w.b)))...)
	layout = little.AppendUint64(layout, uint64(len(d.Data)))
	w.b = append(w.b, d.Data...)
	space := []byte{1, byte(len(d.Shape)), 0, 0, 0, 0, 0, 0}
	for _, n := range d.Shape {
		space = little.AppendUint64(space, uint64(n))
	}
	fill := []byte{2, 2, 2, 0} // version 2, room made late, written if set, not set
	return object{header: w.header(message{spaceMessage, space}, message{typeMessage, []byte(types[d.Type].text)},
		message{fillMessage, fill}, message{layoutMessage, layout})}
}

// header writes what a file says of an object, and returns where.
func (w *writer) header(all ...message) uint64 {
	var body []byte
	for _, m := range all {
		data := pad(m.data)
		body = little.AppendUint16(body, uint16(m.kind))
		body = little.AppendUint16(body, uint16(len(data)))
		body = append(append(body, 0, 0, 0, 0), data...)
	}
	w.b = pad(w.b)
	at := uint64(len(w.b))
	w.b = append(w.b, 1, 0) // version
	w.b = little.AppendUint16(w.b, uint16(len(all)))
	w.b = little.AppendUint32(w.b, 1) // links to it
	w.b = little.AppendUint32(w.b, uint32(len(body)))
	w.b = append(append(w.b, 0, 0, 0, 0), body...)
	return at
}

// pad adds zeros up to a multiple of 8 bytes.
func pad(b []byte) []byte { return append(b, make([]byte, (8-len(b)%8)%8)...) }
