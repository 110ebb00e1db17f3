package train

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pkg/errors"

	"tapenet/graph"
)

// Config says how a network is trained.
type Config struct {
	Lowering     graph.Lowering // of the network; "" means graph.DefaultLowering
	Batch        int            // images of a step; 0 means 32, as in Keras
	Epochs       int            // passes over the data
	LearningRate float64        // of Adam; 0 means 0.001, as in Keras
	Seed         uint64         // of the order of the images
	KeepOrder    bool           // train in the order of the data instead of a new random one each epoch
	Workers      int            // cores to use, no more than MaxWorkers; 0 means GOMAXPROCS. It changes no result

	// Called after each step and each epoch, if not nil. An error ends the
	// training.
	OnStep  func(Progress) error
	OnEpoch func(Epoch) error

	// Times, if not nil, is where each step adds the time that its parts took,
	// summed over the workers: TimeImages, TimeAdam, and the ops under their names
	// in graph.Machine's Times. TimeStep is the whole step by the clock. Read it in
	// a hook or after Fit.
	Times map[string]time.Duration
}

// The entries of Config.Times that are not ops.
const (
	TimeImages = "gathering images"
	TimeAdam   = "Adam"
	TimeStep   = "step"
)

func (c *Config) withDefaults() error {
	if c.Lowering == "" {
		c.Lowering = graph.DefaultLowering
	}
	if c.Batch == 0 {
		c.Batch = 32
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
	case c.Epochs < 0:
		return errors.Errorf("epochs: got %d, want at least 0", c.Epochs)
	case !(c.LearningRate > 0 && c.LearningRate <= math.MaxFloat32):
		return errors.Errorf("learning rate: got %v, want a number above 0", c.LearningRate)
	case c.Workers < 1:
		return errors.Errorf("workers: got %d, want at least 1", c.Workers)
	}
	c.Workers = min(c.Workers, MaxWorkers)
	return nil
}

// Trainer is a network with its weights, its optimiser and the machines that
// run it. Several goroutines may use it: they take turns, between the steps of
// a Fit that is under way, and so do calls from its hooks.
type Trainer struct {
	net     *graph.Network
	c       Config
	adam    Adam
	weights []float32 // in the layout of c.Lowering, like everything below
	grads   [][]float32
	lanes   lanes
	train   []*graph.Machine // one a worker
	eval    []*graph.Machine // one a worker

	fitting atomic.Bool // Fit is under way

	mu       sync.Mutex // held while the machines run, or any of this changes: weights, moments,
	at       position
	restored bool // at is where the next Fit goes on
}

// evalImages is the size of a micro-batch when nothing is learned.
const evalImages = 100

// New is a trainer that starts from weights, a vector of all parameters of net,
// and an optimiser at rest. The network must end with SoftMax.
func New(net *graph.Network, weights []float32, c Config) (*Trainer, error) {
	if err := c.withDefaults(); err != nil {
		return nil, err
	}
	t := &Trainer{net: net, c: c, lanes: cut(c.Batch)}
	var err error
	if t.weights, err = net.Pack(c.Lowering, weights); err != nil {
		return nil, errors.WithMessage(err, "weights")
	}
	size := len(t.weights)
	t.adam = Adam{LearningRate: float32(c.LearningRate), M: graph.Aligned(size), V: graph.Aligned(size)}
	for range t.lanes.lanes {
		t.grads = append(t.grads, graph.Aligned(size))
	}
	for range c.Workers {
		m, err := net.Compile(c.Lowering, t.lanes.images, t.weights, graph.Training)
		if err != nil {
			return nil, err
		}
		m.TrustGradient = true // a NaN shows in the weights, and in the loss of the next step
		if c.Times != nil {
			m.Times = map[string]time.Duration{} // of one worker, so that none waits for another
		}
		t.train = append(t.train, m)
	}
	for range c.Workers {
		m, err := net.Compile(c.Lowering, evalImages, t.weights, graph.Forward)
		if err != nil {
			return nil, err
		}
		t.eval = append(t.eval, m)
	}
	return t, nil
}

