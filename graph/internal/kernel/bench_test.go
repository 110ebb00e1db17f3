package kernel

import (
	"fmt"
	"testing"
)

// images is the micro-batch of the benchmarks, as training uses it.
const images = 50

// perImage reports the time of an image and, for so many multiply-adds an image, the rate.
func perImage(b *testing.B, madds float64) {
	each := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / images
	b.ReportMetric(each/1e3, "µs/image")
	if madds > 0 {
		b.ReportMetric(2*madds/each, "GFLOP/s")
	}
}

// filled is n values between -1 and 1.
func filled(n int) []float32 {
	s := Aligned(n)
	r := random(7)
	for i := range s {
		s[i] = 2*r.Float32() - 1
	}
	return s
}

// BenchmarkConv is the convolutions of OneLayer and TwoLayer, and of a larger network. The rates count the work owed: after a
// pool, 1/P² of the gradient's.
func BenchmarkConv(b *testing.B) {
	for _, c := range []ConvConfig{
		{H: 28, W: 28, C: 1, F: 16, K: 5, Rectify: true, P: 2},
		{H: 12, W: 12, C: 16, F: 8, K: 2, Rectify: true, P: 2},
		{H: 28, W: 28, C: 1, F: 32, K: 3, Rectify: true, P: 2},
		{H: 13, W: 13, C: 32, F: 64, K: 3, Rectify: true, P: 2},
		{H: 13, W: 13, C: 32, F: 64, K: 3, Rectify: true},
		{H: 28, W: 28, C: 1, F: 16, K: 5, Rectify: true, P: 3},
	} {
		c.N = images
		b.Run(fmt.Sprintf("%dx%dx%d-%dfilters%dx%dpool%d", c.H, c.W, c.C, c.F, c.K, c.K, max(1, c.P)), func(b *testing.B) {
			eachKernelB(b, func(b *testing.B) { benchmarkConv(b, c) })
		})
	}
}

func benchmarkConv(b *testing.B, config ConvConfig) {
	layer, err := NewConv(config)
	if err != nil {
		b.Fatal(err)
	}
	c := layer.ConvConfig
	x, w, bias := filled(images*layer.imageLen()), filled(c.F*layer.taps), filled(c.F)
	y, dy, dx := Aligned(images*layer.outLen()), filled(images*layer.outLen()), Aligned(images*layer.imageLen())
	dw, db := Aligned(len(w)), Aligned(c.F)
	layer.Pack(w)
	layer.Forward(images, x, bias, y)
	owed := float64(layer.outLen() * layer.taps)
	b.Run("pack", func(b *testing.B) {
		for b.Loop() {
			layer.Pack(w)
		}
	})
	b.Run("forward", func(b *testing.B) {
		for b.Loop() {
			layer.Forward(images, x, bias, y)
		}
		perImage(b, owed*float64(c.P*c.P))
	})
	b.Run("weights", func(b *testing.B) {
		for b.Loop() {
			layer.GradWeights(images, x, y, dy, dw, db, false)
		}
		perImage(b, owed)
	})
	b.Run("input", func(b *testing.B) {
		for b.Loop() {
			layer.GradInput(images, y, dy, dx)
		}
		perImage(b, owed)
	})
}

func BenchmarkDense(b *testing.B) {
	for _, c := range []DenseConfig{
		{D: 2304, U: 100, Rectify: true},
		{D: 200, U: 100, Rectify: true},
		{D: 100, U: 10},
		{D: 1600, U: 128, Rectify: true},
	} {
		c.N = images
		b.Run(fmt.Sprintf("%dto%d", c.D, c.U), func(b *testing.B) {
			eachKernelB(b, func(b *testing.B) { benchmarkDense(b, c) })
		})
	}
}

func benchmarkDense(b *testing.B, c DenseConfig) {
	layer, err := NewDense(c)
	if err != nil {
		b.Fatal(err)
	}
	x, w, bias := filled(images*c.D), filled(c.D*c.U), filled(c.U)
	y, dy, dx, dw, db := Aligned(images*c.U), filled(images*c.U), Aligned(images*c.D), Aligned(len(w)), Aligned(c.U)
	layer.Pack(w)
	layer.Forward(images, x, bias, y)
	layer.GradInput(images, y, dy, dx)
	owed := float64(c.D * c.U)
	b.Run("transpose", func(b *testing.B) {
		for b.Loop() {
			layer.transpose()
		}
	})
	b.Run("forward", func(b *testing.B) {
		for b.Loop() {
			layer.Forward(images, x, bias, y)
		}
		perImage(b, owed)
	})
	b.Run("weights", func(b *testing.B) {
		for b.Loop() {
			layer.GradWeights(images, x, y, dy, dw, db, false)
		}
		perImage(b, owed)
	})
	b.Run("weightsAdd", func(b *testing.B) {
		for b.Loop() {
			layer.GradWeights(images, x, y, dy, dw, db, true)
		}
		perImage(b, owed)
	})
	b.Run("input", func(b *testing.B) {
		for b.Loop() {
			layer.GradInput(images, y, dy, dx)
		}
		perImage(b, owed)
	})
}

func BenchmarkMaxPool(b *testing.B) {
	c := MaxPoolConfig{N: images, H: 24, W: 24, C: 16, P: 2}
	eachKernelB(b, func(b *testing.B) {
		layer, err := NewMaxPool(c)
		if err != nil {
			b.Fatal(err)
		}
		x, y := filled(images*c.H*c.W*c.C), Aligned(images*c.H*c.W*c.C/4)
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

// BenchmarkAdam is a step of OneLayer.
func BenchmarkAdam(b *testing.B) {
	const n = 231926
	for _, lanes := range []int{1, 4, 8} {
		b.Run(fmt.Sprintf("%dlanes", lanes), func(b *testing.B) {
			eachKernelB(b, func(b *testing.B) {
				w, m, v := filled(n), Aligned(n), Aligned(n)
				grad := make([][]float32, lanes)
				for i := range grad {
					grad[i] = filled(n)
				}
				a := Adam{Alpha: 1e-3, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-7, Scale: 1. / 200}
				for b.Loop() {
					a.Step(0, n, w, m, v, grad)
				}
			})
		})
	}
}

// BenchmarkHasNaN is over OneLayer's largest gradient and a micro-batch.
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
