package kernel

import "math"

// DropoutMask says which values a dropout keeps. It is a pure function of its fields and of a value's place: whoever
// computes a value, and in what order, gets the same bit.
type DropoutMask struct {
	Seed, Step, Layer uint64  // of the training, of its steps, and of the dropouts of a network
	Rate              float64 // the share of values that become 0: at least 0, less than 1
}

// Apply sets y to x/(1-Rate) where the mask keeps a value, and to 0 elsewhere. The first value has the place first. It is
// its own gradient: with dy as x it sets dx. y has at least the length of x.
func (m DropoutMask) Apply(first uint64, x, y []float32) {
	need("dropout", "y", len(y), len(x))
	key, below := m.key(), m.below()
	scale := float32(1 / (1 - m.Rate))
	y = y[:len(x)]
	i := 0
	if first%2 == 1 && len(x) > 0 { // a hash has the words of two places
		y[0] = unless(uint32(mix(key+first/2*golden)>>32) < below, x[0]*scale)
		i = 1
	}
	hash := key + (first+1)/2*golden
	for ; i+2 <= len(x); i += 2 {
		words := mix(hash)
		hash += golden
		y[i] = unless(uint32(words) < below, x[i]*scale)
		y[i+1] = unless(uint32(words>>32) < below, x[i+1]*scale)
	}
	if i < len(x) {
		y[i] = unless(uint32(mix(hash)) < below, x[i]*scale)
	}
}

// Keeps reports whether the mask keeps the value of a place.
func (m DropoutMask) Keeps(place uint64) bool {
	words := mix(m.key() + place/2*golden)
	return uint32(words>>(place%2*32)) >= m.below()
}

// key is where the hashes of the mask start.
func (m DropoutMask) key() uint64 { return mix(mix(mix(m.Seed)+m.Step) + m.Layer) }

// below is the least word that keeps a value.
func (m DropoutMask) below() uint32 { return uint32(min(m.Rate*(1<<32), 1<<32-1)) }

// unless returns v, or 0 if it is dropped. Like pass it selects an integer: no processor could predict the branch.
func unless(dropped bool, v float32) float32 {
	bits := math.Float32bits(v)
	if dropped {
		bits = 0
	}
	return math.Float32frombits(bits)
}

// golden is 2⁶⁴ divided by the golden ratio: its multiples are far apart.
const golden = 0x9e3779b97f4a7c15

// mix is the hash of SplitMix64: it changes half of the bits for any change of v.
func mix(v uint64) uint64 {
	v += golden
	v = (v ^ v>>30) * 0xbf58476d1ce4e5b9
	v = (v ^ v>>27) * 0x94d049bb133111eb
	return v ^ v>>31
}
