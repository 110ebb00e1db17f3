package train_test

import (
	"context"
	"fmt"
	"sync"

	"tapenet/graph"
	"tapenet/models"
	"tapenet/train"
)

// bars returns n images of 8x8 pixels with a bright bar, in the rows 2k and 2k+1 for
// class k of four.
func bars(n int) train.Data {
	data := train.Data{Pixels: make([]uint8, n*64), Labels: make([]uint8, n)}
	for i := range n {
		class := i % 4
		data.Labels[i] = uint8(class)
		for x := range 16 {
			data.Pixels[i*64+class*16+x] = uint8(155 + i%100)
		}
	}
	return data
}

// A network of one's own learns images until it makes no mistake.
func ExampleTrainer() {
	layers := graph.Sequential{graph.Conv2d(4, 3), graph.Rectify, graph.MaxPool2D(2), graph.Flatten, graph.Dense(4), graph.SoftMax}
	net, err := layers.Build(1, 8, 8) // one channel, 8x8 pixels
	if err != nil {
		fmt.Println(err)
		return
	}
	t, err := train.New(net, models.Init(net, 1), train.Config{Epochs: 20, LearningRate: 0.01})
	if err != nil {
		fmt.Println(err)
		return
	}
	history, err := t.Fit(context.Background(), bars(200), train.Data{})
	if err != nil {
		fmt.Println(err)
		return
	}
	last := history[len(history)-1]
	fmt.Printf("epoch %d: %d of %d images are right\n", last.Epoch, last.Train.Correct, last.Train.Images)
	fmt.Println(t.Classes(bars(6).Pixels))
	// Output:
	// epoch 20: 200 of 200 images are right
	// [0 1 2 3 0 1] <nil>
}

// Several goroutines ask one Predictor, each for one image.
func ExamplePredictor() {
	net, err := graph.Sequential{graph.Dense(2), graph.SoftMax}.Build(2) // images of two values
	if err != nil {
		fmt.Println(err)
		return
	}
	weights := []float32{ // class 0 looks at the first value, class 1 at the second
		1, 0,
		0, 1,
		0, 0, // biases
	}
	p, err := train.NewPredictor(net, weights, train.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	images := [][]uint8{{255, 0}, {0, 255}, {90, 40}}
	classes := make([]int, len(images))
	var all sync.WaitGroup
	for i, pixels := range images {
		all.Go(func() {
			if class, err := p.Classes(pixels); err == nil {
				classes[i] = class[0]
			}
		})
	}
	all.Wait()
	fmt.Println(classes)
	// Output: [0 1 0]
}
