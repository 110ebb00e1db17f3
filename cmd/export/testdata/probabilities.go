// Command probabilities writes what the trained networks of package pretrained
// give for MNIST's test images: name.f32 in the current folder, (10000, 10)
// float32 values, little-endian.
package main

import (
	"encoding/binary"
	"log"
	"os"

	"tapenet/mnist"
	"tapenet/models"
	"tapenet/models/pretrained"
	"tapenet/train"
)

func main() {
	_, test, err := mnist.Load()
	must(err)
	for _, name := range models.Names() {
		net, values, err := pretrained.Open(name)
		must(err)
		p, err := train.NewPredictor(net, values, train.Config{})
		must(err)
		probabilities, err := p.Predict(test.Pixels)
		must(err)
		data, err := binary.Append(nil, binary.LittleEndian, probabilities)
		must(err)
		must(os.WriteFile(name+".f32", data, 0o644))
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
