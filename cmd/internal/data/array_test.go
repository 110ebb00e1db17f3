package data

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapenet/graph"
	"tapenet/mnist/idx"
)

// float32s is an IDX array of fractions.
func float32s(shape []int, values ...float32) idx.Array {
	a := idx.Array{Type: idx.Float32, Shape: shape}
	for _, v := range values {
		a.Data = binary.BigEndian.AppendUint32(a.Data, math.Float32bits(v))
	}
	return a
}

// int32s is an IDX array of whole numbers.
func int32s(shape []int, values ...int32) idx.Array {
	a := idx.Array{Type: idx.Int32, Shape: shape}
	for _, v := range values {
		a.Data = binary.BigEndian.AppendUint32(a.Data, uint32(v))
	}
	return a
}

func TestImages(t *testing.T) {
	b := func(values ...uint8) []uint8 { return values }
	for _, row := range []struct {
		name       string
		array      idx.Array
		wantPixels []uint8
		wantShape  graph.Shape
		wantScaled bool
		wantErr    string
	}{
		{"grey", idx.Array{Type: idx.Uint8, Shape: []int{2, 1, 2}, Data: b(1, 2, 3, 4)}, b(1, 2, 3, 4), graph.Shape{1, 1, 2}, false, ""},
		{"channels last", idx.Array{Type: idx.Uint8, Shape: []int{2, 1, 2, 3}, Data: b(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)},
			b(1, 4, 2, 5, 3, 6, 7, 10, 8, 11, 9, 12), graph.Shape{3, 1, 2}, false, ""},
		{"channels first", idx.Array{Type: idx.Uint8, Shape: []int{1, 3, 2, 2}, Data: b(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)},
			b(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), graph.Shape{3, 2, 2}, false, ""},
		{"channels first or last", idx.Array{Type: idx.Uint8, Shape: []int{1, 1, 2, 3}, Data: b(1, 2, 3, 4, 5, 6)},
			b(1, 4, 2, 5, 3, 6), graph.Shape{3, 1, 2}, false, ""},
		{"one channel, last", idx.Array{Type: idx.Uint8, Shape: []int{1, 2, 2, 1}, Data: b(1, 2, 3, 4)}, b(1, 2, 3, 4), graph.Shape{1, 2, 2}, false, ""},
		{"two channels", idx.Array{Type: idx.Uint8, Shape: []int{1, 2, 2, 2}, Data: make([]uint8, 8)}, nil, nil, false,
			"got an array (1, 2, 2, 2), want images (N, H, W), (N, H, W, C) or (N, C, H, W) of C = 1 or 3 channels"},
		{"points", idx.Array{Type: idx.Uint8, Shape: []int{2, 2}, Data: make([]uint8, 4)}, nil, nil, false, "got an array (2, 2), want images"},
		{"no images", idx.Array{Type: idx.Uint8, Shape: []int{0, 2, 2}}, nil, nil, false, "image count: got 0, want at least 1"},
		{"no rows", idx.Array{Type: idx.Uint8, Shape: []int{2, 0, 2}}, nil, nil, false, "image size: got 0x2, want at least 1x1"},
		{"int32", int32s([]int{1, 1, 3}, 0, 255, 7), b(0, 255, 7), graph.Shape{1, 1, 3}, false, ""},
		{"int32, 0 and 1", int32s([]int{1, 1, 2}, 0, 1), b(0, 1), graph.Shape{1, 1, 2}, false, ""},
		{"int32 over 255", int32s([]int{1, 1, 2}, 0, 256), nil, nil, false, "got pixels from 0 to 256, want whole numbers from 0 to 255, or fractions from 0 to 1"},
		{"int32 below 0", int32s([]int{1, 1, 2}, -1, 6), nil, nil, false, "got pixels from -1 to 6, want"},
		{"fractions", float32s([]int{1, 1, 4}, 0, 1, 0.5, 0.25), b(0, 255, 128, 64), graph.Shape{1, 1, 4}, true, ""},
		{"0 and 1 as fractions", float32s([]int{1, 1, 2}, 0, 1), b(0, 255), graph.Shape{1, 1, 2}, true, ""},
		{"whole floats", float32s([]int{1, 1, 2}, 0, 255), b(0, 255), graph.Shape{1, 1, 2}, false, ""},
		{"floats of more than 1", float32s([]int{1, 1, 2}, 0.5, 255), nil, nil, false, "got pixels from 0.5 to 255 that are not whole, want"},
		{"from -1 to 1", float32s([]int{1, 1, 2}, -1, 1), nil, nil, false, "got pixels from -1 to 1, want"},
		{"NaN", float32s([]int{1, 1, 2}, 0, float32(math.NaN())), nil, nil, false, "got pixels from NaN to NaN, want"},
		{"infinite", float32s([]int{1, 1, 2}, 0, float32(math.Inf(1))), nil, nil, false, "got pixels from 0 to +Inf, want"},
	} {
		t.Run(row.name, func(t *testing.T) {
			pixels, shape, scaled, err := arrayOf("file", row.array).images()
			if row.wantErr != "" {
				if err == nil || !strings.HasPrefix(err.Error(), "file: "+row.wantErr) {
					t.Errorf("got error %v, want %s", err, row.wantErr)
				}
				return
			}
			if diff := cmp.Diff(row.wantPixels, pixels); err != nil || diff != "" {
				t.Errorf("error %v, pixels (-want +got):\n%s", err, diff)
			}
			if diff := cmp.Diff(row.wantShape, shape); diff != "" || scaled != row.wantScaled {
				t.Errorf("scaled %t, want %t; shape (-want +got):\n%s", scaled, row.wantScaled, diff)
			}
		})
	}
}

