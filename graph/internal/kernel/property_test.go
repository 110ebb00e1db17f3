package kernel

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// moved returns a copy of v that starts by values after the start of a cache line.
func moved(v []float32, by int) []float32 {
	s := Aligned(len(v) + by)[by:]
	copy(s, v)
	return s
}

// TestSameBits: alignment changes no bit of any result, and the other images of a call none of an image's output and
// gradient.
func TestSameBits(t *testing.T) {
	const n = 7
	conv := func(c ConvConfig) (layer, int, int, int, int) {
		c.N = n
		l, err := NewConv(c)
		if err != nil {
			t.Fatal(err)
		}
		return l, l.imageLen(), l.outLen(), c.F * l.taps, c.F
	}
	layers := map[string]func() (layer, int, int, int, int){
		"5x5, Rectify, pool": func() (layer, int, int, int, int) {
			return conv(ConvConfig{H: 14, W: 12, C: 1, F: 16, K: 5, Rectify: true, P: 2})
		},
		"3x3 on 1, Rectify, pool": func() (layer, int, int, int, int) {
			return conv(ConvConfig{H: 11, W: 12, C: 1, F: 24, K: 3, Rectify: true, P: 2})
		},
		"3x3 on 9, pool": func() (layer, int, int, int, int) {
			return conv(ConvConfig{H: 9, W: 8, C: 9, F: 21, K: 3, P: 2})
		},
		"3x3, Rectify": func() (layer, int, int, int, int) {
			return conv(ConvConfig{H: 9, W: 10, C: 2, F: 45, K: 3, Rectify: true})
		},
		"3x3 on 1, pool of 3": func() (layer, int, int, int, int) { return conv(ConvConfig{H: 9, W: 10, C: 1, F: 5, K: 3, P: 3}) },
		"3x2 padded, stride 2": func() (layer, int, int, int, int) {
			return conv(ConvConfig{H: 9, W: 10, C: 5, F: 21, K: 3, KW: 2, Pad: Pair{1, 2}, Stride: Pair{2, 2}, ChannelsFirst: true})
		},
		"dense": func() (layer, int, int, int, int) {
			c := DenseConfig{N: n, D: 133, U: 77, Rectify: true}
			l, err := NewDense(c)
			if err != nil {
				t.Fatal(err)
			}
			return l, c.D, c.U, c.D * c.U, c.U
		},
	}
	for name, plan := range layers {
		t.Run(name, func(t *testing.T) {
			eachKernel(t, func(t *testing.T) {
				l, in, out, weights, units := plan()
				r := random(6)
				x, w, bias, dy := normal(r, n*in), normal(r, weights), normal(r, units), normal(r, n*out)
				y, dw, db, dx := Aligned(n*out), Aligned(weights), Aligned(units), Aligned(n*in)
				l.Pack(w)
				l.Forward(n, x, bias, y)
				l.GradWeights(n, x, y, dy, dw, db, false)
				l.GradInput(n, y, dy, dx)
				for by := range 16 {
					x, w, bias, dy := moved(x, by), moved(w, 3*by%16), moved(bias, by), moved(dy, 5*by%16)
					y2, dw2, db2, dx2 := moved(y, by), moved(dw, by), moved(db, 7*by%16), moved(dx, by)
					l.Pack(w)
					l.Forward(n, x, bias, y2)
					l.GradWeights(n, x, y2, dy, dw2, db2, false)
					l.GradInput(n, y2, dy, dx2)
					for what, s := range map[string][2][]float32{"y": {y2, y}, "dw": {dw2, dw}, "db": {db2, db}, "dx": {dx2, dx}} {
						same(t, fmt.Sprintf("%s moved by %d", what, by), s[0], s[1])
					}
				}
				for i := range n {
					y2, dx2 := Aligned(out), Aligned(in)
					l.Forward(1, x[i*in:], bias, y2)
					l.GradInput(1, y2, dy[i*out:], dx2)
					same(t, fmt.Sprintf("y of image %d alone", i), y2, y[i*out:][:out])
					same(t, fmt.Sprintf("dx of image %d alone", i), dx2, dx[i*in:][:in])
				}
			})
		})
	}
}

// TestNaNIsNeverHidden puts a NaN into every window and wants it in every output.
func TestNaNIsNeverHidden(t *testing.T) {
	nan := float32(math.NaN())
	eachKernel(t, func(t *testing.T) {
		for _, f := range []int{1, 7, 8, 16, 27, 32} {
			for _, wide := range []int{4, 5} { // tiles of 1, 2 and 3 windows
				for p := 1; p <= 3; p++ {
					for place := range p * p {
						nanInWindows(t, ConvConfig{N: 1, H: 2 * p, W: wide * p, C: 1, F: f, K: 1, P: p, Rectify: place%2 == 0}, place)
					}
				}
			}
		}
		for _, c := range []int{3, 8, 21} {
			for place := range 4 {
				l, err := NewMaxPool(MaxPoolConfig{N: 1, H: 2, W: 2, C: c, P: 2})
				if err != nil {
					t.Fatal(err)
				}
				x, y := normal(random(9), 4*c), make([]float32, c)
				for i := range c {
					x[place*c+i] = nan
				}
				l.Forward(1, x, y)
				for i, v := range y {
					if v == v {
						t.Fatalf("max-pool of %d channels, NaN at %d: value %d is %v", c, place, i, v)
					}
				}
			}
		}
		x := []float32{nan, 1, nan, -1, 0, nan, 2, nan, nan, -3}
		y := make([]float32, len(x))
		Rectify(x, y)
		for i, v := range x {
			if (v != v) != (y[i] != y[i]) {
				t.Fatalf("Rectify(%v) is %v", v, y[i])
			}
		}
	})
}

