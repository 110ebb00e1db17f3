package draw_test

import (
	"log"
	"os"

	"tapenet/graph"
	"tapenet/graph/draw"
)

// Which layers run as one op, for any browser.
func ExampleSVG() {
	net, err := graph.Sequential{
		graph.Conv2d(16, 5), graph.Rectify, graph.MaxPool2D(2), graph.Flatten, graph.Dense(10), graph.SoftMax,
	}.Build(1, 28, 28)
	if err != nil {
		log.Fatal(err)
	}
	f, err := os.Create("net.svg")
	if err != nil {
		log.Fatal(err)
	}
	if err := draw.SVG(f, net, draw.Picture{Title: "My network", Drawing: draw.Fused}); err != nil {
		log.Fatal(err)
	}
	if err := f.Close(); err != nil {
		log.Fatal(err)
	}
}
