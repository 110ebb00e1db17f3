package checkpoint

import (
	"cmp"
	"fmt"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/train"
)

// Settings are what a training depends on. One that goes on must have the same,
// but for its learning rates, which go on. What old files lack is left out if empty.
type Settings struct {
	Network  string  `json:"network"`
	Data     string  `json:"data"` // SHA-256 of the images and labels
	Lowering string  `json:"ops"`
	Batch    int     `json:"batch"`
	LR       float64 `json:"lr"`
	Seed     uint64  `json:"seed"`
	Shuffle  bool    `json:"shuffle"`
	Kernels  string  `json:"kernels"` // may differ: then the last digits do, and are as right

	Precision  string  `json:"precision,omitempty"` // of factors in dense layers; "" is float32
	Validation float64 `json:"validation,omitempty"`
	Rates      []Rate  `json:"rates,omitempty"` // those of -resume-lr, in order; before them it was LR
}

// Rate is a learning rate and where it begins: after a step of an epoch.
type Rate struct {
	Epoch int     `json:"epoch"`
	Step  int     `json:"step"`
	LR    float64 `json:"lr"`
}

// Differs returns an error that names the first setting of a checkpoint, s, that
// must be the same in t and is not.
func (s Settings) Differs(t Settings) error {
	for _, d := range []struct {
		name     string
		got, now any
	}{
		{"the network", s.Network, t.Network}, {"the data (SHA-256)", s.Data, t.Data}, {"-ops", s.Lowering, t.Lowering},
		{"-precision", cmp.Or(s.Precision, "float32"), cmp.Or(t.Precision, "float32")},
		{"-batch", s.Batch, t.Batch}, {"-lr", s.LR, t.LR}, {"-seed", s.Seed, t.Seed}, {"-shuffle", s.Shuffle, t.Shuffle},
		{"-validation", s.Validation, t.Validation},
	} {
		if d.got == d.now {
			continue
		}
		hint := ""
		if d.name == "-lr" {
			hint = fmt.Sprintf("; to go on with another rate, keep -lr %v and add -resume-lr %v", d.got, d.now)
		}
		return errors.Errorf("the checkpoint is of another training: %s was %v, is %v now%s", d.name, d.got, d.now, hint)
	}
	return nil
}

// Check returns an error if no training with these settings can be in state, on
// data and validation.
func (s Settings) Check(state train.State, data, validation train.Data) error {
	if err := state.Fits(s.Batch, data, validation); err != nil {
		return err
	}
	if err := s.checkRates(state); err != nil {
		return err
	}
	if done := (state.Epoch-1)*(1+(data.Len()-1)/s.Batch) + state.Step; state.Updates != done {
		return errors.Errorf("got %d updates of the weights, want %d", state.Updates, done)
	}
	return nil
}

// checkRates is an error if no training that came to state can have had the
// rates of s.
func (s Settings) checkRates(state train.State) error {
	before := func(a, b Rate) bool { return a.Epoch < b.Epoch || a.Epoch == b.Epoch && a.Step < b.Step }
	last, here := Rate{Epoch: 1, Step: -1}, Rate{Epoch: state.Epoch, Step: state.Step}
	for _, r := range s.Rates {
		if !command.IsRate(r.LR) || r.Step < 0 || !before(last, r) || before(here, r) {
			return errors.Errorf("got a learning rate of %v from epoch %d on, after step %d", r.LR, r.Epoch, r.Step)
		}
		last = r
	}
	return nil
}
