package kernel

// A phase is every stride-th row of an image, from first on: those that the same rows of a filter reach. Of its taps,
// step rows of the filter apart, the last comes first: so a phase of the gradient is a correlation with those taps.
// Phases of columns are the same.
type phase struct {
	first, count int // of the image's rows
	taps         int // may be 0: no row of the filter reaches the phase
	firstTap     int // in the filter
	step         int // from tap to tap in the filter
	apart        int // from tap to tap in the gradient
	from         int // row of the padded gradient that the first row of the image and the last tap meet in
}

// tap returns the row of the filter that is the j-th from the end in the phase.
func (p *phase) tap(j int) int { return p.firstTap + (p.taps-1-j)*p.step }

// phases returns those of an image with size rows, whose output has out rows, and how many rows of zeros the gradient
// of the output needs before and after it.
//
// Row r of the output and tap k read row r·stride + k·dilation - pad of the image.
func phases(size, out, k, pad, stride, dilation int) (ps []phase, before, after int) {
	before = max(0, (extent(k, dilation)-1-pad+stride-1)/stride)
	after = max(0, (size-1+pad)/stride-(out-1))
	step := stride / gcd(stride, dilation)
	for first := range min(stride, size) {
		p := phase{first: first, count: (size-first-1)/stride + 1, step: step, apart: step * dilation / stride}
		for p.firstTap < step && (first+pad-p.firstTap*dilation)%stride != 0 {
			p.firstTap++
		}
		if p.firstTap < min(step, k) {
			p.taps = (k-1-p.firstTap)/step + 1
			p.from = before + (first+pad-p.tap(0)*dilation)/stride
		}
		ps = append(ps, p)
	}
	return ps, before, after
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
