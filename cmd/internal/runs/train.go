package runs

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"runtime"
	"slices"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/data"
	"tapenet/cmd/internal/runs/training"
	"tapenet/graph"
	"tapenet/models"
	"tapenet/train"
)

// Build builds the network of a run for the images of sets.
func Build(sets data.Sets, s training.Settings) (*graph.Network, error) {
	m, _ := models.ByName(s.Network)
	net, err := m.Layers(sets.Classes).Build(sets.Shape...)
	return net, errors.WithMessagef(err, "images of %v: %s", sets.Shape, m.Title)
}

// train does the training of runs that are locked, the longest last, and keeps each
// when its last epoch has ended.
func (t *trainings) train(locks []lock, workers int) error {
	s := locks[len(locks)-1].Settings
	net, err := Build(t.Sets, s)
	if err != nil {
		return err
	}
	r := training.Run{Machine: t.machine(workers), Epochs: []training.Epoch{}}
	var trainer *train.Trainer
	var unkept error
	trainer, err = train.New(net, models.Init(net, s.Seed), train.Config{
		Lowering: s.Ops, Batch: s.Batch, Epochs: s.Epochs, LearningRate: s.LR, Seed: s.Seed, Workers: workers,
		OnStep: t.p.step(s),
		OnEpoch: func(e train.Epoch) error {
			r.Epochs = append(r.Epochs, training.EpochOf(e))
			if next := locks[0]; next.Epochs == e.Epoch {
				locks = locks[1:]
				unkept = t.look(trainer, net, next, r)
			}
			return unkept
		},
	})
	if err != nil {
		return err
	}
	_, err = trainer.Fit(t.ctx, t.Sets.Train, t.Sets.Test)
	if err == nil || unkept != nil || t.ctx.Err() != nil {
		return err
	}
	t.p.more(len(r.Epochs) - s.Epochs) // roughly: it failed in an epoch
	r.Failed = err.Error()
	for _, l := range locks {
		if err := t.keep(l, r); err != nil {
			return err
		}
	}
	return nil
}

// look keeps the run of a trainer whose last epoch has just ended.
func (t *trainings) look(trainer *train.Trainer, net *graph.Network, l lock, r training.Run) error {
	weights, err := trainer.Weights()
	if err != nil {
		return err
	}
	r.Weights = sum(weights)
	if t.Details {
		probs, err := trainer.Predict(t.Sets.Test.Pixels)
		if err != nil {
			return errors.WithMessage(err, "test data")
		}
		r.Details = &training.Details{Mistakes: mistakes(probs, t.Sets.Test.Labels), Filters: filters(net, weights)}
	}
	return t.keep(l, r)
}

// keep writes the file of a run.
func (t *trainings) keep(l lock, r training.Run) error {
	defer l.release()
	r.Settings = l.Settings
	if err := r.Check(); err != nil { // a file that Read refuses would be lost
		return err
	}
	if err := atomicfile.Write(t.ctx, Path(t.Dir, l.Settings), r.Write); err != nil {
		return err
	}
	t.p.end(r)
	return nil
}

// machine describes the one that trains here.
func (t *trainings) machine(workers int) training.Machine {
	return training.Machine{
		Processor: t.processor, Kernels: graph.Level(), Workers: workers, Jobs: t.Jobs,
		Cores: runtime.GOMAXPROCS(0), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(),
	}
}

// sum returns the SHA-256 of weights, as little-endian float32.
func sum(weights []float32) string {
	h := sha256.New()
	binary.Write(h, binary.LittleEndian, weights) // a hash takes all
	return hex.EncodeToString(h.Sum(nil))
}

// mistakes returns the images whose most probable class is not their label. probs
// are (N, classes), labels (N).
func mistakes(probs []float32, labels []uint8) []training.Mistake {
	classes := len(probs) / len(labels)
	wrong := []training.Mistake{}
	for i, label := range labels {
		p := probs[i*classes:][:classes]
		guess := graph.Argmax(p)
		if guess != int(label) {
			wrong = append(wrong, training.Mistake{Image: i, Truth: int(label), Guess: guess, PGuess: float64(p[guess]), PTruth: float64(p[label])})
		}
	}
	return wrong
}

// filters returns the kernels and biases of the first convolution.
func filters(net *graph.Network, weights []float32) training.Filters {
	p := net.Params[0] // (F, C, K, K)
	f := training.Filters{Side: p.Shape[3], Biases: slices.Clone(net.Params[1].Of(weights))}
	f.Kernels = slices.Collect(slices.Chunk(p.Of(weights), p.Size/p.Shape[0]))
	return f
}
