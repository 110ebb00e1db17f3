package kernel

import (
	"fmt"
	"math"
	"testing"
)

// Run these with -count 10 before and after a change and compare by benchstat.

// images is the micro-batch of training.
const images = 50

// perImage reports the time of an image and, given its multiply-adds, the rate.
func perImage(b *testing.B, madds float64) {
	each := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / images
	b.ReportMetric(each/1e3, "µs/image")
	if madds > 0 {
		b.ReportMetric(2*madds/each, "GFLOP/s")
	}
}

// filled returns n values between -1 and 1.
func filled(n int) []float32 {
	s := Aligned(n)
	r := random(7)
	for i := range s {
		s[i] = 2*r.Float32() - 1
	}
	return s
}

// BenchmarkConv runs convolutions of many shapes: of both networks first, then of larger ones. 1x28x28-16x5-pool2 is 16
// filters of 5x5 on one channel of 28x28.
func BenchmarkConv(b *testing.B) {
	for _, c := range []ConvConfig{
		{C: 1, H: 28, W: 28, F: 16, K: 5, P: 2},
		{C: 16, H: 12, W: 12, F: 8, K: 2, P: 2},
		{C: 1, H: 28, W: 28, F: 32, K: 3},
		{C: 1, H: 28, W: 28, F: 32, K: 3, P: 2},
		{C: 3, H: 32, W: 32, F: 32, K: 7, P: 2},
		{C: 16, H: 28, W: 28, F: 32, K: 3},
		{C: 32, H: 13, W: 13, F: 64, K: 3, P: 2},
		{C: 64, H: 12, W: 12, F: 128, K: 3},
		{C: 64, H: 14, W: 14, F: 64, K: 1, P: 3},
		{C: 1, H: 28, W: 28, F: 32, K: 3, Pad: Pair{1, 1}, ChannelsFirst: true}, // Gorgonia's example
		{C: 32, H: 14, W: 14, F: 64, K: 3, Pad: Pair{1, 1}, ChannelsFirst: true},
		{C: 64, H: 7, W: 7, F: 128, K: 3, Pad: Pair{1, 1}, ChannelsFirst: true},
		{C: 32, H: 14, W: 14, F: 64, K: 3, Pad: Pair{1, 1}},
		{C: 64, H: 7, W: 7, F: 128, K: 3, Pad: Pair{1, 1}},
		{C: 32, H: 14, W: 14, F: 64, K: 3, Pad: Pair{1, 1}, P: 2},
		{C: 32, H: 28, W: 28, F: 64, K: 3, Pad: Pair{1, 1}, Stride: Pair{2, 2}},
		{C: 32, H: 14, W: 14, F: 64, K: 3, Pad: Pair{2, 2}, Dilation: Pair{2, 2}},
	} {
		c.N, c.Rectify = images, !c.ChannelsFirst
		name := fmt.Sprintf("%dx%dx%d-%dx%d", c.C, c.H, c.W, c.F, c.K)
		for _, p := range []struct {
			name string
			Pair
		}{{"pad", c.Pad}, {"stride", c.Stride}, {"dilation", c.Dilation}} {
			if p.Rows > 0 {
				name += fmt.Sprint("-", p.name, p.Rows)
			}
		}
		if c.ChannelsFirst {
			name += "-first"
		}
		if c.P > 1 {
			name += fmt.Sprintf("-pool%d", c.P)
		}
		b.Run(name, func(b *testing.B) {
			eachKernelB(b, func(b *testing.B) {
				l, err := NewConv(c)
				if err != nil {
					b.Fatal(err)
				}
				w := filled(c.F * l.taps)
				madds := float64(l.outH * l.outW * c.F * l.taps)
				owed := float64(l.outLen() * l.taps) // after a pool only winners have a gradient
				benchmarkLayer(b, l, l.imageLen(), l.outLen(), c.F, w, func() { l.Pack(w) }, madds, owed)
			})
		})
	}
}

