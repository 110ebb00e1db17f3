// Package idx reads and writes IDX files, the format in which MNIST, EMNIST and
// Fashion-MNIST are published. An [Array] is what one file holds: numbers of one
// [Type] in 1 to 4 axes. [ReadFile] and [ReadFS] find a file, [Read] takes any
// stream, plain or compressed with gzip. They trust no header: memory grows only
// with the data that is really there.
//
// A file starts with two zeros, the type of its values and the number of axes;
// the length of each axis follows, of 32 bits, then the values, the last axis
// fastest. All numbers are big-endian.
//
// The package knows no digits.
package idx

import (
	"encoding/binary"
	"io"
	"math"
	"os"

	"github.com/pkg/errors"
)

// Array is what an IDX file holds.
type Array struct {
	Type  Type    // of the values; 0 is Uint8
	Shape []int   // lengths of the 1 to 4 axes: (N) for labels, (N, H, W) for grey images
	Data  []uint8 // all values as the file has them, big-endian, the last axis fastest
}

const maxAxes = 4

// header is the start of the file of a: the magic number and the lengths.
func (a Array) header() ([]byte, error) {
	if n := len(a.Shape); n < 1 || n > maxAxes {
		return nil, errors.Errorf("shape: got %d axes, want 1 to %d", n, maxAxes)
	}
	t := a.Type.or()
	if types[t].size == 0 {
		return nil, errors.Errorf("got values of %v", t)
	}
	h := []byte{0, 0, byte(t), byte(len(a.Shape))}
	for _, n := range a.Shape {
		if n < 0 || int64(n) > math.MaxUint32 {
			return nil, errors.Errorf("shape %v: got an axis of length %d, want 0 to %d", a.Shape, n, uint32(math.MaxUint32))
		}
		h = binary.BigEndian.AppendUint32(h, uint32(n))
	}
	n, err := bytesOf(t, a.Shape)
	switch {
	case err != nil:
		return nil, err
	case n != len(a.Data) && t == Uint8:
		return nil, errors.Errorf("shape %v: got %d values, want %d", a.Shape, len(a.Data), n)
	case n != len(a.Data):
		return nil, errors.Errorf("shape %v: got %d bytes of %v values, want %d", a.Shape, len(a.Data), t, n)
	}
	return h, nil
}

// bytesOf returns the length of the values of a shape in bytes. It returns an error if
// an int cannot hold that number, or the length of an axis, which is negative then.
func bytesOf(t Type, shape []int) (int, error) {
	n := types[t].size
	for _, d := range shape {
		if d < 0 || d > 0 && n > math.MaxInt/d {
			return 0, errors.Errorf("shape %v: got more than %d bytes of values", shape, math.MaxInt)
		}
		n *= d
	}
	return n, nil
}

// Write writes the file of a, not compressed. It writes nothing if the type and
// shape do not fit the data.
func (a Array) Write(w io.Writer) error {
	h, err := a.header()
	if err != nil {
		return err
	}
	for _, part := range [][]byte{h, a.Data} {
		if _, err := w.Write(part); err != nil {
			return errors.WithStack(err)
		}
	}
	return nil
}

// WriteFile writes the file of a to path, over what is there. It leaves that
// alone if the type and shape do not fit the data.
func (a Array) WriteFile(path string) error {
	if _, err := a.header(); err != nil {
		return errors.WithMessage(err, path)
	}
	f, err := os.Create(path)
	if err != nil {
		return errors.WithStack(err)
	}
	err = a.Write(f)
	if closed := f.Close(); err == nil {
		err = errors.WithStack(closed)
	}
	return err
}
