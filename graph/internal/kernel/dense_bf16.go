package kernel

import "unsafe"

// BF16 reports whether a DenseBF16 is fast: the processor has AMX, level avx512 is in use, and the system permits it.
func BF16() bool { return active.hasAMX && permitted() }

// DenseBF16 is a Dense whose products take their factors in bfloat16, forward and backward. Sums, and all that comes in
// or goes out, are float32. It is fast where BF16 is true.
type DenseBF16 struct {
	Dense
	whole *DenseBF16 // the plan that this is a part of, or the plan itself
	pairs *level     // of products in bfloat16
	amx   amx

	// Factors in pairs. Rows have a length of their own, with zeros at the end.
	x        []uint32 // (N, D), images in rows
	y        []uint32 // (N, U), gradients in rows
	forward  []uint32 // w as (D, U), pairs of inputs
	backward []uint32 // w as (U, D), pairs of units
	columns  []uint32 // inputs of a block as (inputs, N)
	xPairs   []uint32 // the same as (N, inputs), pairs of images
	yPairs   []uint32 // (N, U), pairs of images
	rows     []uint32 // w as (D, U) of a block of inputs
	zeros    []float32
}

// NewDenseBF16 plans the layer. It returns an error if the config is out of its ranges.
func NewDenseBF16(config DenseConfig) (*DenseBF16, error) {
	dense, err := NewDense(config)
	if err != nil {
		return nil, err
	}
	d := &DenseBF16{
		Dense:    *dense,
		forward:  newPairs(roundUp(config.D, 32) / 2 * roundUp(config.U, 16)),
		backward: newPairs(roundUp(config.U, 32) / 2 * roundUp(config.D, 16)),
	}
	d.whole, d.pairs = d, &generic
	if BF16() {
		d.pairs = d.lv
	}
	d.makeScratch()
	return d, nil
}

// bf16Block is the number of inputs that GradWeights and the packing of GradInput take at a time.
const bf16Block = 192

func (d *DenseBF16) makeScratch() {
	d.Dense.whole = &d.whole.Dense
	d.x = newPairs(d.N * roundUp(d.D, 32) / 2)
	d.y = newPairs(d.N * roundUp(d.U, 32) / 2)
	images := roundUp(d.N, 32) / 2
	d.columns, d.xPairs = newPairs(bf16Block*images), newPairs(bf16Block*images)
	d.yPairs = newPairs(images * roundUp(d.U, 16))
	d.rows = newPairs(bf16Block * roundUp(d.U, 32) / 2)
	d.zeros = make([]float32, max(d.U, bf16Block))
}

// Part returns part i of n of the plan, numbered from 0. Forward is cut by images, GradWeights and GradInput by inputs.
func (d *DenseBF16) Part(i, n int) *DenseBF16 {
	p := *d
	p.share, p.dz = share{i, n}, nil
	p.makeScratch()
	return &p
}

// Pack takes the weights w (D, U). The plan keeps w and reads it until the next Pack: call Pack after every change.
func (d *DenseBF16) Pack(w []float32) {
	d.Dense.Pack(w)
	width := roundUp(d.U, 16)
	for i := 0; i < d.D; i += 2 {
		d.pairs.pairBF16(d.U, d.w[i*d.U:], d.row(d.w, i+1, d.D, d.U), d.forward[i/2*width:])
	}
}

// row returns row i of v, which has n rows of that length, or zeros after the last.
func (d *DenseBF16) row(v []float32, i, n, length int) []float32 {
	if i < n {
		return v[i*length:]
	}
	return d.zeros
}

