// Package training is what is kept of a training: its settings, what it gave, and the
// file of both.
package training

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/graph"
	"tapenet/models"
	"tapenet/train"
)

// Images are what a run is trained and tested on.
type Images struct {
	Data    string `json:"data"`    // SHA-256 of all images and labels, from package data
	Train   int    `json:"train"`   // images that are trained on, the first of the data
	Test    int    `json:"test"`    // images that are tested on
	Classes int    `json:"classes"` // of the data
}

// Settings are all that the bits of a run depend on, but for the kernels.
type Settings struct {
	Network string         `json:"network"` // one of models.Names
	Batch   int            `json:"batch"`   // images of a step
	LR      float64        `json:"lr"`      // learning rate of Adam
	Epochs  int            `json:"epochs"`  // passes over the training images
	Ops     graph.Lowering `json:"ops"`
	Seed    uint64         `json:"seed"` // of the initial weights and the order of the images
	Images
}

// Run is one training.
type Run struct {
	Settings Settings `json:"settings"`
	Machine  Machine  `json:"machine"`
	Epochs   []Epoch  `json:"epochs"`            // in order; fewer than the settings say if it failed
	Weights  string   `json:"weights"`           // SHA-256 of the trained weights, as little-endian float32; "" if it failed
	Failed   string   `json:"failed,omitempty"`  // why the training could not go on, such as a loss that is not finite
	Details  *Details `json:"details,omitempty"` // nil if none were asked for, or if it failed
}

// Machine is where a run was trained. It changes no bit of the results, but for the
// kernels, which round differently. What is omitempty was not kept before; then it
// is "" or 0.
type Machine struct {
	Processor string `json:"processor"` // its model name
	Kernels   string `json:"kernels"`   // as graph.Level names them
	Workers   int    `json:"workers"`   // cores of this training
	Jobs      int    `json:"jobs"`      // trainings at once in its process

	Cores  int    `json:"cores,omitempty"`  // that the process could use
	System string `json:"system,omitempty"` // operating system and architecture, as linux/amd64
	Go     string `json:"go,omitempty"`     // the version that built the command, as go1.26.0
}

// Epoch is one pass over the training images.
type Epoch struct {
	Seconds float64 `json:"seconds"` // with the validation
	Train   Metrics `json:"train"`   // of the training images, each seen while the weights were changing
	Val     Metrics `json:"val"`     // of the test images after the epoch
}

// Metrics are how well a network did on some images.
type Metrics struct {
	Correct int     `json:"correct"` // images whose most probable class is their label
	Loss    float64 `json:"loss"`    // mean categorical cross-entropy, in nats
}

// String names the configuration, the settings without the seed, and without what
// is rarely varied: twolayer, batch 200, lr 0.001, epochs 10.
func (s Settings) String() string {
	return fmt.Sprintf("%s, batch %d, lr %s, epochs %d", s.Network, s.Batch, strconv.FormatFloat(s.LR, 'g', -1, 64), s.Epochs)
}

// Seconds returns how long the training took, with the validations.
func (r Run) Seconds() float64 {
	sum := 0.0
	for _, e := range r.Epochs {
		sum += e.Seconds
	}
	return sum
}

// Digest returns the SHA-256 of the results: all of the run but where and how fast
// it was trained, and the details, which follow from the weights.
func (r Run) Digest() [sha256.Size]byte {
	r.Machine, r.Details, r.Epochs = Machine{}, nil, slices.Clone(r.Epochs)
	for i := range r.Epochs {
		r.Epochs[i].Seconds = 0
	}
	text, _ := json.Marshal(r)
	return sha256.Sum256(text)
}

// Check is an error if r cannot be a run.
func (r Run) Check() error {
	s := r.Settings
	if err := s.Check(); err != nil {
		return err
	}
	if m := r.Machine; m.Processor == "" || m.Kernels == "" || m.Workers < 1 || m.Jobs < 1 || m.Cores < 0 {
		return errors.Errorf("got machine %+v, want names, and numbers from 1 on", m)
	}
	if n := len(r.Epochs); n > s.Epochs || n < s.Epochs && r.Failed == "" {
		return errors.Errorf("got %d epochs, want %d", n, s.Epochs)
	}
	for i, e := range r.Epochs {
		err := e.Train.check(s.Train)
		if err == nil {
			err = e.Val.check(s.Test)
		}
		if err == nil && !(e.Seconds > 0 && e.Seconds <= math.MaxFloat64) {
			err = errors.Errorf("got %v seconds, want a finite number above 0", e.Seconds)
		}
		if err != nil {
			return errors.WithMessagef(err, "epoch %d", i+1)
		}
	}
	if (r.Failed == "") != isHash(r.Weights) {
		return errors.Errorf("got weights %q and failure %q, want the SHA-256 of the weights or why there are none", r.Weights, r.Failed)
	}
	if r.Failed != "" && r.Details != nil {
		return errors.New("got details of a training that failed, want none")
	}
	return nil
}

// Check is an error if no training has these settings.
func (s Settings) Check() error {
	_, known := models.ByName(s.Network)
	switch {
	case !known:
		return errors.Errorf("got network %q, want one of %s", s.Network, strings.Join(models.Names(), ", "))
	case !slices.Contains(graph.Lowerings(), s.Ops):
		return errors.Errorf("got ops %q, want one of %v", s.Ops, graph.Lowerings())
	case s.Batch < 1 || s.Epochs < 1:
		return errors.Errorf("got batch %d and %d epochs, want at least 1", s.Batch, s.Epochs)
	case !command.IsRate(s.LR):
		return errors.Errorf("got learning rate %v, want a finite number above 0", s.LR)
	}
	return s.Images.Check()
}

// Check is an error if no data has these images.
func (m Images) Check() error {
	if !isHash(m.Data) || m.Train < 1 || m.Test < 1 || m.Classes < 1 {
		return errors.Errorf("got data %+v, want a SHA-256, and numbers from 1 on", m)
	}
	return nil
}

func (m Metrics) check(images int) error {
	if m.Correct < 0 || m.Correct > images || !(m.Loss >= 0 && m.Loss <= math.MaxFloat64) {
		return errors.Errorf("got %d correct of %d images and loss %v, want no more than there are, and a finite loss", m.Correct, images, m.Loss)
	}
	return nil
}

// EpochOf returns an epoch of package train; it has validated.
func EpochOf(e train.Epoch) Epoch {
	return Epoch{e.Time.Seconds(), Metrics{e.Train.Correct, e.Train.Loss}, Metrics{e.Val.Correct, e.Val.Loss}}
}

func isHash(text string) bool {
	raw, err := hex.DecodeString(text)
	return err == nil && len(raw) == sha256.Size && text == strings.ToLower(text)
}
