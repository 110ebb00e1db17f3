package live

import (
	"fmt"
	"net/http"
	"testing"
)

// BenchmarkLook is a look as the page asks for it, and the size of its answer.
func BenchmarkLook(b *testing.B) {
	_, h := server(b)
	for _, c := range []struct{ name, body string }{
		{"onelayer/forward", `{"net":"onelayer",` + sevenStrokes + `}`},
		{"onelayer/gradients", `{"net":"onelayer",` + sevenStrokes + `,"explain":[4]}`},
		{"onelayer/heavy", `{"net":"onelayer",` + sevenStrokes + `,"explain":[4],"heavy":true}`},
		{"onelayer/step", `{"net":"onelayer",` + sevenStrokes + `,"step":{"as":4}}`},
		{"twolayer/forward", `{"net":"twolayer",` + sevenStrokes + `}`},
		{"twolayer/gradients", `{"net":"twolayer",` + sevenStrokes + `,"explain":[4]}`},
		{"twolayer/step", `{"net":"twolayer",` + sevenStrokes + `,"step":{"as":4}}`},
	} {
		b.Run(c.name, func(b *testing.B) {
			size := 0
			for b.Loop() {
				w := post(h, c.body)
				if w.Code != http.StatusOK {
					b.Fatal(w.Body)
				}
				size = w.Body.Len()
			}
			b.ReportMetric(float64(size), "bytes")
		})
	}
}

// BenchmarkEpochs is a look with the weights of another epoch than the look before.
func BenchmarkEpochs(b *testing.B) {
	_, h := server(b)
	for epoch := 0; b.Loop(); epoch = (epoch + 1) % 11 {
		if w := post(h, fmt.Sprintf(`{"net":"onelayer","epoch":%d,%s}`, epoch, sevenStrokes)); w.Code != http.StatusOK {
			b.Fatal(w.Body)
		}
	}
}

// BenchmarkOpen opens a model: graphs, scales and description.
func BenchmarkOpen(b *testing.B) {
	l, _ := server(b)
	for _, key := range []string{"onelayer", "twolayer"} {
		n, _ := opened(b, l, key)
		b.Run(key, func(b *testing.B) {
			for b.Loop() {
				if _, err := newModel(n, l.test); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
