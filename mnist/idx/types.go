package idx

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Type is the type of all values of an array, as the third byte of the file
// says it.
type Type uint8

// The types that the format has.
const (
	Uint8   Type = 0x08
	Int8    Type = 0x09
	Int16   Type = 0x0B
	Int32   Type = 0x0C
	Float32 Type = 0x0D
	Float64 Type = 0x0E
)

// types are the names of the types and the bytes that a value takes.
var types = map[Type]struct {
	name string
	size int
}{
	Uint8: {"uint8", 1}, Int8: {"int8", 1}, Int16: {"int16", 2},
	Int32: {"int32", 4}, Float32: {"float32", 4}, Float64: {"float64", 8},
}

// String is Go's name of the type, such as "uint8".
func (t Type) String() string {
	if known, ok := types[t]; ok {
		return known.name
	}
	return fmt.Sprintf("unknown type 0x%02x", uint8(t))
}

// or is the type that 0 stands for.
func (t Type) or() Type {
	if t == 0 {
		return Uint8
	}
	return t
}

// Values are the numbers that Data holds, of any type and exact. Bytes after the
// last whole value are left out; of an unknown type there are none.
func (a Array) Values() []float64 {
	size := types[a.Type.or()].size
	if size == 0 {
		return nil
	}
	v := make([]float64, len(a.Data)/size)
	for i := range v {
		b := a.Data[i*size:]
		switch a.Type.or() {
		case Uint8:
			v[i] = float64(b[0])
		case Int8:
			v[i] = float64(int8(b[0]))
		case Int16:
			v[i] = float64(int16(binary.BigEndian.Uint16(b)))
		case Int32:
			v[i] = float64(int32(binary.BigEndian.Uint32(b)))
		case Float32:
			v[i] = float64(math.Float32frombits(binary.BigEndian.Uint32(b)))
		case Float64:
			v[i] = math.Float64frombits(binary.BigEndian.Uint64(b))
		}
	}
	return v
}
