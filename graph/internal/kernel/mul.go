package kernel

import "github.com/pkg/errors"

// MulConfig is the shape of a Mul.
type MulConfig struct {
	Rows, Cols int  // of the product, at least 1
	Terms      int  // products that each of its values adds up, at least 1
	TransposeA bool // a is (Terms, Rows)
	TransposeB bool // b is (Cols, Terms)
}

func (c MulConfig) check() error {
	if c.Rows < 1 || c.Cols < 1 || c.Terms < 1 {
		return errors.Errorf("product: %d rows, %d columns of %d terms, want at least 1", c.Rows, c.Cols, c.Terms)
	}
	return nil
}

// Mul is the product of two matrices, c = a·b. With one of them transposed it is also the gradient of a, dc·bᵀ, and
// that of b, aᵀ·dc.
//
//	a (Rows, Terms)   b (Terms, Cols)   c (Rows, Cols)
type Mul struct {
	MulConfig
	lv     *level
	panels []panel // of Cols
	packed []float32
	tile   tile
}

// NewMul plans the product. It returns an error if the config is out of its ranges.
func NewMul(config MulConfig) (*Mul, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	m := &Mul{MulConfig: config, lv: active, panels: active.panels(config.Cols)}
	if m.packs() {
		m.packed = Aligned(packedLen(m.panels, m.Terms))
	}
	return m, nil
}

// packs reports whether the panels of b are packed before they are used: always if b is transposed, and if its rows lie
// so far apart that they share a few places in the caches, unless c has too few rows to pay for it.
func (m *Mul) packs() bool { return m.TransposeB || m.Cols%512 == 0 && m.Rows >= 32 }

// pack packs one panel of b.
func (m *Mul) pack(p *panel, b []float32) []float32 {
	to := p.packed(m.packed, m.Terms)
	if m.TransposeB {
		m.lv.transpose(p.cols, m.Terms, b[p.first*m.Terms:], m.Terms, to, p.width())
		return to
	}
	for k := range m.Terms {
		copy(to[k*p.width():][:p.cols], b[k*m.Cols+p.first:])
	}
	return to
}

// Product sets c, or one part of it in about equal parts, numbered from 0. The parts have no value in common: plans of
// one shape compute them at the same time. They are columns, or rows where there are few columns; how many parts there
// are changes no bit.
func (m *Mul) Product(part, parts int, a, b, c []float32) {
	need("product", "a", len(a), m.Rows*m.Terms)
	need("product", "b", len(b), m.Terms*m.Cols)
	need("product", "c", len(c), m.Rows*m.Cols)
	panels, from, to := m.panels, 0, m.Rows
	if len(panels) >= parts {
		panels = panels[part*len(panels)/parts : (part+1)*len(panels)/parts]
	} else {
		from, to = part*m.Rows/parts, (part+1)*m.Rows/parts
	}
	if from == to {
		return
	}
	aS, aI := m.Terms, 1
	if m.TransposeA {
		aS, aI = 1, m.Rows
	}
	for i := range panels {
		p := &panels[i]
		m.tile = tile{a: a[from*aS:], aS: aS, aI: aI, b: b[p.first:], bI: m.Cols, ni: m.Terms, no: 1,
			c: c[from*m.Cols+p.first:], cS: m.Cols, floor: floor(false)}
		if m.packs() {
			m.tile.b, m.tile.bI = m.pack(p, b), p.width()
		}
		m.lv.product(p, &m.tile, to-from)
	}
}
