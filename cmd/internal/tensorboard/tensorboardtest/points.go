// Package tensorboardtest reads event files, for tests: by the definitions of
// their formats, with nothing of what writes them.
package tensorboardtest

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// Point is one value of a curve.
type Point struct {
	Version  string // of a file's first event, which has no value
	Step     int64
	WallTime float64 // seconds since 1970
	Tag      string
	Value    float32
}

// Points are all points of a run's files, in order. A wrong checksum is an
// error of the test.
func Points(t *testing.T, dir string) (points []Point) {
	t.Helper()
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.Contains(e.Name(), "tfevents") { // what TensorBoard knows an event file by
			t.Errorf("%s is no event file", e.Name())
		}
		file, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for len(file) > 0 {
			n := binary.LittleEndian.Uint64(file)
			data := file[12 : 12+n]
			for _, c := range []struct{ of, sum []byte }{{file[:8], file[8:12]}, {data, file[12+n : 16+n]}} {
				if want := maskedBitwise(c.of); binary.LittleEndian.Uint32(c.sum) != want {
					t.Errorf("%s: got checksum %x, want %08x little-endian", e.Name(), c.sum, want)
				}
			}
			points = append(points, readEvent(t, data)...)
			file = file[16+n:]
		}
	}
	return points
}

// maskedBitwise is the masked CRC-32C of TFRecord, bit by bit.
func maskedBitwise(data []byte) uint32 {
	crc := ^uint32(0)
	for _, b := range data {
		crc ^= uint32(b)
		for range 8 {
			low := crc & 1
			crc >>= 1
			if low == 1 {
				crc ^= 0x82f63b78 // Castagnoli's polynomial, reversed
			}
		}
	}
	crc = ^crc
	return (crc>>15 | crc<<17) + 0xa282ead8
}

// readEvent is the points of an Event message.
func readEvent(t *testing.T, data []byte) (points []Point) {
	t.Helper()
	var common Point
	fields(t, data, func(num protowire.Number, v []byte, n uint64) {
		switch num {
		case 1:
			common.WallTime = math.Float64frombits(n)
		case 2:
			common.Step = int64(n)
		case 3:
			points = append(points, Point{Version: string(v)})
		case 5:
			fields(t, v, func(_ protowire.Number, v []byte, _ uint64) {
				var p Point
				fields(t, v, func(num protowire.Number, v []byte, n uint64) {
					if num == 1 {
						p.Tag = string(v)
					} else {
						p.Value = math.Float32frombits(uint32(n))
					}
				})
				points = append(points, p)
			})
		}
	})
	for i := range points {
		points[i].WallTime, points[i].Step = common.WallTime, common.Step
	}
	return points
}

// fields calls f with the number of each field of a message and its bytes or
// its number.
func fields(t *testing.T, data []byte, f func(num protowire.Number, v []byte, n uint64)) {
	t.Helper()
	for len(data) > 0 {
		num, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		data = data[n:]
		var v []byte
		var x uint64
		switch kind {
		case protowire.BytesType:
			v, n = protowire.ConsumeBytes(data)
		case protowire.VarintType:
			x, n = protowire.ConsumeVarint(data)
		case protowire.Fixed64Type:
			x, n = protowire.ConsumeFixed64(data)
		case protowire.Fixed32Type:
			var y uint32
			y, n = protowire.ConsumeFixed32(data)
			x = uint64(y)
		}
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		f(num, v, x)
		data = data[n:]
	}
}
