package train

import (
	"cmp"
	"math"
	"time"

	"github.com/pkg/errors"

	"tapenet/graph"
)

// maxLanes is the most lanes of a batch, and maxTeam how many workers can share one.
const (
	maxLanes = 8
	maxTeam  = 4
)

// MaxWorkers is how many workers can share a step of any batch.
const MaxWorkers = maxLanes * maxTeam

// UsefulWorkers returns how many workers can share a step of c.Batch images, whatever
// c.Workers: of more the others do nothing. It is 1 to MaxWorkers: one for each of the 1,
// 2, 4 or 8 lanes of a batch, and four times as many with the lowering Fused, whose
// workers share lanes.
func (c Config) UsefulWorkers() int {
	n := lanesOf(cmp.Or(c.Batch, defaultBatch)).count
	if c.Lowering == graph.Gorgonia {
		return n
	}
	return n * maxTeam
}

// maxImages is the largest micro-batch of a step. From about 50 images on, more
// gain no speed.
const maxImages = 64

// lanes are how a batch is shared out: micro-batch k has the images [k*images,
// (k+1)*images) and belongs to lane k%count. They depend on the size of the batch
// alone. Their number is a power of two.
type lanes struct{ count, images int }

func lanesOf(batch int) lanes {
	n := 1
	for n < maxLanes && batch > n*maxImages {
		n *= 2
	}
	if n == 1 && batch >= 16 {
		n = 2 // from about here a small batch is worth two workers
	}
	runs := ceil(batch, n*maxImages)
	return lanes{n, ceil(batch, n*runs)}
}

// parts is into how many parts each op of a lane is cut; 0 if workers take whole lanes.
// Parts are more than the workers that share them, because these come when they have
// done something else. Lanes that leave no worker without one are not cut.
func (l lanes) parts(workers int) int {
	if l.count%workers == 0 {
		return 0
	}
	return 2 * max(2, ceil(workers, l.count))
}

// ceil is a/b rounded up, for any a that is not negative.
func ceil(a, b int) int {
	n := a / b
	if a%b > 0 {
		n++
	}
	return n
}

// adam is Keras's Adam (Kingma and Ba 2014; keras/src/optimizers/adam.py), in
// float32 throughout as Keras computes it. Unlike PyTorch's and Gorgonia's, its
// epsilon is outside the bias correction:
//
//	m += (g-m)·(1-β1)   v += (g²-v)·(1-β2)   w -= α·m / (√v+ε)
//	α = η·√(1-β2ᵗ) / (1-β1ᵗ)
type adam struct {
	rate  float32   // η
	steps int       // t, the steps done
	m, v  []float32 // running means of the gradient and its square
}

// step returns the arithmetic of the next step, for gradients that are sums over
// batch images.
func (a *adam) step(batch int) graph.AdamStep {
	const beta1, beta2, epsilon = 0.9, 0.999, 1e-7
	power := func(beta float32) float32 { return float32(math.Pow(float64(beta), float64(a.steps+1))) }
	alpha := a.rate * float32(math.Sqrt(float64(1-power(beta2)))) / (1 - power(beta1))
	return graph.AdamStep{Alpha: float64(alpha), Beta1: beta1, Beta2: beta2, Epsilon: epsilon, Scale: 1 / float64(batch)}
}

// step learns from the images that order names, at most c.Batch, and adds the
// score that they had before it to the epoch's.
func (t *Trainer) step(p *pool, d Data, order []int32) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	defer t.addTimes(time.Now())
	runs := ceil(len(order), t.lanes.images)
	scores := make([]graph.Score, runs)
	err := p.run(t.lanes.count, func(worker, lane int) (err error) {
		if lane >= runs { // a small last batch
			clear(t.grads[lane])
		}
		at, m := t.machineOf(worker, lane)
		for k := lane; k < runs; k += t.lanes.count {
			images := order[k*m.N : min((k+1)*m.N, len(order))]
			t.gather(p, at, d, images)
			m.Mask = graph.Mask{Seed: t.c.Seed, Step: uint64(t.adam.steps), Image: k * m.N}
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
	part := ceil(len(t.weights), t.workers*graph.LineFloats) * graph.LineFloats
	adam := t.adam.step(len(order))
	err = p.run(t.workers, func(_, i int) error {
		lo, hi := min(i*part, len(t.weights)), min((i+1)*part, len(t.weights))
		t.timed(TimeAdam, func() { adam.Step(lo, hi, t.weights, t.adam.m, t.adam.v, t.grads) })
		return nil
	})
	t.batch = len(order)
	t.adam.steps++
	t.at.step++
	t.at.score = t.at.score.Add(score)
	t.changed()
	return err
}

// sum adds scores in their order, so that its bits do not depend on who computed
// them.
func sum(scores []graph.Score) (s graph.Score) {
	for _, r := range scores {
		s = s.Add(r)
	}
	return s
}

// machineOf returns the machine that computes a lane, and its number: that of the worker,
// or of the lane if there are more workers than lanes.
func (t *Trainer) machineOf(worker, lane int) (int, *graph.Machine) {
	at := worker
	if len(t.train) < t.workers {
		at = lane
	}
	return at, t.train[at]
}

// gather sets the inputs of machine i to images of d, in parts if workers share lanes.
func (t *Trainer) gather(p *pool, i int, d Data, images []int32) {
	m, parts := t.train[i], max(1, t.parts)
	do := func(part int) {
		t.timed(TimeImages, func() {
			d.gather(m, part*m.N/parts, (part+1)*m.N/parts, len(images), func(i int) int { return int(images[i]) })
		})
	}
	if parts == 1 {
		do(0)
		return
	}
	p.share(i, parts, do)
}

// timed calls f and adds the time it takes to a part of c.Times, if that is not nil.
func (t *Trainer) timed(part string, f func()) {
	if t.c.Times == nil {
		f()
		return
	}
	start := time.Now()
	f()
	took := time.Since(start)
	t.timing.Lock()
	t.c.Times[part] += took
	t.timing.Unlock()
}

// addTimes adds what the machines took for the step begun at start to c.Times.
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
