package train

import (
	"sync"

	"github.com/pkg/errors"

	"tapenet/graph"
)

// Predictor is a network with weights that names the classes of images. Any number
// of goroutines may use it. They share Config.Workers cores and take turns after at
// most 100 images, so that a call of one image does not wait for one of many.
//
// The result of an image is the same, to the last bit, whichever other images are
// in the call and whoever computes it.
type Predictor struct {
	net      *graph.Network
	lowering graph.Lowering

	mu      sync.RWMutex // held for reading while the network runs, for writing while a Trainer changes the weights
	weights []float32    // in the layout of lowering

	busy chan struct{}            // one value for each machine that runs, whoever called
	idle sync.Mutex               // held to use free
	free map[int][]*graph.Machine // by number of images; a machine is compiled when there is none
}

// evalImages is the largest micro-batch when nothing is learned.
const evalImages = 100

// NewPredictor returns a Predictor with weights, one for each parameter of net in
// the order of net.Params (copied). It uses Lowering and Workers of c. A network
// whose result for an image is not a row (M) is an error.
func NewPredictor(net *graph.Network, weights []float32, c Config) (*Predictor, error) {
	if err := c.withDefaults(); err != nil {
		return nil, err
	}
	if out := net.Out(); len(out) != 1 {
		return nil, errors.Errorf("the network gives %v for an image, want one row: end it with Flatten or Dense", out)
	}
	packed, err := net.Pack(c.Lowering, weights)
	if err != nil {
		return nil, errors.WithMessage(err, "weights")
	}
	return &Predictor{
		net: net, lowering: c.Lowering, weights: packed,
		busy: make(chan struct{}, c.Workers), free: map[int][]*graph.Machine{},
	}, nil
}

// Predict returns the probabilities (N, M) of the classes for N images, given as
// pixels (N, C, H, W) or (N, D) as in Data; logits, if the network does not end
// with SoftMax. No images, or a part of one, are an error. The error is
// graph.ErrNaN if a value in the network is not a number.
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
		images *= 10 // each run costs as much as about two images more
	}
	results := make([]float32, n*classes)
	if err := p.run(Data{Pixels: pixels}, n, images, func(k int, m *graph.Machine, _ graph.Score) error {
		out, err := m.Outputs()
		copy(results[k*images*classes:], out)
		return err
	}); err != nil {
		return nil, err
	}
	return results, nil
}

// Classes returns the most probable class (N) of each image, the first if several
// are. It takes what Predict takes, and has its errors.
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
	if err != nil {
		return Metrics{}, err
	}
	s := sum(scores)
	if !s.Finite() {
		return Metrics{}, errors.Errorf("the loss is %v", s.Loss)
	}
	return metrics(s, data.Len()), nil
}

// run runs the network on the n images of d, cut into micro-batches, several of
// them at once; a single one runs in the goroutine of the caller. After each it
// calls f with its number, the machine that has its outputs, and its score. It
// returns the error of the lowest number that has one.
func (p *Predictor) run(d Data, n, images int, f func(k int, m *graph.Machine, s graph.Score) error) error {
	p.mu.RLock()
	defer p.mu.RUnlock()
	jobs := ceil(n, images)
	workers := newPool(min(jobs, cap(p.busy)), 0)
	defer workers.stop()
	return workers.run(jobs, func(_, k int) error {
		return p.with(images, func(m *graph.Machine) error {
			d.gather(m, 0, images, min(images, n-k*images), func(i int) int { return k*images + i })
			s, err := m.Run(nil, false)
			if err != nil {
				return err
			}
			return f(k, m, s)
		})
	})
}

// with waits until one more machine may run, and calls f with one for that many
// images: the one used last, if it is free, for it is still in the caches.
func (p *Predictor) with(images int, f func(m *graph.Machine) error) error {
	p.busy <- struct{}{}
	defer func() { <-p.busy }()
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