// nanInWindows puts a NaN at one place of every pool window and checks that all outputs are NaN.
func nanInWindows(t *testing.T, c ConvConfig, place int) {
	l, err := NewConv(c)
	if err != nil {
		t.Fatal(err)
	}
	high, wide := l.Out()
	r := random(8)
	x, w, y := normal(r, l.imageLen()), normal(r, c.F), make([]float32, l.outLen())
	for i := range high * wide {
		x[(i/wide*c.P+place/c.P)*c.W+i%wide*c.P+place%c.P] = float32(math.NaN())
	}
	l.Pack(w)
	l.Forward(1, x, make([]float32, c.F), y)
	for i, v := range y {
		if v == v {
			t.Fatalf("%+v, NaN at %d: value %d is %v", c, place, i, v)
		}
	}
}

// TestNoAllocation: after the first call of each method a plan allocates nothing.
func TestNoAllocation(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		for _, c := range []ConvConfig{
			{H: 12, W: 12, C: 1, F: 16, K: 5, Rectify: true, P: 2},
			{H: 12, W: 12, C: 1, F: 8, K: 3, Rectify: true, P: 2},
			{H: 8, W: 8, C: 16, F: 8, K: 2, Rectify: true, P: 2},
			{H: 8, W: 8, C: 3, F: 8, K: 2, Rectify: true, P: 3},
			{H: 8, W: 8, C: 3, F: 8, K: 2, Rectify: true},
			{H: 8, W: 8, C: 3, F: 8, K: 2, Pad: Pair{1, 2}, Stride: Pair{2, 1}, Rectify: true, ChannelsFirst: true},
			{H: 8, W: 8, C: 3, F: 8, K: 2, Pad: Pair{1, 2}, Dilation: Pair{2, 2}, P: 2, ChannelsFirst: true},
		} {
			c.N = 2
			l, err := NewConv(c)
			if err != nil {
				t.Fatal(err)
			}
			r := random(10)
			x, w, bias, dy := normal(r, 2*l.imageLen()), normal(r, c.F*l.taps), normal(r, c.F), normal(r, 2*l.outLen())
			y, dw, db, dx := Aligned(len(dy)), Aligned(len(w)), Aligned(c.F), Aligned(len(x))
			if got := testing.AllocsPerRun(3, func() {
				l.Pack(w)
				l.Forward(2, x, bias, y)
				l.GradWeights(2, x, y, dy, dw, db, true)
				l.GradInput(2, y, dy, dx)
			}); got != 0 {
				t.Errorf("%+v: %v allocations a step", c, got)
			}
		}
		d, err := NewDense(DenseConfig{N: 3, D: 37, U: 19, Rectify: true})
		if err != nil {
			t.Fatal(err)
		}
		b := newDenseBF16(t, d.DenseConfig)
		m, err := NewMaxPool(MaxPoolConfig{N: 3, H: 4, W: 4, C: 5, P: 2, Stride: Pair{1, 1}, Pad: Pair{1, 1}, ChannelsFirst: true})
		if err != nil {
			t.Fatal(err)
		}
		s, units := make([]float32, 3*37*19), make([]float32, 3*19)
		lanes := [][]float32{s, s, s, s}
		pixels := make([]uint8, 100)
		if got := testing.AllocsPerRun(3, func() {
			d.Pack(s)
			d.Forward(3, s, s, units)
			d.GradWeights(3, s, s, s, s, units, false)
			d.GradInput(3, s, s, s)
			b.Pack(s)
			b.Forward(3, s, s, units)
			b.GradWeights(3, s, s, s, s, units, false)
			b.GradInput(3, s, s, s)
			m.Forward(3, s, s)
			m.GradInput(3, s, s)
			Rectify(s, s)
			RectifyGrad(s, s, s)
			CrossEntropy(3, 10, s, s, s, s)
			Prefetch(pixels)
			ScaleBytes(s, pixels)
			Adam{}.Step(0, 100, s, s, s, lanes)
		}); got != 0 {
			t.Errorf("%v allocations", got)
		}
	})
}