// BenchmarkDense runs dense layers of many shapes: of both networks first. 2304-100 is 2304 inputs, 100 units.
func BenchmarkDense(b *testing.B) {
	for _, c := range []DenseConfig{
		{D: 2304, U: 100, Rectify: true},
		{D: 200, U: 100, Rectify: true},
		{D: 100, U: 10},
		{D: 1600, U: 128, Rectify: true},
		{D: 784, U: 512, Rectify: true},
		{D: 128, U: 32},
	} {
		c.N = images
		b.Run(fmt.Sprintf("%d-%d", c.D, c.U), func(b *testing.B) {
			eachKernelB(b, func(b *testing.B) {
				l, err := NewDense(c)
				if err != nil {
					b.Fatal(err)
				}
				w := filled(c.D * c.U)
				madds := float64(c.D * c.U)
				benchmarkLayer(b, l, c.D, c.U, c.U, w, func() { l.Pack(w); l.transpose() }, madds, madds)
			})
		})
	}
}

// benchmarkLayer runs each method of a plan with in values and out values of an image, given the multiply-adds that an
// image takes forward and at least takes for a gradient.
func benchmarkLayer(b *testing.B, l layer, in, out, units int, w []float32, pack func(), forward, gradient float64) {
	x, bias, dy := filled(images*in), filled(units), filled(images*out)
	y, dx, dw, db := Aligned(images*out), Aligned(images*in), Aligned(len(w)), Aligned(units)
	l.Pack(w)
	l.Forward(images, x, bias, y)
	l.GradInput(images, y, dy, dx)
	run := func(name string, madds float64, f func()) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
			perImage(b, madds)
		})
	}
	run("pack", 0, pack)
	run("forward", forward, func() { l.Forward(images, x, bias, y) })
	run("weights", gradient, func() { l.GradWeights(images, x, y, dy, dw, db, false) })
	run("input", gradient, func() { l.GradInput(images, y, dy, dx) })
}

// BenchmarkMul multiplies an image's row of inputs by the weights of dense layers, and so for the gradients.
func BenchmarkMul(b *testing.B) {
	for _, c := range []MulConfig{
		{Rows: images, Terms: 1152, Cols: 625},
		{Rows: images, Terms: 625, Cols: 1152, TransposeB: true},
		{Rows: 1152, Terms: images, Cols: 625, TransposeA: true},
		{Rows: images, Terms: 1024, Cols: 1024},
		{Rows: images, Terms: 784, Cols: 512},
		{Rows: 1000, Terms: 1000, Cols: 1000},
	} {
		name := fmt.Sprintf("%dx%dx%d", c.Rows, c.Terms, c.Cols)
		if c.TransposeA {
			name += "-a"
		}
		if c.TransposeB {
			name += "-b"
		}
		b.Run(name, func(b *testing.B) {
			eachKernelB(b, func(b *testing.B) {
				m, err := NewMul(c)
				if err != nil {
					b.Fatal(err)
				}
				x, y, z := filled(c.Rows*c.Terms), filled(c.Terms*c.Cols), Aligned(c.Rows*c.Cols)
				for b.Loop() {
					m.Product(0, 1, x, y, z)
				}
				perImage(b, float64(c.Rows)*float64(c.Terms*c.Cols)/images)
			})
		})
	}
}

