package train

import (
	"cmp"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pkg/errors"

	"tapenet/graph"
)

// Config says how a network is trained. The zero Config trains for one epoch,
// with Keras's defaults.
type Config struct {
	Batch        int     // images of a step; 0 means 32
	Epochs       int     // passes over the data of one Fit; 0 means 1
	LearningRate float64 // of Adam; 0 means 0.001
	Seed         uint64  // of the order of the images, and of what Dropout layers drop
	KeepOrder    bool    // train in the order of the data instead of a new random one each epoch

	// These two hold for a Predictor too.
	Lowering graph.Lowering // of the network; "" means graph.DefaultLowering
	Workers  int            // cores to use; 0 means GOMAXPROCS. A step uses no more than UsefulWorkers. No bit of a result depends on it

	// Called after each step and each epoch, if not nil. An error ends the
	// training.
	OnStep  func(Progress) error
	OnEpoch func(Epoch) error

	// Times, if not nil, is where each step adds the time that its parts took,
	// summed over the workers: TimeImages, TimeAdam, and each op under its name in
	// graph.Machine.Times. TimeStep is the whole step by the clock. Read it in a
	// hook or after Fit.
	Times map[string]time.Duration
}

// The entries of Config.Times that are not ops.
const (
	TimeImages = "gathering images"
	TimeAdam   = "Adam"
	TimeStep   = "step"
)

// defaultBatch is what a Batch of 0 means.
const defaultBatch = 32

// withDefaults replaces each 0 by its default, and returns an error if another
// value is out of range.
func (c *Config) withDefaults() error {
	c.Batch = cmp.Or(c.Batch, defaultBatch)
	if c.Epochs == 0 {
		c.Epochs = 1
	}
	if c.LearningRate == 0 {
		c.LearningRate = 0.001
	}
	if c.Workers == 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	switch {
	case c.Batch < 1:
		return errors.Errorf("batch: got %d, want at least 1", c.Batch)
	case c.Epochs < 1:
		return errors.Errorf("epochs: got %d, want at least 1", c.Epochs)
	case !(float32(c.LearningRate) > 0 && c.LearningRate <= math.MaxFloat32):
		return errors.Errorf("learning rate: got %v, want a finite float32 above 0", c.LearningRate)
	case c.Workers < 1:
		return errors.Errorf("workers: got %d, want at least 1", c.Workers)
	}
	c.Workers = min(c.Workers, max(MaxWorkers, runtime.GOMAXPROCS(0)))
	return nil
}

// Trainer is a network with its weights and its optimiser. It is a Predictor too,
// of the weights as they are now. Any number of goroutines may use it: while Fit is
// under way, their calls and those of its hooks come between two steps, and the next
// step waits for them.
type Trainer struct {
	*Predictor
	c     Config
	adam  adam
	lanes lanes
	grads [][]float32      // one a lane, in the layout of the weights
	train []*graph.Machine // one a worker, or one a lane if workers share lanes
	batch int              // images of the step that grads are of; 0 before the first

	workers int        // of a step
	parts   int        // of each op; 0 if workers do not share lanes
	timing  sync.Mutex // held to add to Config.Times

	fitting atomic.Bool // Fit is under way

	// Like weights and moments, these change only with mu held for writing.
	at       position
	restored bool // at is where the next Fit goes on
}

// New returns a Trainer that starts from weights, one for each parameter of net
// in the order of net.Params (copied), and an optimiser at rest. The network must
// end with SoftMax.
func New(net *graph.Network, weights []float32, c Config) (*Trainer, error) {
	if err := c.withDefaults(); err != nil {
		return nil, err
	}
	p, err := NewPredictor(net, weights, c)
	if err != nil {
		return nil, err
	}
	size := len(p.weights)
	t := &Trainer{
		Predictor: p, c: c, lanes: lanesOf(c.Batch), at: position{epoch: 1},
		adam:    adam{rate: float32(c.LearningRate), m: graph.Aligned(size), v: graph.Aligned(size)},
		workers: min(c.Workers, c.UsefulWorkers()),
	}
	t.parts = t.lanes.parts(t.workers)
	for range t.lanes.count {
		t.grads = append(t.grads, graph.Aligned(size))
	}
	for range min(t.workers, t.lanes.count) {
		m, err := net.Compile(c.Lowering, t.lanes.images, t.weights, graph.Training)
		if err != nil {
			return nil, err
		}
		m.TrustGradient = true // a NaN shows in the weights, and in the loss of the next step
		if c.Times != nil {
			m.Times = map[string]time.Duration{}
		}
		t.train = append(t.train, m)
	}
	return t, nil
}

// Weights returns the current parameters in the order of net.Params (a copy).
func (t *Trainer) Weights() ([]float32, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.net.Unpack(t.c.Lowering, t.weights)
}

// GradientNorm returns the Euclidean norm of the gradient that the last step learned
// from: that of the mean loss of its batch before the step, by all parameters. It is
// 0 before the first step of a Trainer or after Restore, and not finite if a
// gradient is not. Only the call costs time, about that of reading the gradients.
func (t *Trainer) GradientNorm() float64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.batch == 0 {
		return 0
	}
	squares := 0.
	for i := range t.weights {
		g := 0.
		for _, lane := range t.grads {
			g += float64(lane[i])
		}
		squares += g * g
	}
	return math.Sqrt(squares) / float64(t.batch)
}

// changed tells all machines that the weights are new. The caller holds t.mu for
// writing.
func (t *Trainer) changed() {
	for _, m := range t.train {
		m.Changed()
	}
	t.Predictor.changed()
}
