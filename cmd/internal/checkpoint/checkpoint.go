// Package checkpoint is the file from which a training goes on: its state, and the
// settings that it depends on.
package checkpoint

import (
	"encoding/json"
	"io"
	"maps"

	"github.com/pkg/errors"

	"tapenet/graph"
	"tapenet/models/weights"
	"tapenet/train"
)

// A checkpoint is a safetensors file: the weights under their own names, Adam's
// moments under the prefixes of package weights, and metadata in JSON under these
// keys.
const (
	settingsKey = "settings"
	positionKey = "position"
)

// position is the state of a training but for its vectors.
type position struct {
	Epoch   int           `json:"epoch"`
	Step    int           `json:"step"`
	Updates int           `json:"updates"`
	Loss    float64       `json:"loss"`
	Correct int           `json:"correct"`
	History train.History `json:"history"`
}

// Write writes a checkpoint of net. Words are what the caller adds to its metadata,
// by key; weights.Words reads them.
func Write(w io.Writer, net *graph.Network, state train.State, s Settings, words map[string]string) error {
	p := position{state.Epoch, state.Step, state.Updates, state.Score.Loss, state.Score.Correct, state.History}
	meta := map[string]string{weights.FormatKey: weights.Checkpoint}
	maps.Copy(meta, words)
	for key, v := range map[string]any{settingsKey: s, positionKey: p} {
		text, err := json.Marshal(v)
		if err != nil {
			return errors.Wrap(err, key)
		}
		meta[key] = string(text)
	}
	file := weights.File{Meta: meta, Vectors: map[string][]float32{"": state.Weights, weights.AdamM: state.M, weights.AdamV: state.V}}
	return file.Write(w, net)
}

// Read reads a checkpoint of net, and the settings that it was made with. One that
// is damaged, or not written as Write does, is an error. Whether a training can be
// in that state, Settings.Check says.
func Read(r io.Reader, net *graph.Network) (state train.State, was Settings, err error) {
	file, err := weights.Read(r, net, "", weights.AdamM, weights.AdamV)
	if err != nil {
		return state, was, err
	}
	if got := file.Meta[weights.FormatKey]; got != weights.Checkpoint {
		return state, was, errors.Errorf("got format %q, want %q", got, weights.Checkpoint)
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
		Weights: file.Vectors[""], M: file.Vectors[weights.AdamM], V: file.Vectors[weights.AdamV],
	}, was, nil
}
