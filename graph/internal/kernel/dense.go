package kernel

import "github.com/pkg/errors"

// DenseConfig is the shape of a Dense.
type DenseConfig struct {
	N       int  // most images of a call, at least 1
	D, U    int  // inputs and units, at least 1
	Rectify bool // max(0, ·) after the bias
}

func (c DenseConfig) check() error {
	if c.N < 1 || c.D < 1 || c.U < 1 {
		return errors.Errorf("dense: %d images, %d inputs, %d units, want at least 1", c.N, c.D, c.U)
	}
	return nil
}

// Dense is y = x·w + bias, then Rectify if the config asks for it.
//
//	x (N, D)   w (D, U)   bias (U)   y (N, U)
//
// With the inputs first, as in Keras, Forward reads w and GradWeights writes dw as they are. Only GradInput needs a
// transposed copy of w, made once for each Pack.
type Dense struct {
	DenseConfig
	share
	whole           *Dense // the plan that this is a part of, or the plan itself
	packs           int    // calls of Pack: a part compares its whole's with those it knows
	lv              *level
	units, inputs   []panel // panels of U and of D
	w               []float32
	transposed      []float32 // w as (U, D) in panels
	transposedStale bool      // transposed is that of an older w
	dz              []float32 // the gradient before Rectify, made when first needed
	block           []float32 // a copy of a block of inputs, made when first needed
	tile            tile
}

// NewDense plans the layer. It returns an error if the config is out of its ranges.
func NewDense(config DenseConfig) (*Dense, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	d := &Dense{DenseConfig: config, lv: active, units: active.panels(config.U), inputs: active.panels(config.D)}
	d.whole = d
	return d, nil
}

// Pack takes the weights w (D, U). The plan keeps w and reads it until the next Pack: call Pack after every change.
func (d *Dense) Pack(w []float32) {
	need("dense", "w", len(w), d.D*d.U)
	d.w, d.transposedStale = w[:d.D*d.U], true
	d.packs++
}

// Forward sets y to the output of n images, 1 to N.
func (d *Dense) Forward(n int, x, bias, y []float32) {
	needImages("dense", n, d.N)
	need("dense", "x", len(x), n*d.D)
	need("dense", "bias", len(bias), d.U)
	need("dense", "y", len(y), n*d.U)
	d.needWeights()
	first, last := d.cut(n)
	if first == last {
		return
	}
	x, y = x[first*d.D:], y[first*d.U:]
	terms := min(d.D, d.lv.terms)
	t := &d.tile
	*t = tile{aS: d.D, aI: 1, bI: d.U, no: 1, cS: d.U}
	for from := 0; from < d.D; from += terms {
		if from > 0 {
			t.add = goOn
		}
		t.ni, t.floor = min(terms, d.D-from), floor(d.Rectify && d.D-from <= terms)
		for i := range d.units {
			p := &d.units[i]
			t.a, t.b, t.c, t.bias = x[from:], d.w[from*d.U+p.first:], y[p.first:], bias[p.first:]
			d.lv.product(p, t, last-first)
		}
	}
}

// needWeights makes sure that a part knows the weights of the whole plan.
func (d *Dense) needWeights() {
	if d.packs != d.whole.packs {
		d.w, d.packs, d.transposedStale = d.whole.w, d.whole.packs, true
	}
	if d.w == nil {
		panic("kernel: dense: Pack has not been called")
	}
}

// GradWeights sets dw (D, U) and db (U) to the gradients of the weights and the bias, summed over the images, or adds
// them if add is true. It wants the n images x and the output y of Forward, and the gradient dy of y.
func (d *Dense) GradWeights(n int, x, y, dy, dw, db []float32, add bool) {
	dz := d.beforeRectify(n, y, dy)
	need("dense", "x", len(x), n*d.D)
	need("dense", "dw", len(dw), d.D*d.U)
	need("dense", "db", len(db), d.U)
	first, last := d.cut(d.D)
	t := &d.tile
	*t = tile{aS: 1, bI: d.U, ni: n, no: 1, cS: d.U, floor: floor(false)}
	if add {
		t.add = 1
	}
	for from := first; from < last; from += denseBlock {
		inputs := min(denseBlock, last-from)
		a, aI := d.columns(n, x[from:], inputs)
		for i := range d.units {
			p := &d.units[i]
			t.a, t.aI, t.b, t.c = a, aI, dz[p.first:], dw[from*d.U+p.first:]
			d.lv.product(p, t, inputs)
		}
	}
	if last == d.D {
		d.gradBias(n, dz, db, add)
	}
}

// gradBias sets or adds the gradient of the bias. The last part does.
func (d *Dense) gradBias(n int, dz, db []float32, add bool) {
	if !add {
		clear(db[:d.U])
	}
	d.lv.columnSums(&d.tile, d.units, dz, d.U, 0, n, 1, db)
}

// denseBlock is the number of inputs whose weights get their gradients at a time: these stay in a near cache while panel
// after panel of units is computed.
const denseBlock = 96

// columns returns that many inputs of n images and the step from image to image. It copies them if that step is a
// multiple of 1 KiB: one input of all images would have to share a few sets of the first-level cache.
func (d *Dense) columns(n int, x []float32, inputs int) (a []float32, step int) {
	if d.D <= denseBlock || d.D%256 > 0 {
		return x, d.D
	}
	if d.block == nil {
		d.block = Aligned(d.N * denseBlock)
	}
	for i := range n {
		copy(d.block[i*denseBlock:][:inputs], x[i*d.D:])
	}
	return d.block, denseBlock
}

// GradInput sets dx (n, D) to the gradient of x. It wants the output y of Forward and the gradient dy of y.
func (d *Dense) GradInput(n int, y, dy, dx []float32) {
	dz := d.beforeRectify(n, y, dy)
	need("dense", "dx", len(dx), n*d.D)
	d.needWeights()
	d.transpose()
	from, to := d.cut(len(d.inputs))
	t := &d.tile
	*t = tile{aS: d.U, aI: 1, ni: d.U, no: 1, cS: d.D, floor: floor(false)}
	for i := range d.inputs[from:to] {
		p := &d.inputs[from+i]
		t.a, t.b, t.bI, t.c = dz, p.packed(d.transposed, d.U), p.width(), dx[p.first:]
		d.lv.product(p, t, n)
	}
}

// transpose packs the transposed w, or the part's panels of it, once for each Pack.
func (d *Dense) transpose() {
	if !d.transposedStale {
		return
	}
	d.transposedStale = false
	if d.transposed == nil {
		d.transposed = Aligned(packedLen(d.inputs, d.U))
	}
	from, to := d.cut(len(d.inputs))
	d.lv.pack(d.inputs[from:to], d.U, d.w, d.transposed)
}

// beforeRectify returns the gradient of the sums: dy where y is above 0.
func (d *Dense) beforeRectify(n int, y, dy []float32) []float32 {
	needImages("dense", n, d.N)
	size := n * d.U
	need("dense", "dy", len(dy), size)
	if !d.Rectify {
		return dy
	}
	need("dense", "y", len(y), size)
	if d.dz == nil {
		d.dz = Aligned(d.N * d.U)
	}
	d.lv.rectify(y, dy, d.dz[:size])
	return d.dz
}
