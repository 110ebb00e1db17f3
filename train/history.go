package train

import (
	"time"

	"tapenet/graph"
)

// Metrics are how well the network did on some images.
type Metrics struct {
	Loss    float64 // mean categorical cross-entropy, in nats
	Correct int     // images whose most probable class is theirs
	Images  int
}

// Accuracy is the share of Correct in Images, 0 to 1.
func (m Metrics) Accuracy() float64 { return float64(m.Correct) / float64(m.Images) }

func metrics(s graph.Score, images int) Metrics {
	return Metrics{s.Loss / float64(images), s.Correct, images}
}

// Epoch is what one pass over the data gave.
type Epoch struct {
	Epoch    int           // from 1
	Steps    int           // batches of the epoch
	Train    Metrics       // over what each batch gave while the weights were changing
	Val      *Metrics      // of the validation data after the epoch; nil if there are none
	Time     time.Duration // with the validation
	StepTime time.Duration // Keras's estimate for one step: without the first, validation spread over the rest
}

// History is one entry for each epoch, in order.
type History []Epoch

// Progress is where a training stands after a step.
type Progress struct {
	Epoch, Step, Steps int     // from 1
	Train              Metrics // of the epoch so far
	Time               time.Duration
	StepTime           time.Duration // as in Epoch
}
