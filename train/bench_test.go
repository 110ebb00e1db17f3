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
