package npz

import (
	"encoding/binary"
	"io"
	"math"
	"slices"

	"github.com/pkg/errors"
)

// Array is a number of values in any number of axes; without axes it is one.
type Array struct {
	Type  string // numpy's: |b1 |i1 |u1, or < before i2 u2 f2 i4 u4 f4 i8 u8 f8
	Shape []int  // the lengths of the axes
	Data  []byte // all values, little-endian, the last axis fastest
}

// Memory is firstChunk bytes before any data is seen, and grows by this factor
// when data has filled it.
const (
	firstChunk = 64 << 10
	growth     = 4
)

// readArray reads a .npy file of size bytes up to its end.
func readArray(r io.Reader, size uint64) (Array, error) {
	h, err := readHeader(r, size)
	if err != nil {
		return Array{}, err
	}
	var data []byte
	for len(data) < h.size {
		grown := make([]byte, min(h.size, max(firstChunk, growth*len(data))))
		n := copy(grown, data)
		if _, err := io.ReadFull(r, grown[n:]); err != nil {
			return Array{}, errors.Wrap(noEOF(err), "values")
		}
		data = grown
	}
	// Only the read past the last byte makes zip compare its checksum.
	if _, err := io.ReadFull(r, make([]byte, 1)); err != io.EOF {
		if err == nil {
			err = errors.New("got more data, want the end")
		}
		return Array{}, errors.WithMessage(err, "after the values")
	}
	return newArray(h, data), nil
}

// newArray puts data into order.
func newArray(h header, data []byte) Array {
	width := width(h.descr)
	a := Array{Type: "<" + h.descr[1:], Shape: h.shape, Data: data}
	if width == 1 {
		a.Type = "|" + h.descr[1:]
	} else if h.descr[0] == '>' {
		for i := 0; i < len(data); i += width {
			slices.Reverse(data[i : i+width])
		}
	}
	if h.fortran && len(data) > 0 {
		a.Data = lastFastest(data, h.shape, width)
	}
	return a
}

// lastFastest returns values, each width bytes, of which the first axis is the
// fastest, in the order of which the last is.
func lastFastest(data []byte, shape []int, width int) []byte {
	stride := make([]int, len(shape)) // in data, of each axis
	step := width
	for i, n := range shape {
		stride[i] = step
		step *= n
	}
	ordered := make([]byte, 0, len(data))
	at := make([]int, len(shape)) // the position along each axis
	from := 0                     // its offset in data
	for len(ordered) < len(data) {
		ordered = append(ordered, data[from:from+width]...)
		for axis := len(shape) - 1; axis >= 0; axis-- {
			at[axis]++
			from += stride[axis]
			if at[axis] < shape[axis] {
				break
			}
			from -= stride[axis] * shape[axis]
			at[axis] = 0
		}
	}
	return ordered
}

// width is how many bytes a value of type descr takes, 0 if that is none that is
// read.
func width(descr string) int {
	if checkType(descr) != nil {
		return 0
	}
	return int(descr[2] - '0')
}

// Len is the number of values, 0 if Type is unknown.
func (a Array) Len() int { return len(a.Data) / max(width(a.Type), 1) * min(width(a.Type), 1) }

// Values are all values; true is 1. They are exact, but integers of 64 bits
// beyond 2^53, which are rounded.
func (a Array) Values() []float64 {
	v := make([]float64, a.Len())
	for i := range v {
		v[i] = a.Value(i)
	}
	return v
}

// Value is element i of Values.
func (a Array) Value(i int) float64 {
	little := binary.LittleEndian
	switch a.Type {
	case "|b1":
		return float64(min(a.Data[i], 1))
	case "|u1":
		return float64(a.Data[i])
	case "|i1":
		return float64(int8(a.Data[i]))
	case "<u2":
		return float64(little.Uint16(a.Data[2*i:]))
	case "<i2":
		return float64(int16(little.Uint16(a.Data[2*i:])))
	case "<f2":
		return Half(little.Uint16(a.Data[2*i:]))
	case "<u4":
		return float64(little.Uint32(a.Data[4*i:]))
	case "<i4":
		return float64(int32(little.Uint32(a.Data[4*i:])))
	case "<f4":
		return float64(math.Float32frombits(little.Uint32(a.Data[4*i:])))
	case "<u8":
		return float64(little.Uint64(a.Data[8*i:]))
	case "<i8":
		return float64(int64(little.Uint64(a.Data[8*i:])))
	case "<f8":
		return math.Float64frombits(little.Uint64(a.Data[8*i:]))
	}
	return math.NaN()
}

// Half returns the number that a float of 16 bits stands for: sign, 5 bits of exponent,
// 10 of fraction.
func Half(bits uint16) float64 {
	fraction, exponent := float64(bits&0x3ff), int(bits>>10&0x1f)
	x := 0.0
	switch exponent {
	case 0:
		x = math.Ldexp(fraction, -24)
	case 0x1f:
		x = math.Inf(1)
		if fraction != 0 {
			x = math.NaN()
		}
	default:
		x = math.Ldexp(0x400+fraction, exponent-25)
	}
	if bits>>15 == 1 {
		return -x
	}
	return x
}

// HalfBits returns the float of 16 bits that is nearest to x, of two the even one:
// infinite from 65520 on. All but NaN keep their sign.
func HalfBits(x float32) uint16 {
	v := math.Abs(float64(x))
	_, least := math.Frexp(0x1p-14) // smaller numbers have less than 11 binary digits
	_, exponent := math.Frexp(max(v, 0x1p-14))
	bits := uint16(0x7c00) // infinite
	switch {
	case math.IsNaN(v):
		return 0x7e00
	case v < 65520:
		// The highest of 11 digits counts up the exponent, and so does a carry.
		digits := math.RoundToEven(math.Ldexp(v, 11-exponent))
		bits = uint16(exponent-least)<<10 + uint16(digits)
	}
	if math.Signbit(float64(x)) {
		bits |= 1 << 15
	}
	return bits
}