func BenchmarkMaxPool(b *testing.B) {
	for _, c := range []MaxPoolConfig{
		{H: 24, W: 24, C: 16, P: 2},
		{H: 28, W: 28, C: 32, P: 2, ChannelsFirst: true},
		{H: 28, W: 28, C: 32, P: 3, Pad: Pair{1, 1}, Stride: Pair{2, 2}},
		{H: 28, W: 28, C: 32, P: 5, Pad: Pair{2, 2}, Stride: Pair{1, 1}},
	} {
		c.N = images
		name := fmt.Sprintf("%dx%dx%d-%d", c.C, c.H, c.W, c.P)
		if c.Stride.Rows > 0 {
			name += fmt.Sprint("-stride", c.Stride.Rows)
		}
		if c.ChannelsFirst {
			name += "-first"
		}
		b.Run(name, func(b *testing.B) {
			eachKernelB(b, func(b *testing.B) {
				layer, err := NewMaxPool(c)
				if err != nil {
					b.Fatal(err)
				}
				x, y := filled(images*layer.inLen()), Aligned(images*layer.outLen())
				b.Run("forward", func(b *testing.B) {
					for b.Loop() {
						layer.Forward(images, x, y)
					}
					perImage(b, 0)
				})
				b.Run("input", func(b *testing.B) {
					for b.Loop() {
						layer.GradInput(images, y, x)
					}
					perImage(b, 0)
				})
			})
		})
	}
}

func BenchmarkRectify(b *testing.B) {
	x, y := filled(images*24*24*16), Aligned(images*24*24*16)
	eachKernelB(b, func(b *testing.B) {
		for b.Loop() {
			Rectify(x, y)
		}
		perImage(b, 0)
	})
}

func BenchmarkCrossEntropy(b *testing.B) {
	const m = 10
	logits, target := filled(images*m), make([]float32, images*m)
	for i := range images {
		target[i*m+i%m] = 1
	}
	p, d := make([]float32, images*m), make([]float32, images*m)
	for b.Loop() {
		CrossEntropy(images, m, logits, target, p, d)
	}
	perImage(b, 0)
}

func BenchmarkScaleBytes(b *testing.B) {
	dst, pixels := Aligned(images*784), make([]uint8, images*784)
	for i := range pixels {
		pixels[i] = uint8(i)
	}
	for b.Loop() {
		ScaleBytes(dst, pixels)
	}
	perImage(b, 0)
}

// BenchmarkAdam takes a step of OneLayer, and one after a twentieth of the gradients was 0 for long.
func BenchmarkAdam(b *testing.B) {
	const n = 231926
	run := func(name string, lanes, every int) {
		b.Run(name, func(b *testing.B) {
			eachKernelB(b, func(b *testing.B) {
				w, m, v := filled(n), Aligned(n), Aligned(n)
				grad := make([][]float32, lanes)
				for i := range grad {
					grad[i] = filled(n)
				}
				for i := 0; i < n; i += every {
					m[i], v[i] = math.SmallestNonzeroFloat32, 1e-10
					for _, g := range grad {
						g[i] = 0
					}
				}
				a := Adam{Alpha: 1e-3, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-7, Scale: 1. / 200}
				for b.Loop() {
					a.Step(0, n, w, m, v, grad)
				}
			})
		})
	}
	for _, lanes := range []int{1, 4, 8} {
		run(fmt.Sprintf("%dlanes", lanes), lanes, n)
	}
	run("4lanes-at-rest", 4, 20)
}

// BenchmarkHasNaN looks at a row of logits, a micro-batch of images and OneLayer's largest gradient.
func BenchmarkHasNaN(b *testing.B) {
	eachKernelB(b, func(b *testing.B) {
		for _, n := range []int{400, 64 * 784, 2304 * 100} {
			b.Run(fmt.Sprint(n), func(b *testing.B) {
				x := normal(random(1), n)
				b.SetBytes(int64(4 * n))
				b.ReportAllocs()
				for b.Loop() {
					HasNaN(x)
				}
			})
		}
	})
}

// BenchmarkDropout runs 100 images of 32 channels, 14x14.
func BenchmarkDropout(b *testing.B) {
	x := filled(100 * 32 * 14 * 14)
	y := Aligned(len(x))
	for b.Loop() {
		DropoutMask{Seed: 1, Rate: 0.2}.Apply(0, x, y)
	}
	b.SetBytes(int64(8 * len(x)))
}
