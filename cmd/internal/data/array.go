package data

import (
	"math"
	"slices"

	"github.com/pkg/errors"

	"tapenet/graph"
	"tapenet/mnist/idx"
)

// array is what a file has, of whatever type of values.
type array struct {
	name     string // for errors
	shape    []int
	bytes    []uint8                      // all values, if they are unsigned bytes
	values   func(from, to int) []float64 // some of the values, if they are not
	fraction bool                         // 1 may stand for white: the type has fractions, or no number above 1
	table    bool                         // labels are its first column
}

// arrayOf is the array of an IDX file.
func arrayOf(name string, a idx.Array) array {
	if a.Type == idx.Uint8 {
		return array{name: name, shape: a.Shape, bytes: a.Data}
	}
	size := len(a.Data) / max(1, graph.Shape(a.Shape).Size())
	values := func(from, to int) []float64 {
		return idx.Array{Type: a.Type, Data: a.Data[from*size : to*size]}.Values()
	}
	return array{name: name, shape: a.Shape, values: values, fraction: a.Type == idx.Float32 || a.Type == idx.Float64}
}

// chunk is how many values become float64 at a time.
const chunk = 1 << 16

// each calls f with each value and its place.
func (a array) each(f func(i int, v float64)) {
	n := graph.Shape(a.shape).Size()
	for from := 0; from < n; from += chunk {
		for i, v := range a.values(from, min(n, from+chunk)) {
			f(from+i, v)
		}
	}
}

// grey returns the values as bytes. Whole numbers from 0 to 255 stay as they
// are; fractions from 0 to 1 are scaled to 255 and rounded. The error is that
// there are others.
func (a array) grey() (values []uint8, scaled bool, err error) {
	if a.values == nil {
		return a.bytes, false, nil
	}
	least, greatest, whole := math.Inf(1), math.Inf(-1), true
	a.each(func(_ int, v float64) {
		least, greatest, whole = min(least, v), max(greatest, v), whole && v == math.Trunc(v)
	})
	scale := 1.
	switch {
	case graph.Shape(a.shape).Size() == 0:
	case a.fraction && least >= 0 && greatest <= 1:
		scale = 255
	case !(least >= 0 && greatest <= 255):
		return nil, false, errors.Errorf("%s: got pixels from %v to %v, want whole numbers from 0 to 255, or fractions from 0 to 1", a.name, least, greatest)
	case !whole:
		return nil, false, errors.Errorf("%s: got pixels from %v to %v that are not whole, want whole numbers from 0 to 255, or fractions from 0 to 1", a.name, least, greatest)
	}
	values = make([]uint8, graph.Shape(a.shape).Size())
	a.each(func(i int, v float64) { values[i] = uint8(math.Round(scale * v)) })
	return values, scale != 1, nil
}

// images returns the pixels (N, C, H, W) and the shape (C, H, W) of an image. The
// array is (N, H, W), (N, H, W, C) or (N, C, H, W); the axis of length 1 or 3 is
// that of the channels, the last one if both could be.
func (a array) images() (pixels []uint8, shape graph.Shape, scaled bool, err error) {
	s, last := a.shape, false
	channels := func(n int) bool { return n == 1 || n == 3 }
	switch {
	case len(s) == 3:
		shape = graph.Shape{1, s[1], s[2]}
	case len(s) == 4 && channels(s[3]):
		shape, last = graph.Shape{s[3], s[1], s[2]}, true
	case len(s) == 4 && channels(s[1]):
		shape = graph.Shape{s[1], s[2], s[3]}
	default:
		return nil, nil, false, errors.Errorf("%s: got an array (%s), want images (N, H, W), (N, H, W, C) or (N, C, H, W) of C = 1 or 3 channels", a.name, graph.Shape(s).Join(", "))
	}
	if s[0] == 0 {
		return nil, nil, false, errors.Errorf("%s: image count: got 0, want at least 1", a.name)
	}
	if slices.Min(shape) < 1 {
		return nil, nil, false, errors.Errorf("%s: image size: got %dx%d, want at least 1x1", a.name, shape[1], shape[2])
	}
	if pixels, scaled, err = a.grey(); err == nil && last {
		turn(pixels, shape[1]*shape[2], shape[0])
	}
	return pixels, shape, scaled, err
}

// turn swaps rows and columns of each of the matrices (H, W) that values has.
func turn(values []uint8, h, w int) {
	if h == 1 || w == 1 {
		return
	}
	was := make([]uint8, h*w)
	for ; len(values) > 0; values = values[h*w:] {
		copy(was, values)
		for y := range h {
			for x := range w {
				values[x*h+y] = was[y*w+x]
			}
		}
	}
}

// readSource reads four arrays, in the order of parts.
func readSource(read func(part int) (array, error)) (s source, err error) {
	scaled := false
	for i, target := range []*set{&s.train, &s.test} {
		images, err := read(2 * i)
		if err != nil {
			return source{}, err
		}
		var fractions bool
		if target.pixels, target.shape, fractions, err = images.images(); err != nil {
			return source{}, err
		}
		scaled = scaled || fractions
		labels, err := read(2*i + 1)
		if err != nil {
			return source{}, err
		}
		if target.labels, err = labels.labels(); err != nil {
			return source{}, err
		}
		target.imagesFile, target.labelsFile = images.name, labels.name
	}
	if scaled {
		s.notes = append(s.notes, "the pixels are fractions from 0 to 1: they are multiplied by 255 and rounded")
	}
	return s, nil
}

// maxLabel is one more than a byte holds: the last of 256 classes that are
// numbered from 1.
const maxLabel = 256

// labels returns the N values of an array (N) or (N, 1), or of the first column
// of a table (N, K).
func (a array) labels() ([]uint16, error) {
	step := 1
	switch n := len(a.shape); {
	case n == 2 && (a.shape[1] == 1 || a.table && a.shape[1] > 0):
		step = a.shape[1]
	case n != 1:
		return nil, errors.Errorf("%s: got an array (%s), want labels (N) or (N, 1): the number of each image's class", a.name, graph.Shape(a.shape).Join(", "))
	}
	labels := make([]uint16, a.shape[0])
	if a.values == nil {
		for i := range labels {
			labels[i] = uint16(a.bytes[i*step])
		}
		return labels, nil
	}
	var err error
	a.each(func(i int, v float64) {
		if i%step != 0 || err != nil {
			return
		}
		if !(v >= 0 && v <= maxLabel && v == math.Trunc(v)) {
			err = errors.Errorf("%s: label %d of %d: got %v, want a whole number from 0 to %d", a.name, i/step+1, len(labels), v, maxLabel)
			return
		}
		labels[i/step] = uint16(v)
	})
	return labels, err
}
