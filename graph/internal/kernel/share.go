package kernel

// A share tells a plan which part of each call it does. The parts of a plan are plans too, which together do what it
// does, at the same time. They keep its order of sums: how many parts there are changes no bit.
//
// A part takes the arguments of the whole and reads what belongs to it. The weights, and the winners of a pool, are
// those of the whole plan: call Pack on that, and a gradient after all parts of Forward are done. All other scratch
// memory is the part's own.
type share struct{ part, parts int } // the zero share is all of the work

// cut returns the part of n things that belongs to the share: a range, which may be empty.
func (s share) cut(n int) (from, to int) {
	parts := max(1, s.parts)
	return s.part * n / parts, (s.part + 1) * n / parts
}

// Part returns part i of n of the plan, numbered from 0. Forward and GradInput are cut by images. GradWeights is cut by
// filters among every other part: the rest do nothing.
func (c *Conv) Part(i, n int) *Conv {
	p := *c
	p.share, p.whole = share{i, n}, c
	p.band = Aligned(len(c.band))
	if c.ink != nil {
		p.ink = newInk(c)
		p.ink.band = c.ink.band
	}
	p.x, p.y = c.inPlane(), c.outPlane()
	p.dx, p.dy, p.padded, p.winners, p.weights, p.inputs = nil, nil, nil, nil, nil, nil
	p.packs = 0 // flipped filters, and whether ink is everywhere, are the part's own
	return &p
}

// Part returns part i of n of the plan, numbered from 0. Forward is cut by images, GradWeights and GradInput by inputs.
func (d *Dense) Part(i, n int) *Dense {
	if d.transposed == nil {
		d.transposed = Aligned(packedLen(d.inputs, d.U)) // each part packs its own panels
	}
	p := *d
	p.share, p.whole = share{i, n}, d
	p.dz, p.block = nil, nil
	return &p
}

// Part returns part i of n of the plan, numbered from 0. All is cut by images.
func (m *MaxPool) Part(i, n int) *MaxPool {
	p := *m
	p.share = share{i, n}
	p.x, p.y = newPlane(m.H, m.W, m.C, Pair{}, m.ChannelsFirst), newPlane(m.high, m.wide, m.C, Pair{}, m.ChannelsFirst)
	return &p
}
