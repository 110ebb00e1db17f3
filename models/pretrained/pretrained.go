// Package pretrained holds the notebook's two networks trained on MNIST. They are
// in every program that imports it, 1 MB; README.md beside the files says how
// they were made.
//
//	net, values, err := pretrained.Open("twolayer")
package pretrained

import (
	"bytes"
	_ "embed"

	"github.com/pkg/errors"

	"tapenet/graph"
	"tapenet/models"
	"tapenet/models/weights"
)

//go:embed onelayer.safetensors
var oneLayer []byte

//go:embed twolayer.safetensors
var twoLayer []byte

var all = map[string]struct {
	file    []byte
	correct int // of MNIST's 10,000 test images
	drawn   int // of the drawings
}{
	"onelayer": {oneLayer, 9887, 59},
	"twolayer": {twoLayer, 9877, 60},
}

// drawings is how many digits mnist/scan/testdata/strokes.json has.
const drawings = 60

// Open returns the network of a name, one of models.Names, and its weights, one
// for each parameter in the order of Params. The caller may change them.
func Open(name string) (*graph.Network, []float32, error) {
	if _, ok := all[name]; !ok {
		return nil, nil, errors.Errorf("got %q, want one of %q", name, models.Names())
	}
	net, values, err := weights.Open(bytes.NewReader(all[name].file))
	return net, values, errors.WithMessage(err, name)
}

// Accuracy returns the part of MNIST's 10,000 test images that the network of a
// name gets right; 0 if there is none of the name.
func Accuracy(name string) float64 { return float64(all[name].correct) / 10000 }

// Drawn returns how many digits drawn as with a pointer or the arrow keys the network
// of a name gets right, and of how many: those of mnist/scan/testdata/strokes.json,
// where a test counts them. Both are 0 if there is no network of the name.
func Drawn(name string) (right, of int) {
	if _, ok := all[name]; !ok {
		return 0, 0
	}
	return all[name].drawn, drawings
}
