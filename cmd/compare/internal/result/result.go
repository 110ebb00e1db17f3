// Package result holds what the trainings of the notebook's four configurations
// gave: enough to make every table, picture and sentence of the report without
// training again.
package result

import (
	"fmt"
	"strings"

	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/models"
)

// Config is one of the notebook's four trainings.
type Config struct {
	K         int     // 1 to 4, as the notebook has them
	Network   string  // OneLayer or TwoLayer
	Batch     int     // images of a step
	Epochs    int     // passes over the training images
	Reference float64 // the test accuracy that the notebook printed, 0 to 1
}

// Configs are the notebook's trainings in its order.
var Configs = []Config{
	{1, "OneLayer", 200, 10, 0.9892},
	{2, "TwoLayer", 200, 10, 0.9875},
	{3, "TwoLayer", 1024, 10, 0.9840},
	{4, "TwoLayer", 1024, 25, 0.9882},
}

// Layers is the network.
func (c Config) Layers() graph.Sequential {
	m, _ := models.ByName(strings.ToLower(c.Network))
	return m.Layers(mnist.Classes)
}

// String is the configuration without its epochs: OneLayer, batch 200.
func (c Config) String() string { return fmt.Sprintf("%s, batch %d", c.Network, c.Batch) }

// Run is one training of one configuration.
type Run struct {
	Config   int       `json:"config"` // K of the Config
	Seed     uint64    `json:"seed"`
	Machine  Machine   `json:"machine"`
	Epochs   []Epoch   `json:"epochs"`   // in order, all of the configuration
	Test     Metrics   `json:"test"`     // of the trained network on the test images
	Mistakes []Mistake `json:"mistakes"` // every test image that it got wrong, by Image
	Filters  Filters   `json:"filters"`  // the first convolution's kernels
}

// Of is the runs of configuration k, in their order.
func Of(runs []Run, k int) []Run {
	var of []Run
	for _, r := range runs {
		if r.Config == k {
			of = append(of, r)
		}
	}
	return of
}

// Machine is where a Run was trained; times of different machines don't
// compare.
type Machine struct {
	Processor string `json:"processor"` // its model name, as the system tells it
	Kernels   string `json:"kernels"`   // as graph.Level names them
	Workers   int    `json:"workers"`
}

// Epoch is one pass over the training images.
type Epoch struct {
	Seconds float64 `json:"seconds"` // with the validation
	Train   Metrics `json:"train"`   // over what each batch gave while the weights were changing
	Val     Metrics `json:"val"`     // of the test images after the epoch
}

// Metrics are how well a network did on some images.
type Metrics struct {
	Accuracy float64 `json:"accuracy"` // 0 to 1
	Loss     float64 `json:"loss"`     // mean categorical cross-entropy, in nats
}

// Mistake is a test image that a network got wrong.
type Mistake struct {
	Image  int     `json:"image"`  // index in the test images, from 0
	Truth  int     `json:"truth"`  // its digit
	Guess  int     `json:"guess"`  // the digit that the network gave most probability
	PGuess float64 `json:"pGuess"` // the probability of Guess
	PTruth float64 `json:"pTruth"` // the probability of Truth
}

// Filters are the kernels of a convolution on one channel.
type Filters struct {
	Side    int         `json:"side"`    // pixels
	Kernels [][]float32 `json:"kernels"` // one a filter, row by row: Side·Side weights
}

// Seconds is how long the training took, with the validations.
func (r Run) Seconds() float64 {
	s := 0.0
	for _, e := range r.Epochs {
		s += e.Seconds
	}
	return s
}
