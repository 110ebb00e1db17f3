// Package hdf5 reads and writes the part of HDF5 that Keras's weights are kept in:
// groups of the old style, and arrays of numbers in one piece each, as h5py writes
// them. It knows no networks.
//
// [Write] adds a checksum, which other readers do not mind and [Open] checks; HDF5
// itself would not notice a changed number. A file from elsewhere need not have
// one. No file, however damaged, makes Open take more memory than a few times its
// length.
//
// The format: "HDF5 File Format Specification Version 3.0", The HDF Group.
package hdf5

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
)

// Dataset is an array of numbers; without axes it is one.
type Dataset struct {
	Type  string // F16, F32, F64, I32, I64; V2 is any 2 bytes
	Shape []int  // the lengths of the axes
	Data  []byte // all values, little-endian, the last axis fastest
}

// types are the types by what a file says of them: class and version, order of
// bytes and signs, size, offset and precision in bits and, of floats, where
// exponent and fraction are.
var types = map[string]struct {
	size int
	text string
}{
	"F16": {2, "\x11\x20\x0f\x00\x02\x00\x00\x00\x00\x00\x10\x00\x0a\x05\x00\x0a\x0f\x00\x00\x00"},
	"F32": {4, "\x11\x20\x1f\x00\x04\x00\x00\x00\x00\x00\x20\x00\x17\x08\x00\x17\x7f\x00\x00\x00"},
	"F64": {8, "\x11\x20\x3f\x00\x08\x00\x00\x00\x00\x00\x40\x00\x34\x0b\x00\x34\xff\x03\x00\x00"},
	"I32": {4, "\x10\x08\x00\x00\x04\x00\x00\x00\x00\x00\x20\x00"},
	"I64": {8, "\x10\x08\x00\x00\x08\x00\x00\x00\x00\x00\x40\x00"},
	"V2":  {2, "\x15\x00\x00\x00\x02\x00\x00\x00"},
}

const (
	magic      = "\x89HDF\r\n\x1a\n"
	superblock = 96             // bytes at the start of a file
	undefined  = math.MaxUint64 // an address of nothing
	treeK      = 16             // half of the children that a node of a tree has room for
)

// Kinds of messages, which say what an object is.
const (
	spaceMessage        = 0x01
	typeMessage         = 0x03
	fillMessage         = 0x05
	layoutMessage       = 0x08
	attributeMessage    = 0x0c
	continuationMessage = 0x10
	groupMessage        = 0x11
)

// sumStart is what comes before the checksum in the attribute of the first group
// that holds it: version, sizes, name, type (a text of 64 bytes) and shape (one).
const sumStart = "\x01\x00\x07\x00\x08\x00\x08\x00" + "sha256\x00\x00" + "\x13\x01\x00\x00\x40\x00\x00\x00" + "\x01\x00\x00\x00\x00\x00\x00\x00"

// checksum returns the SHA-256 of all datasets with their paths, types and shapes,
// in hexadecimal digits. data writes the data of one.
func checksum(all map[string]Dataset, data func(h io.Writer, path string) error) (string, error) {
	h := sha256.New()
	for _, path := range slices.Sorted(maps.Keys(all)) {
		d := all[path]
		text := fmt.Sprintf("%q %s %v", path, d.Type, d.Shape)
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(text))))
		io.WriteString(h, text)
		if err := data(h, path); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