// TestManyValues: values are turned into bytes a part at a time, none is lost.
func TestManyValues(t *testing.T) {
	values := make([]int32, chunk+3)
	for i := range values {
		values[i] = int32(i % 251)
	}
	pixels, _, err := arrayOf("file", int32s([]int{1, 1, len(values)}, values...)).grey()
	if err != nil || len(pixels) != len(values) {
		t.Fatalf("got %d pixels and error %v, want %d", len(pixels), err, len(values))
	}
	for i, p := range pixels {
		if int32(p) != values[i] {
			t.Fatalf("pixel %d: got %d, want %d", i, p, values[i])
		}
	}
}

func TestLabels(t *testing.T) {
	for _, row := range []struct {
		name    string
		array   idx.Array
		table   bool
		want    []uint16
		wantErr string
	}{
		{"bytes", idx.Array{Type: idx.Uint8, Shape: []int{3}, Data: []uint8{0, 255, 7}}, false, []uint16{0, 255, 7}, ""},
		{"a column", idx.Array{Type: idx.Uint8, Shape: []int{3, 1}, Data: []uint8{0, 255, 7}}, false, []uint16{0, 255, 7}, ""},
		{"int32", int32s([]int{2}, 256, 0), false, []uint16{256, 0}, ""},
		{"floats", float32s([]int{2}, 3, 0), false, []uint16{3, 0}, ""},
		{"a table", int32s([]int{2, 4}, 9, -1, 1000, 3, 8, 0, 0, 0), true, []uint16{9, 8}, ""},
		{"a table of bytes", idx.Array{Type: idx.Uint8, Shape: []int{2, 2}, Data: []uint8{4, 200, 5, 201}}, true, []uint16{4, 5}, ""},
		{"another table", int32s([]int{2, 2}, 0, 1, 1, 0), false, nil, "got an array (2, 2), want labels (N) or (N, 1)"},
		{"a table of no columns", idx.Array{Type: idx.Uint8, Shape: []int{2, 0}}, true, nil, "got an array (2, 0), want"},
		{"below 0", int32s([]int{2}, 0, -1), false, nil, "label 2 of 2: got -1, want a whole number from 0 to 256"},
		{"over 256", int32s([]int{2}, 0, 257), false, nil, "label 2 of 2: got 257, want"},
		{"not whole", float32s([]int{1}, 0.5), false, nil, "label 1 of 1: got 0.5, want"},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := arrayOf("file", row.array)
			a.table = row.table
			got, err := a.labels()
			if row.wantErr != "" {
				if err == nil || !strings.HasPrefix(err.Error(), "file: "+row.wantErr) {
					t.Errorf("got error %v, want %s", err, row.wantErr)
				}
				return
			}
			if diff := cmp.Diff(row.want, got); err != nil || diff != "" {
				t.Errorf("error %v, (-want +got):\n%s", err, diff)
			}
		})
	}
}
