// Package idx reads and writes IDX files, the format in which MNIST, EMNIST and
// Fashion-MNIST are published. An [Array] is what one file holds: unsigned
// bytes in 1 to 4 axes. [ReadFile] and [ReadFS] find a file, [Read] takes any
// stream, plain or compressed with gzip. They trust no header: memory grows only
// with the data that is really there.
//
// A file starts with a magic number, 0x00000800 and the number of axes; the
// length of each axis follows, then the values, the last axis fastest. The
// numbers are big-endian, of 32 bits.
//
// The package knows no digits, and reads no other type of values.
package idx

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"os"

	"github.com/pkg/errors"
)

// Array is what an IDX file holds.
type Array struct {
	Shape []int   // lengths of the 1 to 4 axes: (N) for labels, (N, H, W) for grey images
	Data  []uint8 // all values, the last axis fastest
}

const (
	unsignedByte = 0x800 // the type of the values, in the third byte of the magic number
	maxAxes      = 4
)

// header is the start of the file of a: the magic number and the lengths.
func (a Array) header() ([]byte, error) {
	if n := len(a.Shape); n < 1 || n > maxAxes {
		return nil, errors.Errorf("shape: got %d axes, want 1 to %d", n, maxAxes)
	}
	h := binary.BigEndian.AppendUint32(nil, uint32(unsignedByte+len(a.Shape)))
	for _, n := range a.Shape {
		if n < 0 || int64(n) > math.MaxUint32 {
			return nil, errors.Errorf("shape %v: got an axis of length %d, want 0 to %d", a.Shape, n, uint32(math.MaxUint32))
		}
		h = binary.BigEndian.AppendUint32(h, uint32(n))
	}
	n, err := size(a.Shape)
	if err == nil && n != len(a.Data) {
		err = errors.Errorf("shape %v: got %d values, want %d", a.Shape, len(a.Data), n)
	}
	return h, err
}

// size returns the number of values in a shape. It returns an error if an int
// cannot hold that number, or could not hold a length, which is negative then.
func size(shape []int) (int, error) {
	n := 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > math.MaxInt/d {
			return 0, errors.Errorf("shape %v: got more than %d values", shape, math.MaxInt)
		}
		n *= d
	}
	return n, nil
}

// Write writes the file of a, not compressed. It writes nothing if the shape
// does not fit the data.
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
// alone if the shape does not fit the data.
func (a Array) WriteFile(path string) error {
	var file bytes.Buffer
	if err := a.Write(&file); err != nil {
		return errors.WithMessage(err, path)
	}
	return errors.WithStack(os.WriteFile(path, file.Bytes(), 0o666))
}
