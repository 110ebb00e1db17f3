package live

import (
	"context"
	"math"

	"github.com/pkg/errors"

	"tapenet/cmd/serve/internal/answer"
	"tapenet/cmd/serve/internal/networks"
	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/mnist/scan/picture"
)

// model is a network with what looks at images through it. But for about, it belongs
// to who holds its turn.
type model struct {
	*networks.Network
	about *description
	turn  chan struct{} // full while a look is under way

	probe  *graph.Probe
	nodes  int // of the probe's graph
	fused  *graph.Machine
	packed []float32 // the weights of fused
	values []float32 // the weights of the probe, in the order of Params
	epoch  int       // whose weights these are; moved if a step has changed them
}

// moved stands for an epoch where the weights are those of none.
const moved = -1

// newModel opens a network: it builds both graphs, and looks at test images to learn
// how large the values of each layer are.
func newModel(n *networks.Network, test mnist.Set) (*model, error) {
	if len(n.In) != 3 {
		return nil, answer.Wrong("net", "got a network for rows of %d values, want one for images", n.In.Size())
	}
	m := &model{Network: n, turn: make(chan struct{}, 1), epoch: moved}
	epoch, err := epochOf(n, nil)
	if err != nil {
		return nil, err
	}
	if m.values, err = n.After(epoch); err != nil {
		return nil, err
	}
	if m.probe, err = n.Probe(m.values); err != nil {
		return nil, err
	}
	if m.packed, err = n.Pack(graph.Fused, m.values); err != nil {
		return nil, err
	}
	if m.fused, err = n.Compile(graph.Fused, 1, m.packed, graph.Forward); err != nil {
		return nil, err
	}
	m.epoch, m.nodes = epoch, len(m.probe.Nodes())
	m.about, err = m.describe(test)
	return m, err
}

// take waits for the model's turn, or until ctx ends.
func (m *model) take(ctx context.Context) error {
	return enter(ctx, m.turn)
}

// enter waits until places has room for one more, or until ctx ends.
func enter(ctx context.Context, places chan<- struct{}) error {
	select {
	case places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return errors.WithStack(ctx.Err())
	}
}

// leave ends the turn.
func (m *model) leave() { <-m.turn }

// at sets the weights to those after an epoch.
func (m *model) at(epoch int) error {
	if m.epoch == epoch {
		return nil
	}
	values, err := m.After(epoch)
	if err != nil {
		return err
	}
	if err := m.set(values); err != nil {
		return err
	}
	m.epoch = epoch
	return nil
}

// set sets the weights.
func (m *model) set(values []float32) error {
	m.epoch = moved
	if err := m.probe.SetWeights(values); err != nil {
		return err
	}
	return m.fuse(values)
}

// fuse gives the fused ops the weights that the probe has.
func (m *model) fuse(values []float32) error {
	packed, err := m.Pack(graph.Fused, values)
	if err != nil {
		return err
	}
	copy(m.packed, packed)
	m.fused.Changed()
	m.values = values
	return nil
}

// show puts an image (28, 28) into both graphs. An image of another size is the mean
// of the pixels below each of its own; all channels are alike.
func (m *model) show(pixels []uint8) {
	rows, cols := m.In[1], m.In[2]
	if rows != mnist.Rows || cols != mnist.Cols {
		pixels = picture.Resize(pixels, mnist.Cols, mnist.Rows, cols, rows)
	}
	for c := range m.In[0] {
		graph.ScaleBytes(m.probe.X[c*rows*cols:], pixels)
	}
	copy(m.fused.X, m.probe.X)
}

// results are those of the last layer in the last run.
func (m *model) results() []float32 { return m.probe.Result(m.Layers[len(m.Layers)-1].Name) }

// difference is the largest between a result of the fused ops and one of the probe,
// for the image that both have.
func (m *model) difference() (float32, error) {
	if _, err := m.fused.Run(nil, false); err != nil {
		return 0, err
	}
	fused, err := m.fused.Outputs()
	if err != nil {
		return 0, err
	}
	most := 0.0
	for i, p := range m.results() {
		most = max(most, math.Abs(float64(p)-float64(fused[i])))
	}
	return float32(most), nil
}

// learn moves the weights by steps of training on the image that is shown, as class:
// Adam's first steps, with the learning rate of the notebook, as train.Trainer takes
// them in batches of one image.
func (m *model) learn(ctx context.Context, class, steps int) error {
	const rate, beta1, beta2, epsilon = 0.001, 0.9, 0.999, 1e-7
	weights := append([]float32(nil), m.values...)
	n := len(weights)
	moment, square, gradient := make([]float32, n), make([]float32, n), make([]float32, n)
	for t := range steps {
		if err := ctx.Err(); err != nil {
			return errors.WithStack(err)
		}
		if err := m.probe.Run(nil); err != nil {
			return err
		}
		// The gradient of the loss by the logits.
		selector := append([]float32(nil), m.results()...)
		selector[class]--
		if err := m.probe.Run(selector); err != nil {
			return err
		}
		for _, p := range m.Params {
			copy(p.Of(gradient), m.probe.Gradient(p.Name))
		}
		power := func(beta float32) float32 { return float32(math.Pow(float64(beta), float64(t+1))) }
		alpha := float32(rate) * float32(math.Sqrt(float64(1-power(beta2)))) / (1 - power(beta1))
		adam := graph.AdamStep{Alpha: float64(alpha), Beta1: beta1, Beta2: beta2, Epsilon: epsilon, Scale: 1}
		adam.Step(0, n, weights, moment, square, [][]float32{gradient})
		m.epoch = moved
		if err := m.probe.SetWeights(weights); err != nil {
			return err
		}
	}
	return m.fuse(weights)
}
