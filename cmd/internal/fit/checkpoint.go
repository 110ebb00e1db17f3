package fit

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/command"
	"tapenet/graph"
	"tapenet/models/weights"
	"tapenet/train"
)

// A checkpoint is a safetensors file: the weights under their own names, Adam's
// moments under these prefixes, and metadata in JSON under these keys.
const (
	prefixM = weights.AdamM
	prefixV = weights.AdamV

	formatKey   = weights.FormatKey
	settingsKey = "settings"
	positionKey = "position"

	checkpointFormat = weights.Checkpoint
)

// settings are what a training depends on. One that goes on must have the same,
// but for its learning rates, which go on. What old files lack is left out if empty.
type settings struct {
	Network  string  `json:"network"`
	Data     string  `json:"data"` // SHA-256 of the images and labels
	Lowering string  `json:"ops"`
	Batch    int     `json:"batch"`
	LR       float64 `json:"lr"`
	Seed     uint64  `json:"seed"`
	Shuffle  bool    `json:"shuffle"`
	Kernels  string  `json:"kernels"` // may differ: then the last digits do, and are as right

	Validation float64 `json:"validation,omitempty"`
	Rates      []rate  `json:"rates,omitempty"` // those of -resume-lr, in order; before them it was LR
}

// rate is a learning rate and where it begins: after a step of an epoch.
type rate struct {
	Epoch int     `json:"epoch"`
	Step  int     `json:"step"`
	LR    float64 `json:"lr"`
}

// position is the state of a training but for its vectors.
type position struct {
	Epoch   int           `json:"epoch"`
	Step    int           `json:"step"`
	Updates int           `json:"updates"`
	Loss    float64       `json:"loss"`
	Correct int           `json:"correct"`
	History train.History `json:"history"`
}

// settings returns what this run depends on.
func (j *job) settings() settings {
	return settings{
		Network: j.net.Sequential().String(), Data: j.sets.Digest(),
		Lowering: string(j.lowering), Batch: j.batch, LR: j.lr, Seed: j.seed, Shuffle: j.shuffle, Kernels: graph.Level(), Validation: j.validation,
	}
}

// differs returns an error that names the first setting of a checkpoint, s, that
// must be the same in t and is not.
func (s settings) differs(t settings) error {
	for _, d := range []struct {
		name     string
		got, now any
	}{
		{"the network", s.Network, t.Network}, {"the data (SHA-256)", s.Data, t.Data}, {"-ops", s.Lowering, t.Lowering},
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

// checkRates is an error if no training that came to state can have had the
// rates of s.
func (s settings) checkRates(state train.State) error {
	before := func(a, b rate) bool { return a.Epoch < b.Epoch || a.Epoch == b.Epoch && a.Step < b.Step }
	last, here := rate{Epoch: 1, Step: -1}, rate{Epoch: state.Epoch, Step: state.Step}
	for _, r := range s.Rates {
		if !command.IsRate(r.LR) || r.Step < 0 || !before(last, r) || before(here, r) {
			return errors.Errorf("got a learning rate of %v from epoch %d on, after step %d", r.LR, r.Epoch, r.Step)
		}
		last = r
	}
	return nil
}

// writeCheckpoint replaces the checkpoint by a state.
func (j *job) writeCheckpoint(state train.State, s settings) error {
	p := position{state.Epoch, state.Step, state.Updates, state.Score.Loss, state.Score.Correct, state.History}
	meta := map[string]string{formatKey: checkpointFormat}
	for key, v := range map[string]any{settingsKey: s, positionKey: p} {
		text, err := json.Marshal(v)
		if err != nil {
			return errors.Wrap(err, key)
		}
		meta[key] = string(text)
	}
	file := weights.File{Meta: meta, Vectors: map[string][]float32{"": state.Weights, prefixM: state.M, prefixV: state.V}}
	return atomicfile.Write(j.ctx, j.checkpoint, func(w io.Writer) error { return file.Write(w, j.net) })
}

// loadCheckpoint reads the state from which this run, with settings now, goes on,
// and its learning rates.
func (j *job) loadCheckpoint(now settings) (train.State, []rate, error) {
	f, err := os.Open(j.checkpoint)
	if err != nil {
		return train.State{}, nil, errors.Wrap(err, "-resume")
	}
	defer f.Close()
	s, was, err := readCheckpoint(f, j.net)
	if err == nil {
		err = was.differs(now)
	}
	if err == nil {
		err = s.Fits(j.batch, j.training, j.val)
	}
	if err == nil {
		err = was.checkRates(s)
	}
	if done := (s.Epoch-1)*(1+(j.training.Len()-1)/j.batch) + s.Step; err == nil && s.Updates != done {
		err = errors.Errorf("got %d updates of the weights, want %d", s.Updates, done)
	}
	if done := s.Epoch - 1; err == nil && done > j.epochs {
		err = errors.Errorf("%d epochs are done, -epochs is %d", done, j.epochs)
	}
	if err == nil && was.Kernels != now.Kernels {
		j.notice("the checkpoint is from a processor with %s kernels; with %s the result has other last digits", was.Kernels, now.Kernels)
	}
	return s, was.Rates, errors.WithMessagef(err, "-checkpoint %s", j.checkpoint)
}

// readCheckpoint reads a checkpoint of net and the settings that it was made
// with.
func readCheckpoint(r io.Reader, net *graph.Network) (state train.State, was settings, err error) {
	file, err := weights.Read(r, net, "", prefixM, prefixV)
	if err != nil {
		return state, was, err
	}
	if got := file.Meta[formatKey]; got != checkpointFormat {
		return state, was, errors.Errorf("got format %q, want %q", got, checkpointFormat)
	}
	if !file.Signed {
		return state, was, errors.New("no checksum")
	}
	var p position
	for key, v := range map[string]any{settingsKey: &was, positionKey: &p} {
		if err := json.Unmarshal([]byte(file.Meta[key]), v); err != nil {
			return state, was, errors.Wrap(err, key)
		}
		// If writing it again gives the same text, each field was there, once.
		if text, err := json.Marshal(v); err != nil || string(text) != file.Meta[key] {
			return state, was, errors.Errorf("%s: a field is missing, unknown, there twice or not written as this program does", key)
		}
	}
	return train.State{
		Epoch: p.Epoch, Step: p.Step, Updates: p.Updates, Score: graph.Score{Loss: p.Loss, Correct: p.Correct}, History: p.History,
		Weights: file.Vectors[""], M: file.Vectors[prefixM], V: file.Vectors[prefixV],
	}, was, nil
}
