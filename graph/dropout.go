package graph

import (
	"math"

	G "gorgonia.org/gorgonia"
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
	return keeps(m.stream(l, image), j, threshold(l.Rate)) != 0
}

// stream is the number from which the random numbers of an image's values follow.
func (m Mask) stream(l NamedLayer, image int) uint64 {
	key := scramble(m.Seed)
	for _, v := range [...]uint64{m.Step, uint64(l.Index), uint64(m.Image + image)} {
		key = scramble(key + v)
	}
	return key
}

// threshold is how many of 2^53 random numbers drop a value.
func threshold(rate float64) int64 { return int64(rate * (1 << 53)) }

// keeps is all ones if value j is kept, else 0. A branch would be wrong as often as
// the numbers are random, and costs four times as much.
func keeps(stream uint64, j int, threshold int64) uint32 {
	number := int64(scramble(stream+uint64(j)) >> 11)
	return uint32((threshold - 1 - number) >> 63)
}

// scramble is number x of SplitMix64 (Steele, Lea and Flood 2014, with Stafford's
// constants, as java.util.SplittableRandom has it): neighbouring x have numbers that
// look random.
func scramble(x uint64) uint64 {
	x = (x + 1) * 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// dropout is a Dropout layer in mode Training.
type dropout struct {
	m     *Machine
	layer NamedLayer
	order []int    // of each value of an image in memory, its place in the order of Flatten
	kept  []uint32 // of each value in memory, what keeps gives
}

// dropped is x, what Dropout l reads, without what the machine's mask drops, and its
// memory. With channelsLast the values of an image are in that order.
func (b *builder) dropped(l NamedLayer, x *G.Node, channelsLast, learned bool) (*G.Node, []float32, error) {
	size := l.In.Size()
	d := dropout{m: b.m, layer: l, order: make([]int, size), kept: make([]uint32, b.m.N*size)}
	shape, perm := Shape{size}, []int{0}
	if channelsLast && l.Image != nil {
		shape, perm = l.Image, []int{1, 2, 0}
	}
	permute(shape, perm, func(at, j int) { d.order[at] = j })
	return b.mapTo(l.Name, x, shapeOf(x), learned, mapping{forward: d.forward, backward: d.backward, linear: true})
}

func (d *dropout) forward(x, y []float32) {
	least := threshold(d.layer.Rate)
	for image := range d.m.N {
		stream, kept := d.m.Mask.stream(d.layer, image), d.kept[image*len(d.order):]
		for at, j := range d.order {
			kept[at] = keeps(stream, j, least)
		}
	}
	d.apply(x, y)
}

func (d *dropout) backward(_, dy, dx []float32) { d.apply(dy, dx) }

// apply sets y to x divided by 1 - rate where it is kept. What is dropped is 0, even
// if it was infinite.
func (d *dropout) apply(x, y []float32) {
	scale := float32(1 / (1 - d.layer.Rate))
	for i, k := range d.kept {
		y[i] = math.Float32frombits(math.Float32bits(x[i]*scale) & k)
	}
}
