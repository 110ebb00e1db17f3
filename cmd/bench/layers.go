package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"tapenet/graph"
)

// shapes are layers of many kinds, so that speed is not only that of the two
// networks: filters in multiples of 16, units above 16, with and without a pool.
var shapes = []struct {
	in     graph.Shape
	layers graph.Sequential
}{
	{graph.Shape{1, 28, 28}, graph.Sequential{graph.Conv2d(16, 5), graph.Rectify, graph.MaxPool2D(2)}},
	{graph.Shape{1, 28, 28}, graph.Sequential{graph.Conv2d(32, 3), graph.Rectify}},
	{graph.Shape{1, 28, 28}, graph.Sequential{graph.Conv2d(32, 3), graph.Rectify, graph.MaxPool2D(2)}},
	{graph.Shape{3, 32, 32}, graph.Sequential{graph.Conv2d(32, 7), graph.Rectify, graph.MaxPool2D(2)}},
	{graph.Shape{16, 28, 28}, graph.Sequential{graph.Conv2d(32, 3), graph.Rectify}},
	{graph.Shape{32, 13, 13}, graph.Sequential{graph.Conv2d(64, 3), graph.Rectify, graph.MaxPool2D(2)}},
	{graph.Shape{64, 12, 12}, graph.Sequential{graph.Conv2d(128, 3), graph.Rectify}},
	{graph.Shape{64, 14, 14}, graph.Sequential{graph.Conv2d(64, 1), graph.Rectify, graph.MaxPool2D(3)}},
	{graph.Shape{2304}, graph.Sequential{graph.Dense(100), graph.Rectify}},
	{graph.Shape{1600}, graph.Sequential{graph.Dense(128), graph.Rectify}},
	{graph.Shape{784}, graph.Sequential{graph.Dense(512), graph.Rectify}},
	{graph.Shape{200}, graph.Sequential{graph.Dense(100), graph.Rectify}},
	{graph.Shape{128}, graph.Sequential{graph.Dense(32)}},
}

// layerGoal is the share of the peak that every layer's forward pass should reach.
const layerGoal = 0.6

// layerRate is the speed of one op made of layers.
type layerRate struct {
	Layers string `json:"layers"`
	In     string `json:"in"` // shape of an image
	Met    bool   `json:"met"`
	part
}

type layerRates []layerRate

func (b *bench) measureLayers(ctx context.Context) (layerRates, error) {
	var rates layerRates
	for _, s := range shapes {
		r, err := b.measureLayer(ctx, s.in, s.layers)
		if err != nil {
			return nil, err
		}
		rates = append(rates, *r)
	}
	return rates, nil
}

// measureLayer runs layers on noise, forward. A unit and SoftMax behind them
// make them a network; they are not timed, and so small that they leave the
// caches as a next layer does.
func (b *bench) measureLayer(ctx context.Context, in graph.Shape, layers graph.Sequential) (*layerRate, error) {
	net, err := slices.Concat(layers, graph.Sequential{graph.Flatten, graph.Dense(1), graph.SoftMax}).Build(in...)
	if err != nil {
		return nil, err
	}
	initial := make([]float32, net.NumParams())
	noise(initial)
	weights, err := net.Pack(graph.Fused, initial)
	if err != nil {
		return nil, err
	}
	m, err := net.Compile(graph.Fused, stepImages, weights, graph.Forward)
	if err != nil {
		return nil, err
	}
	noise(m.X)
	words := make([]string, len(layers))
	for i, l := range layers {
		words[i] = l.String()
	}
	op := net.Layers[0].Name
	var samples []float64
	for end := time.Now().Add(b.layer); len(samples) < 3 || time.Now().Before(end); {
		m.Times = map[string]time.Duration{}
		if _, err := m.Run(nil, false); err != nil {
			return nil, err
		}
		samples = append(samples, m.Times[op].Seconds()*1e6/stepImages)
	}
	flop, _ := layerFLOP(net.Layers)
	r := &layerRate{Layers: strings.Join(words, ", "), In: in.String(), part: newPart(op, flop, samples, b.Processor.Peak)}
	r.Met = r.OfPeak >= layerGoal
	return r, ctx.Err()
}

// noise fills v with numbers from 0 to 1.
func noise(v []float32) {
	for i := range v {
		v[i] = rand.Float32()
	}
}

func (l layerRates) table() table {
	t := table{
		title: fmt.Sprintf("Layers forward: 1 worker, %d images, goal at least %s of peak", stepImages, percent(layerGoal)),
		head:  []string{"", "image", "FLOP/image", "µs/image", "median", "GFLOP/s", "of peak", ""},
	}
	for _, r := range l {
		t.add(r.Layers, r.In, r.FLOP, r.Micros.Min, r.Micros.Median, r.GFLOPS, percent(r.OfPeak), verdict(r.Met))
	}
	return t
}
