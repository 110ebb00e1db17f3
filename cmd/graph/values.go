package main

import (
	"context"
	"fmt"
	"os"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/data"
	"tapenet/graph"
	"tapenet/graph/draw"
	"tapenet/models/weights"
)

// looked is the number of test images whose values -values shows.
const looked = 100

// measure runs the network with the weights of -values on the first test images.
func (o *options) measure(ctx context.Context, net *graph.Network, sets data.Sets) (v *draw.Values, err error) {
	err = command.Wait(ctx, "reading -values "+o.values, func() (err error) {
		v, err = measure(o.values, net, sets)
		return errors.WithMessagef(err, "-values %s", o.values)
	})
	return v, err
}

func measure(file string, net *graph.Network, sets data.Sets) (*draw.Values, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, errors.WithStack(err)
	}
	var values []float32
	if info.Mode().IsRegular() {
		values, err = weights.Import(f, info.Size(), net)
	} else { // a pipe
		values, err = weights.Load(f, net)
	}
	if err != nil {
		return nil, err
	}
	n := min(looked, sets.Test.Len())
	images := make([]float32, n*net.In.Size())
	graph.ScaleBytes(images, sets.Test.Pixels[:len(images)])
	v, err := draw.Measure(net, values, images, sets.Test.Labels[:n])
	if err != nil {
		return nil, err
	}
	v.Of = fmt.Sprintf("the first %d test images", n)
	return v, nil
}
