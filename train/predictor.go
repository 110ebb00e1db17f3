package train

import (
	"sync"
	"sync/atomic"

	"github.com/pkg/errors"

	"tapenet/graph"
)

// Predictor applies a network with fixed weights to images. Any number of
// goroutines may use it: they share Config.Workers machines, and wait for one
// another no longer than a few images take.
//
// What an image gets does not depend on the images, calls and workers beside it,
// to the last bit.
type Predictor struct {
	net      *graph.Network
	lowering graph.Lowering

	mu      sync.RWMutex // held for reading by whoever runs the network, for writing by a Trainer that changes the weights
	weights []float32    // in the layout of lowering

	workers chan struct{}            // has a value for each worker at work
	idle    sync.Mutex               // held to look at free
	free    map[int][]*graph.Machine // by their number of images; compiled when first needed
}

// evalImages is the largest micro-batch when nothing is learned.
const evalImages = 100

// NewPredictor returns a Predictor for weights, one for each parameter of net in
// the order of net.Params (copied). Of c it uses Lowering and Workers. A network
// whose result for an image is not one row (M) is an error.
func NewPredictor(net *graph.Network, weights []float32, c Config) (*Predictor, error) {
	if err := c.withDefaults(); err != nil {
		return nil, err
	}
	if out := net.Out(); len(out) != 1 {
		return nil, errors.Errorf("the network gives %v for an image, want one row: end it with Flatten or Dense", out)
	}
	packed, err := net.Pack(c.Lowering, weights)
	return &Predictor{
		net: net, lowering: c.Lowering, weights: packed,
		workers: make(chan struct{}, c.Workers), free: map[int][]*graph.Machine{},
	}, errors.WithMessage(err, "weights")
}

// Predict returns the network's results (N, M) for N images, given as pixels
// (N, C, H, W): the probabilities of the M classes, or logits if the network does
// not end with SoftMax. The error is graph.ErrNaN if a value in the network is not
// a number.
func (p *Predictor) Predict(pixels []uint8) ([]float32, error) {
	size, classes := p.net.In.Size(), p.net.Out().Size()
	n := len(pixels) / size
	if n*size != len(pixels) {
		return nil, errors.Errorf("got %d pixels, want %d for each image", len(pixels), size)
	}
	if n == 0 {
		return nil, errors.New("no images")
	}
	images := 1
	for images < evalImages && 10*images <= n {
		images *= 10 // a run costs about as much as two images more
	}
	results := make([]float32, n*classes)
	err := p.run(Data{Pixels: pixels}, n, images, func(k int, m *graph.Machine, _ graph.Score) error {
		out, err := m.Outputs()
		copy(results[k*images*classes:], out)
		return err
	})
	return results, err
}

// Classes returns the most probable class of each of N images, given as pixels
// (N, C, H, W): of equal ones the first. Errors are those of Predict.
func (p *Predictor) Classes(pixels []uint8) ([]int, error) {
	results, err := p.Predict(pixels)
	if err != nil {
		return nil, err
	}
	m := p.net.Out().Size()
	classes := make([]int, len(results)/m)
	for i := range classes {
		classes[i] = graph.Argmax(results[i*m:][:m])
	}
	return classes, nil
}

// Evaluate measures the network, which must end with SoftMax, on data.
func (p *Predictor) Evaluate(data Data) (Metrics, error) {
	if last := p.net.Layers[len(p.net.Layers)-1]; last.Kind != graph.KindSoftMax {
		return Metrics{}, errors.Errorf("a loss needs SoftMax as the last layer, got %v", last.Layer)
	}
	if err := data.check(p.net); err != nil {
		return Metrics{}, err
	}
	scores := make([]graph.Score, ceil(data.Len(), evalImages))
	err := p.run(data, data.Len(), evalImages, func(k int, _ *graph.Machine, s graph.Score) error {
		scores[k] = s
		return nil
	})
	s := sum(scores)
	if err == nil && !s.Finite() {
		err = errors.Errorf("the loss is %v", s.Loss)
	}
	return metrics(s, data.Len()), err
}

// run runs the network on n images of d in micro-batches, shared among the
// workers that are free, and calls f with the number of each micro-batch, the
// machine that has its outputs, and its score; for several at once. The error is
// that of the first micro-batch that has one.
func (p *Predictor) run(d Data, n, images int, f func(k int, m *graph.Machine, s graph.Score) error) error {
	p.mu.RLock()
	defer p.mu.RUnlock()
	errs := make([]error, ceil(n, images))
	var next atomic.Int64
	work := func() {
		for k := int(next.Add(1)) - 1; k < len(errs); k = int(next.Add(1)) - 1 {
			errs[k] = p.with(images, func(m *graph.Machine) error {
				d.gather(m, min(images, n-k*images), func(i int) int { return k*images + i })
				s, err := m.Run(nil, false)
				if err != nil {
					return err
				}
				return f(k, m, s)
			})
		}
	}
	var others sync.WaitGroup
	for range min(len(errs), cap(p.workers)) - 1 {
		others.Go(work)
	}
	work()
	others.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// with calls f with a machine for so many images as soon as a worker is free.
// It takes the machine that was used last, which the caches still know.
func (p *Predictor) with(images int, f func(m *graph.Machine) error) error {
	p.workers <- struct{}{}
	defer func() { <-p.workers }()
	p.idle.Lock()
	var m *graph.Machine
	free := p.free[images]
	if last := len(free) - 1; last >= 0 {
		m, p.free[images] = free[last], free[:last]
	}
	p.idle.Unlock()
	if m == nil {
		var err error
		if m, err = p.net.Compile(p.lowering, images, p.weights, graph.Forward); err != nil {
			return err
		}
	}
	err := f(m)
	p.idle.Lock()
	p.free[images] = append(p.free[images], m)
	p.idle.Unlock()
	return err
}

// changed tells the machines that the weights are new. The caller holds p.mu for
// writing, so all machines are free.
func (p *Predictor) changed() {
	for _, machines := range p.free {
		for _, m := range machines {
			m.Changed()
		}
	}
}
