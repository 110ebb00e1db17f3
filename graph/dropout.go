package graph

import (
	G "gorgonia.org/gorgonia"

	"tapenet/graph/internal/kernel"
)

// Mask says which values the Dropout layers of a network set to 0 in a run in mode
// Training. It stands for random numbers that have a place instead of an order: what
// happens to a value depends on the mask, the layer, the image and the value alone, so
// that the images of a step may be shared among machines in any way. The zero Mask
// is one like any other.
type Mask struct {
	Seed  uint64 // of the training
	Step  uint64 // its number, so that each has other masks
	Image int    // place in the step's batch of the first image of the run
}

// Keeps reports whether Dropout l keeps value j of an image of the run, both from
// 0: j counts the values of the layer's input in the order of Flatten.
func (m Mask) Keeps(l NamedLayer, image, j int) bool {
	mask, first := m.of(l)
	return mask.Keeps(first + uint64(image*l.In.Size()+j))
}

// of is the kernel's mask of layer l, and the place in it of the run's first value.
func (m Mask) of(l NamedLayer) (kernel.DropoutMask, uint64) {
	return kernel.DropoutMask{Seed: m.Seed, Step: m.Step, Layer: uint64(l.Index), Rate: l.Rate}, uint64(m.Image * l.In.Size())
}

// dropped is x, what Dropout l reads, without what the machine's mask drops, and its
// memory. With channelsLast the values of an image are in that order.
func (b *builder) dropped(l NamedLayer, x *G.Node, channelsLast, learned bool) (*G.Node, []float32, error) {
	m, size := b.m, l.In.Size()
	var order []int // of the values of an image: their places in the order of Flatten; nil: they are in it
	if s := l.Image; channelsLast && s != nil && s[0] > 1 {
		order = make([]int, size)
		permute(s, []int{1, 2, 0}, func(last, first int) { order[last] = first })
	}
	var part func(i, n int) mapping
	part = func(i, n int) mapping {
		from, to := i*m.N/n*size, (i+1)*m.N/n*size
		var flat []float32 // the values in the order of Flatten
		if order != nil {
			flat = make([]float32, to-from)
		}
		apply := func(x, y []float32) {
			mask, first := m.Mask.of(l)
			first += uint64(from)
			x, y = x[from:to], y[from:to]
			if order == nil {
				mask.Apply(first, x, y)
				return
			}
			for i := 0; i < len(x); i += size {
				for last, first := range order {
					flat[i+first] = x[i+last]
				}
			}
			mask.Apply(first, flat, flat)
			for i := 0; i < len(x); i += size {
				for last, first := range order {
					y[i+last] = flat[i+first]
				}
			}
		}
		return mapping{forward: apply, backward: func(_, dy, dx []float32) { apply(dy, dx) }, linear: true, part: part}
	}
	return b.mapTo(l.Name, x, shapeOf(x), learned, part(0, 1))
}
