package train

import (
	"fmt"
	"time"

	"tapenet/graph"
)

// Metrics say how well a network did on some images.
type Metrics struct {
	Loss    float64 `json:"Loss"`    // mean categorical cross-entropy, in nats
	Correct int     `json:"Correct"` // images whose most probable class is their label
	Images  int     `json:"Images"`
}

// Accuracy is the share of Correct in Images, 0 to 1.
func (m Metrics) Accuracy() float64 { return float64(m.Correct) / float64(m.Images) }

func metrics(s graph.Score, images int) Metrics {
	return Metrics{s.Loss / float64(images), s.Correct, images}
}

// Epoch says what one pass over the data gave. Its names in JSON never change, so
// that a file with a history can be read for ever.
type Epoch struct {
	Epoch    int           `json:"Epoch"`    // from 1
	Steps    int           `json:"Steps"`    // one for each batch
	Train    Metrics       `json:"Train"`    // of each batch before the step that learned from it
	Val      *Metrics      `json:"Val"`      // of the validation data after the epoch; nil if there are none
	Time     time.Duration `json:"Time"`     // with the validation
	StepTime time.Duration `json:"StepTime"` // of one step, as Keras estimates it: without the first, and with the validation
}

// String returns the epoch in Keras's words: epoch 2: accuracy: 0.9050 - loss: 0.3298
// - val_accuracy: 0.9173 - val_loss: 0.2870.
func (e Epoch) String() string {
	s := fmt.Sprintf("epoch %d: accuracy: %.4f - loss: %.4f", e.Epoch, e.Train.Accuracy(), e.Train.Loss)
	if e.Val != nil {
		s += fmt.Sprintf(" - val_accuracy: %.4f - val_loss: %.4f", e.Val.Accuracy(), e.Val.Loss)
	}
	return s
}

// History has one entry for each epoch, in order.
type History []Epoch

// Progress says where a training stands after a step.
type Progress struct {
	Epoch, Step, Steps int     // from 1
	Train              Metrics // of the epoch so far
	Time               time.Duration
	StepTime           time.Duration // as in Epoch
}