// Forward sets y to the output of n images, 1 to N.
func (d *DenseBF16) Forward(n int, x, bias, y []float32) {
	needImages("dense", n, d.N)
	need("dense", "x", len(x), n*d.D)
	need("dense", "bias", len(bias), d.U)
	need("dense", "y", len(y), n*d.U)
	d.needWeights()
	first, last := d.cut(n)
	if first == last {
		return
	}
	length := roundUp(d.D, 32) / 2
	y = y[first*d.U : last*d.U]
	for i := range last - first {
		d.pairs.roundBF16(d.D, x[(first+i)*d.D:], d.x[i*length:])
		copy(y[i*d.U:], bias[:d.U])
	}
	d.amx = amx{a: d.x, aS: length, b: d.forward, bS: roundUp(d.U, 16), steps: length / 16, c: y, cS: d.U}
	d.pairs.multiplyTiles(&d.amx, last-first, d.U, true)
	if d.Rectify {
		d.lv.rectify(y, y, y)
	}
}

// GradWeights sets dw (D, U) and db (U) to the gradients of the weights and the bias, summed over the images, or adds
// them if add is true. It wants the n images x and the output y of Forward, and the gradient dy of y.
func (d *DenseBF16) GradWeights(n int, x, y, dy, dw, db []float32, add bool) {
	dz := d.beforeRectify(n, y, dy)
	need("dense", "x", len(x), n*d.D)
	need("dense", "dw", len(dw), d.D*d.U)
	need("dense", "db", len(db), d.U)
	first, last := d.cut(d.D)
	steps, width := roundUp(n, 32)/32, roundUp(d.U, 16)
	for p := range 16 * steps {
		d.pairs.pairBF16(d.U, d.row(dz, 2*p, n, d.U), d.row(dz, 2*p+1, n, d.U), d.yPairs[p*width:])
	}
	for from := first; from < last; from += bf16Block {
		inputs := min(bf16Block, last-from)
		for p := range 16 * steps {
			d.pairs.pairBF16(inputs, d.row(x[from:], 2*p, n, d.D), d.row(x[from:], 2*p+1, n, d.D), d.xPairs[p*bf16Block:])
		}
		d.lv.transpose(16*steps, inputs, floats(d.xPairs), bf16Block, floats(d.columns), 16*steps)
		d.amx = amx{a: d.columns, aS: 16 * steps, b: d.yPairs, bS: width, steps: steps, c: dw[from*d.U:], cS: d.U}
		d.pairs.multiplyTiles(&d.amx, inputs, d.U, add)
	}
	if last == d.D {
		d.gradBias(n, dz, db, add)
	}
}

// GradInput sets dx (n, D) to the gradient of x. It wants the output y of Forward and the gradient dy of y.
func (d *DenseBF16) GradInput(n int, y, dy, dx []float32) {
	dz := d.beforeRectify(n, y, dy)
	need("dense", "dx", len(dx), n*d.D)
	d.needWeights()
	length := roundUp(d.U, 32) / 2
	for i := range n {
		d.pairs.roundBF16(d.U, dz[i*d.U:], d.y[i*length:])
	}
	first, last := d.cut(roundUp(d.D, 32) / 32)
	first, last = 32*first, min(32*last, d.D)
	if first >= last {
		return
	}
	d.packBackward(first, last)
	d.amx = amx{a: d.y, aS: length, b: d.backward[first:], bS: roundUp(d.D, 16), steps: length / 16, c: dx[first:], cS: d.D}
	d.pairs.multiplyTiles(&d.amx, n, last-first, false)
}

// packBackward packs the weights of the inputs first..last-1 for GradInput, once for each Pack.
func (d *DenseBF16) packBackward(first, last int) {
	if !d.transposedStale {
		return
	}
	d.transposedStale = false
	length := roundUp(d.U, 32) / 2
	for from := first; from < last; from += bf16Block {
		inputs := min(bf16Block, last-from)
		for i := range inputs {
			d.pairs.roundBF16(d.U, d.w[(from+i)*d.U:], d.rows[i*length:])
		}
		d.lv.transpose(inputs, length, floats(d.rows), length, floats(d.backward[from:]), roundUp(d.D, 16))
	}
}

// newPairs returns n pairs of 0 that start at a cache line, as do their rows: tiles of others take five times as long to
// load.
func newPairs(n int) []uint32 {
	return unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(Aligned(n)))), n)
}

// floats returns pairs as float32 that nothing may compute with, only move.
func floats(pairs []uint32) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(&pairs[0])), len(pairs))
}
