package kernel

// BF16 reports whether this processor and system multiply values of bfloat16 in tiles (AMX).
func BF16() bool { return true }

// DenseBF16 is a Dense whose products take their factors in bfloat16. Sums, and all that comes in or goes out, are
// float32.
type DenseBF16 struct{ *Dense }

// NewDenseBF16 plans the layer. It returns an error if the config is out of its ranges.
func NewDenseBF16(config DenseConfig) (*DenseBF16, error) {
	d, err := NewDense(config)
	return &DenseBF16{d}, err
}

// Part returns part i of n of the plan, numbered from 0, cut as a Dense.
func (d *DenseBF16) Part(i, n int) *DenseBF16 { return &DenseBF16{d.Dense.Part(i, n)} }