// Weights are the current parameters, in the order of net.Params (a copy).
func (t *Trainer) Weights() ([]float32, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.net.Unpack(t.c.Lowering, t.weights)
}

// step learns from the images that order names, at most c.Batch, and adds the
// score that they had before to the epoch's.
func (t *Trainer) step(p *pool, d Data, order []int32) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	start := time.Now()
	runs := ceil(len(order), t.lanes.images)
	scores := make([]graph.Score, runs)
	err := p.run(t.lanes.lanes, func(worker, lane int) error {
		if lane >= runs { // a small last batch
			clear(t.grads[lane])
		}
		m := t.train[worker]
		for k := lane; k < runs; k += t.lanes.lanes {
			from := k * t.lanes.images
			timed(m.Times, TimeImages, func() { d.gather(m, order[from:min(from+m.N, len(order))]) })
			var err error
			if scores[k], err = m.Run(t.grads[lane], k != lane); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	score := sum(scores)
	if !score.Finite() {
		return errors.Errorf("the loss is %v", score.Loss)
	}
	// Workers share the weights in whole cache lines.
	const line = 16
	parts := len(t.train)
	part := ceil(len(t.weights), parts*line) * line
	adam := t.adam.step(len(order))
	err = p.run(parts, func(worker, i int) error {
		lo, hi := min(i*part, len(t.weights)), min((i+1)*part, len(t.weights))
		timed(t.train[worker].Times, TimeAdam, func() { adam.Step(lo, hi, t.weights, t.adam.M, t.adam.V, t.grads) })
		return nil
	})
	t.adam.Steps++
	t.at.step++
	t.at.score = t.at.score.Add(score)
	t.changed()
	t.addTimes(start)
	return err
}

// timed calls f and adds the time it takes to a part of times, if that is not nil.
func timed(times map[string]time.Duration, part string, f func()) {
	if times == nil {
		f()
		return
	}
	start := time.Now()
	f()
	times[part] += time.Since(start)
}

// addTimes adds what the workers took for the step begun at start to c.Times.
func (t *Trainer) addTimes(start time.Time) {
	if t.c.Times == nil {
		return
	}
	for _, m := range t.train {
		for part, d := range m.Times {
			t.c.Times[part] += d
		}
		clear(m.Times)
	}
	t.c.Times[TimeStep] += time.Since(start)
}

// changed tells all machines that the weights are new.
func (t *Trainer) changed() {
	for _, m := range t.train {
		m.Changed()
	}
	for _, m := range t.eval {
		m.Changed()
	}
}

// score is the score of all of d, nothing learned.
func (t *Trainer) score(p *pool, d Data) (graph.Score, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	scores := make([]graph.Score, ceil(d.Len(), evalImages))
	err := t.forward(p, d, func(k int, _ *graph.Machine, s graph.Score) error {
		scores[k] = s
		return nil
	})
	return sum(scores), err
}

// forward runs all of d, evalImages at a time, and calls f with what micro-batch
// k gave and the machine that has its outputs; for several k at once.
func (t *Trainer) forward(p *pool, d Data, f func(k int, m *graph.Machine, s graph.Score) error) error {
	order := make([]int32, d.Len())
	for i := range order {
		order[i] = int32(i)
	}
	return p.run(ceil(len(order), evalImages), func(worker, k int) error {
		m := t.eval[worker]
		d.gather(m, order[k*evalImages:min((k+1)*evalImages, len(order))])
		s, err := m.Run(nil, false)
		if err != nil {
			return err
		}
		return f(k, m, s)
	})
}

// sum adds scores in their order, so that its bits do not depend on who
// computed them.
func sum(scores []graph.Score) (s graph.Score) {
	for _, r := range scores {
		s = s.Add(r)
	}
	return s
}
