package idx_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"tapenet/graph"
	"tapenet/mnist/idx"
	"tapenet/models"
	"tapenet/train"
)

func ExampleRead() {
	file := []byte{
		0, 0, 8, 2, // unsigned bytes, 2 axes
		0, 0, 0, 3, // rows
		0, 0, 0, 2, // columns
		1, 2, 3, 4, 5, 6,
	}
	a, err := idx.Read(bytes.NewReader(file))
	fmt.Println(a, err)

	_, err = idx.Read(bytes.NewReader(file[:15]))
	fmt.Println(err)
	// Output:
	// {uint8 [3 2] [1 2 3 4 5 6]} <nil>
	// item 2 of 3: unexpected EOF
}

func ExampleArray_Write() {
	var file bytes.Buffer
	err := idx.Array{Shape: []int{3}, Data: []uint8{5, 0, 4}}.Write(&file)
	fmt.Printf("% x %v\n", file.Bytes(), err)
	// Output: 00 00 08 01 00 00 00 03 05 00 04 <nil>
}

// Train a network of your own on images of your own: here 26 letters of 32x32
// pixels. The folder has an IDX file of images and one of labels.
func ExampleReadFile() {
	folder := letters()
	defer os.RemoveAll(folder)

	images, err := idx.ReadFile(filepath.Join(folder, "images"))
	must(err)
	labels, err := idx.ReadFile(filepath.Join(folder, "labels"))
	must(err)
	net, err := graph.Sequential{
		graph.Conv2d(4, 5), graph.Rectify, graph.MaxPool2D(4),
		graph.Flatten,
		graph.Dense(26), graph.SoftMax,
	}.Build(1, 32, 32)
	must(err)
	t, err := train.New(net, models.Init(net, 1), train.Config{Epochs: 10, LearningRate: 0.01})
	must(err)
	history, err := t.Fit(context.Background(), train.Data{Pixels: images.Data, Labels: labels.Data}, train.Data{})
	must(err)
	classes, err := t.Classes(images.Data[19*32*32 : 20*32*32]) // of image 19 alone
	must(err)
	fmt.Printf("accuracy %v, image 19 is a %c\n", history[9].Train.Accuracy(), 'a'+classes[0])

	// Output: accuracy 1, image 19 is a t
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// letters is a new folder with 20 images of each of 26 classes, each class some
// of 5 bars.
func letters() string {
	dir, err := os.MkdirTemp("", "letters")
	must(err)
	var images, labels []uint8
	for i := range 20 * 26 {
		label := i % 26
		for row := range 32 {
			ink := uint8((label + 1) >> (row * 5 / 32) & 1 * (155 + i/26*5))
			images = append(images, bytes.Repeat([]byte{ink}, 32)...)
		}
		labels = append(labels, uint8(label))
	}
	must(idx.Array{Shape: []int{len(labels), 32, 32}, Data: images}.WriteFile(filepath.Join(dir, "images")))
	must(idx.Array{Shape: []int{len(labels)}, Data: labels}.WriteFile(filepath.Join(dir, "labels")))
	return dir
}