func TestConfigErrors(t *testing.T) {
	conv := func(c ConvConfig) error { _, err := NewConv(c); return err }
	dense := func(c DenseConfig) error { _, err := NewDense(c); return err }
	denseBF16 := func(c DenseConfig) error { _, err := NewDenseBF16(c); return err }
	pool := func(c MaxPoolConfig) error { _, err := NewMaxPool(c); return err }
	for _, c := range []struct {
		name, want string
		err        error
	}{
		{"no images", "0 images", conv(ConvConfig{H: 5, W: 5, C: 1, F: 1, K: 3})},
		{"no filters", "0 filters", conv(ConvConfig{N: 1, H: 5, W: 5, C: 1, K: 3})},
		{"filter too large", "filter of 6 x 6 on an image of 5 x 9", conv(ConvConfig{N: 1, H: 5, W: 9, C: 1, F: 1, K: 6})},
		{"pool too large", "side 4 on 3 x 3", conv(ConvConfig{N: 1, H: 5, W: 5, C: 1, F: 1, K: 3, P: 4})},
		{"pool over a byte", "side 17, want 0 to 16", conv(ConvConfig{N: 1, H: 50, W: 50, C: 1, F: 1, K: 3, P: 17})},
		{"dilated too large", "filter of 6 x 5 on an image of 3 x 5 with a padding of 1 and 0",
			conv(ConvConfig{N: 1, H: 3, W: 5, C: 1, F: 1, K: 2, KW: 3, Pad: Pair{1, 0}, Dilation: Pair{5, 2}})},
		{"width below 0", "filter of 2 x -1", conv(ConvConfig{N: 1, H: 5, W: 5, C: 1, F: 1, K: 2, KW: -1})},
		{"padding below 0", "padding {Rows:-1 Cols:0}", conv(ConvConfig{N: 1, H: 5, W: 5, C: 1, F: 1, K: 2, Pad: Pair{-1, 0}})},
		{"step back", "stride {Rows:0 Cols:-2}", conv(ConvConfig{N: 1, H: 5, W: 5, C: 1, F: 1, K: 2, Stride: Pair{0, -2}})},
		{"padding too wide", "padding {Rows:1099511627776 Cols:0}", conv(ConvConfig{N: 1, H: 5, W: 5, C: 1, F: 1, K: 2, Pad: Pair{1 << 40, 0}})},
		{"dilation too wide", "Cols:4611686018427387904}, want at most", conv(ConvConfig{N: 1, H: 5, W: 5, C: 1, F: 1, K: 3, Dilation: Pair{1, 1 << 62}})},
		{"image too long", "want at most 2147483647 values", conv(ConvConfig{N: 1, H: 5, W: 5, C: 1, F: 1, K: 2, Pad: Pair{1 << 15, 1 << 15}})},
		{"output too long", "want at most 2147483647 values", conv(ConvConfig{N: 1, H: 1 << 15, W: 1 << 15, C: 1, F: 2, K: 1})},
		{"no inputs", "0 inputs", dense(DenseConfig{N: 1, U: 3})},
		{"no units", "0 units", denseBF16(DenseConfig{N: 1, D: 3})},
		{"no window", "4 x 3", pool(MaxPoolConfig{N: 1, H: 4, W: 3, C: 1, P: 4})},
		{"no side", "window of 0 x 0, want sides of 1 to 16", pool(MaxPoolConfig{N: 1, H: 4, W: 3, C: 1})},
		{"windows of padding", "padding {Rows:0 Cols:2}, want 0 to less than the window's 3 x 2", pool(MaxPoolConfig{N: 1, H: 4, W: 3, C: 1, P: 3, PW: 2, Pad: Pair{0, 2}})},
		{"step back", "stride {Rows:-1 Cols:0}", pool(MaxPoolConfig{N: 1, H: 4, W: 3, C: 1, P: 3, Stride: Pair{-1, 0}})},
		{"no channels", "0 channels", pool(MaxPoolConfig{N: 1, H: 4, W: 3, P: 1})},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: got error %v, want it to contain %q", c.name, c.err, c.want)
		}
	}
}

func TestShortArraysPanic(t *testing.T) {
	l, err := NewConv(ConvConfig{N: 2, H: 5, W: 5, C: 1, F: 3, K: 3})
	if err != nil {
		t.Fatal(err)
	}
	d, err := NewDense(DenseConfig{N: 2, D: 5, U: 3})
	if err != nil {
		t.Fatal(err)
	}
	s := make([]float32, 2*25)
	for _, c := range []struct {
		name, want string
		f          func()
	}{
		{"before Pack", "convolution: Pack has not been called", func() { l.Forward(1, s, s, make([]float32, 27)) }},
		{"weights", "w has 26 values, want 27", func() { l.Pack(s[:26]) }},
		{"image", "x has 49 values, want 50", func() { l.Forward(2, s[:49], s, s) }},
		{"images", "3 images, want 1 to 2", func() { l.Forward(3, s, s, s) }},
		{"gradient", "dy has 26 values, want 27", func() { l.GradInput(1, s, s[:26], s) }},
		{"dense", "dense: Pack has not been called", func() { d.Forward(1, s, s, s) }},
		{"lanes", "3 lanes", func() { Adam{}.Step(0, 1, s, s, s, make([][]float32, 3)) }},
		{"range", "range 2 to 1", func() { Adam{}.Step(2, 1, s, s, s, [][]float32{s}) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, c.want) {
					t.Errorf("got panic %q, want it to contain %q", got, c.want)
				}
			}()
			c.f()
		})
	}
}
