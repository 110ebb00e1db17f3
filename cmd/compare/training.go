package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"github.com/pkg/errors"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/processor"
	"tapenet/graph"
	"tapenet/models"
	"tapenet/train"
)

// task is a training that is to be done. With the same seed a longer training of
// the same network and batch begins as a shorter one, so that the shorter is a stop
// on the way: both are trained once.
type task struct {
	result.Config
	stops []result.Config // in the order of their epochs
	seed  uint64
}

func (t task) String() string { return fmt.Sprintf("%v, seed %d", t.Config, t.seed) }

// runs is how many runs the task gives.
func (t task) runs() int { return len(t.stops) + 1 }

// tasks returns the trainings that give the runs that the command line asks for and
// that are not there yet, seed by seed: an early end then leaves runs of all
// configurations.
func (c *comparison) tasks() []task {
	var tasks []task
	for _, seed := range c.allSeeds() {
		configs := slices.DeleteFunc(c.settings.Configs(), func(config result.Config) bool {
			there := func(r result.Run) bool { return r.Config == config.K && r.Seed == seed }
			return !slices.Contains(c.only, config.K) || slices.ContainsFunc(c.runs, there)
		})
		for len(configs) > 0 {
			t := task{Config: configs[0], seed: seed}
			configs = configs[1:]
			for i := 0; i < len(configs); {
				if !t.Stop(configs[i]) {
					i++
					continue
				}
				t.stops, t.Config = append(t.stops, t.Config), configs[i]
				configs = slices.Delete(configs, i, i+1)
			}
			tasks = append(tasks, t)
		}
	}
	return tasks
}

// trainMissing does all tasks and keeps each run as soon as it is done.
func (c *comparison) trainMissing(ctx context.Context) error {
	tasks := c.tasks()
	p := newProgress(c.stderr, tasks, c.settings.Train)
	for _, t := range tasks {
		err := c.train(ctx, t, p)
		p.clear()
		if errors.Is(err, context.Canceled) {
			return command.Interruptedf("interrupted in %v; %d of %d runs are kept in %s; run it again to continue", t, p.run, p.runs, c.file(resultsName))
		}
		if err != nil {
			return errors.WithMessage(err, t.String())
		}
		p.end()
	}
	return nil
}

// keep adds a run to the file of results.
func (c *comparison) keep(ctx context.Context, r result.Run) error {
	if err := r.Check(c.settings, c.test.Labels); err != nil { // a file with a run that Read refuses would be lost
		return err
	}
	runs, err := result.Merge(c.runs, []result.Run{r})
	if err != nil {
		return err
	}
	c.runs = runs
	return c.saveResults(ctx)
}

// train does one task and keeps its runs. They have the bits of the network's own
// command with the same seed, batch and epochs.
func (c *comparison) train(ctx context.Context, t task, p *progress) error {
	net, err := c.settings.Build(t.Config)
	if err != nil {
		return err
	}
	var epochs []result.Epoch
	var trainer *train.Trainer
	trainer, err = train.New(net, models.Init(net, t.seed), train.Config{
		Lowering: graph.Fused, Batch: t.Batch, Epochs: t.Epochs, Seed: t.seed, Workers: c.workers,
		OnStep: p.step,
		OnEpoch: func(e train.Epoch) error {
			epochs = append(epochs, result.Epoch{Seconds: e.Time.Seconds(), Train: metrics(e.Train), Val: metrics(*e.Val)})
			for _, config := range append(slices.Clone(t.stops), t.Config) {
				if config.Epochs != e.Epoch {
					continue
				}
				r, err := c.done(trainer, net, t.seed, config, epochs)
				if err == nil {
					err = c.keep(ctx, r)
				}
				if err != nil {
					return err
				}
				p.done(config, r)
			}
			return nil
		},
	})
	if err != nil {
		return err
	}
	_, err = trainer.Fit(ctx, c.training, c.test)
	return err
}

// done returns the run of a configuration whose last epoch has just ended. The
// validation of that epoch is the test: both are of the same images.
func (c *comparison) done(trainer *train.Trainer, net *graph.Network, seed uint64, config result.Config, epochs []result.Epoch) (r result.Run, err error) {
	r = result.Run{Config: config.K, Seed: seed, Machine: c.machine(), Epochs: slices.Clone(epochs), Test: epochs[len(epochs)-1].Val}
	probs, err := trainer.Predict(c.test.Pixels)
	if err != nil {
		return r, errors.WithMessage(err, "test data")
	}
	r.Mistakes = mistakes(probs, c.test.Labels)
	weights, err := trainer.Weights()
	r.Filters = filters(net, weights)
	return r, err
}

func metrics(m train.Metrics) result.Metrics {
	return result.Metrics{Accuracy: m.Accuracy(), Loss: m.Loss}
}

// mistakes returns the images whose most probable class is not their label. probs
// are (N, classes), labels (N).
func mistakes(probs []float32, labels []uint8) []result.Mistake {
	classes := len(probs) / len(labels)
	wrong := []result.Mistake{}
	for i, label := range labels {
		p := probs[i*classes:][:classes]
		guess := graph.Argmax(p)
		if guess != int(label) {
			wrong = append(wrong, result.Mistake{Image: i, Truth: int(label), Guess: guess, PGuess: float64(p[guess]), PTruth: float64(p[label])})
		}
	}
	return wrong
}

// filters returns the kernels and biases of the first convolution.
func filters(net *graph.Network, weights []float32) result.Filters {
	p := net.Params[0] // (F, C, K, K)
	f := result.Filters{Side: p.Shape[3], Biases: slices.Clone(net.Params[1].Of(weights))}
	f.Kernels = slices.Collect(slices.Chunk(p.Of(weights), p.Size/p.Shape[0]))
	return f
}

// machine describes the one that this command runs on.
func (c *comparison) machine() result.Machine {
	return result.Machine{
		Processor: processor.Name(), Kernels: graph.Level(), Workers: min(c.workers, train.MaxWorkers),
		Cores: runtime.GOMAXPROCS(0), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(),
	}
}
