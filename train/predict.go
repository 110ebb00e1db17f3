package train

import (
	"github.com/pkg/errors"

	"tapenet/graph"
)

// Predict is the probabilities (N, M) that the network gives the classes of
// each image, in the order of data. Labels are not looked at and may be
// missing. The error is graph.ErrNaN if a value inside the network is not a
// number.
func (t *Trainer) Predict(data Data) ([]float32, error) {
	size, classes := t.net.In.Size(), t.net.Out().Size()
	n := len(data.Pixels) / size
	if n*size != len(data.Pixels) {
		return nil, errors.Errorf("got %d pixels, want %d for each image", len(data.Pixels), size)
	}
	data.Labels = make([]uint8, n) // a machine scores what it runs, for nobody here
	if err := data.check(t.net); err != nil {
		return nil, err
	}
	p := newPool(t.c.Workers)
	defer p.stop()
	t.mu.Lock()
	defer t.mu.Unlock()
	probs := make([]float32, n*classes)
	err := t.forward(p, data, func(k int, m *graph.Machine, _ graph.Score) error {
		out, err := m.Outputs()
		copy(probs[k*evalImages*classes:], out)
		return err
	})
	return probs, err
}
