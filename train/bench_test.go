package train_test

import (
	"context"
	"fmt"
	"testing"

	"tapenet/graph"
	"tapenet/models"
	"tapenet/train"
)

// BenchmarkStep times whole steps, gathering, gradients and Adam, with all cores.
func BenchmarkStep(b *testing.B) {
	const steps = 10
	for _, n := range networks {
		for _, lowering := range graph.Lowerings() {
			for _, batch := range []int{200, 1024} {
				b.Run(fmt.Sprintf("%s/%s/batch=%d", n.name, lowering, batch), func(b *testing.B) {
					net, err := n.layers.Build(1, 28, 28)
					if err != nil {
						b.Fatal(err)
					}
					tr, err := train.New(net, models.Init(net, 1), train.Config{Lowering: lowering, Batch: batch, Epochs: 1})
					if err != nil {
						b.Fatal(err)
					}
					data := noise(steps*batch, 28)
					b.ReportAllocs()
					for b.Loop() {
						if _, err := tr.Fit(context.Background(), data, train.Data{}); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*steps), "ns/step")
				})
			}
		}
	}
}

// BenchmarkPredict times calls of one image and of many, from one goroutine and
// from all cores.
func BenchmarkPredict(b *testing.B) {
	for _, n := range networks {
		for _, images := range []int{1, 10, 1000} {
			p := newPredictor(b, n.layers, 28, train.Config{})
			pixels := noise(images, 28).Pixels
			predict := func() {
				if _, err := p.Predict(pixels); err != nil {
					b.Error(err)
				}
			}
			b.Run(fmt.Sprintf("%s/images=%d", n.name, images), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					predict()
				}
			})
			b.Run(fmt.Sprintf("%s/images=%d/parallel", n.name, images), func(b *testing.B) {
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						predict()
					}
				})
			})
		}
	}
}

// BenchmarkNew times what it takes until a network can be trained, and until it
// can be asked.
func BenchmarkNew(b *testing.B) {
	for _, n := range networks {
		net, err := n.layers.Build(1, 28, 28)
		if err != nil {
			b.Fatal(err)
		}
		w := models.Init(net, 1)
		b.Run(n.name+"/Trainer", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := train.New(net, w, train.Config{Batch: 200, Workers: 8}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(n.name+"/Predictor", func(b *testing.B) {
			pixels := noise(1, 28).Pixels
			b.ReportAllocs()
			for b.Loop() {
				p, err := train.NewPredictor(net, w, train.Config{Workers: 8})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := p.Predict(pixels); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
