package mnist_test

import (
	"bytes"
	"fmt"
	"log"

	"tapenet/mnist"
)

func ExampleReadImages() {
	file := []byte{
		0, 0, 8, 3, // unsigned bytes, 3 dimensions
		0, 0, 0, 2, // images
		0, 0, 0, 28, // rows
		0, 0, 0, 28, // columns
	}
	pixels := make([]byte, 2*mnist.Rows*mnist.Cols)

	images, err := mnist.ReadImages(bytes.NewReader(append(file, pixels...)))
	fmt.Println(len(images), err)

	_, err = mnist.ReadImages(bytes.NewReader(append(file, pixels[:1000]...)))
	fmt.Println(err)
	// Output:
	// 1568 <nil>
	// image 2 of 2: unexpected EOF
}

func ExampleReadLabels() {
	labels, err := mnist.ReadLabels(bytes.NewReader([]byte{0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4}))
	fmt.Println(labels, err)
	// Output: [5 0 4] <nil>
}

// The first test image, drawn with every other row, since characters are twice as high as wide.
func ExampleLoad() {
	train, test, err := mnist.Load()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(train.Len(), test.Len(), "- the first test image is a", test.Labels[0])
	for y := 0; y < mnist.Rows; y += 2 {
		for x := range mnist.Cols {
			fmt.Printf("%c", ".:*#"[test.Pixels[y*mnist.Cols+x]/64])
		}
		fmt.Println()
	}
	// Output:
	// 60000 10000 - the first test image is a 7
	// ............................
	// ............................
	// ............................
	// ............................
	// ......##############*.......
	// ............:.:::..##:......
	// ..................##:.......
	// .................##.........
	// ................##..........
	// ..............:##...........
	// .............###............
	// ............##:.............
	// ...........###..............
	// ..........:##...............
}
