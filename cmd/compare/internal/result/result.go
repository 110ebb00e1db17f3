// Package result holds what the trainings of the notebook's four configurations
// gave: enough to make every table, picture and sentence of the report without
// training again.
package result

import (
	"fmt"
	"slices"

	"tapenet/cmd/internal/runs/training"
	"tapenet/graph"
	"tapenet/models"
)

// Config is one of the notebook's four trainings.
type Config struct {
	K         int    // 1 to 4, as the notebook numbers them
	Network   string // OneLayer or TwoLayer
	Layers    func(classes int) graph.Sequential
	Batch     int     // images of a step
	Epochs    int     // passes over the training images
	Reference float64 // the test accuracy that the notebook printed, 0 to 1
}

// Configs are the notebook's trainings in its order.
var Configs = []Config{
	{1, "OneLayer", models.OneLayer, 200, 10, 0.9892},
	{2, "TwoLayer", models.TwoLayer, 200, 10, 0.9875},
	{3, "TwoLayer", models.TwoLayer, 1024, 10, 0.9840},
	{4, "TwoLayer", models.TwoLayer, 1024, 25, 0.9882},
}

// String names the configuration without its epochs: OneLayer, batch 200.
func (c Config) String() string { return fmt.Sprintf("%s, batch %d", c.Network, c.Batch) }

// Stop reports whether c, with the same seed, is the first epochs of l: a stop on
// the way of that training.
func (c Config) Stop(l Config) bool {
	return c.K != l.K && c.Network == l.Network && c.Batch == l.Batch && c.Epochs <= l.Epochs
}

// Run is one training of one configuration.
type Run struct {
	Config   int       `json:"config"` // K of the Config
	Seed     uint64    `json:"seed"`
	Machine  Machine   `json:"machine"`
	Epochs   []Epoch   `json:"epochs"`   // in order, as many as the settings leave
	Test     Metrics   `json:"test"`     // of the trained network on the test images
	Mistakes []Mistake `json:"mistakes"` // every test image that it got wrong, by Image
	Filters  Filters   `json:"filters"`  // the first convolution's kernels
}

// Machine is where a Run was trained. Times of different machines don't compare.
// What is omitempty was not kept before; then it is "" or 0.
type Machine struct {
	Processor string `json:"processor"` // its model name, as the system tells it
	Kernels   string `json:"kernels"`   // as graph.Level names them
	Workers   int    `json:"workers"`
	Cores     int    `json:"cores,omitempty"`  // that the process could use
	System    string `json:"system,omitempty"` // operating system and architecture, as linux/amd64
	Go        string `json:"go,omitempty"`     // the version that built the command, as go1.26.0
	Jobs      int    `json:"jobs,omitempty"`   // trainings at once, if more than one
}

// Epoch is one pass over the training images.
type Epoch struct {
	Seconds float64 `json:"seconds"` // with the validation
	Train   Metrics `json:"train"`   // of the training images, each seen while the weights were changing
	Val     Metrics `json:"val"`     // of the test images after the epoch
}

// Metrics are how well a network did on some images.
type Metrics struct {
	Accuracy float64 `json:"accuracy"` // 0 to 1
	Loss     float64 `json:"loss"`     // mean categorical cross-entropy, in nats
}

// Mistake and Filters are kept as the training gave them.
type (
	Mistake = training.Mistake
	Filters = training.Filters
)

// Seconds returns how long the training took, with the validations.
func (r Run) Seconds() float64 {
	s := 0.0
	for _, e := range r.Epochs {
		s += e.Seconds
	}
	return s
}

// Group is a configuration with its runs, each of another seed.
type Group struct {
	Config
	Runs []Run
}

// Each returns one number of each run.
func (g Group) Each(number func(Run) float64) []float64 {
	values := make([]float64, len(g.Runs))
	for i, r := range g.Runs {
		values[i] = number(r)
	}
	return values
}

// Confusion counts how often each class (row) was taken for each (column), over
// all runs. labels are the classes of all test images.
func Confusion(runs []Run, labels []uint8, classes int) [][]int {
	times := make([][]int, classes)
	for class := range times {
		times[class] = make([]int, classes)
	}
	for _, class := range labels {
		times[class][class] += len(runs)
	}
	for _, r := range runs {
		for _, m := range r.Mistakes {
			times[m.Truth][m.Truth]--
			times[m.Truth][m.Guess]++
		}
	}
	return times
}

// Pair is a class that was taken for another.
type Pair struct{ Truth, Guess, Times int }

// Pairs returns the pairs that a confusion counts, the most frequent first.
func Pairs(confusion [][]int) []Pair {
	var pairs []Pair
	for truth, row := range confusion {
		for guess, times := range row {
			if guess != truth && times > 0 {
				pairs = append(pairs, Pair{truth, guess, times})
			}
		}
	}
	slices.SortStableFunc(pairs, func(p, q Pair) int { return q.Times - p.Times })
	return pairs
}
