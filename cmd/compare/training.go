package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/command"
	"tapenet/graph"
	"tapenet/models"
	"tapenet/train"
)

// task is a run that is to be done.
type task struct {
	result.Config
	seed uint64
}

func (t task) String() string { return fmt.Sprintf("%v, seed %d", t.Config, t.seed) }

// tasks returns the runs that the command line asks for and that are not there
// yet, seed by seed: an early end then leaves runs of all configurations.
func (c *comparison) tasks() []task {
	var tasks []task
	configs := c.settings.Configs()
	for _, seed := range c.allSeeds() {
		for _, k := range c.only {
			if !slices.ContainsFunc(c.runs, func(r result.Run) bool { return r.Config == k && r.Seed == seed }) {
				tasks = append(tasks, task{configs[k-1], seed})
			}
		}
	}
	return tasks
}

// trainMissing does all tasks and keeps each as soon as it is done.
func (c *comparison) trainMissing(ctx context.Context) error {
	tasks := c.tasks()
	p := newProgress(c.stderr, tasks, c.settings.Train)
	for i, t := range tasks {
		r, err := c.train(ctx, t, p)
		p.clear()
		if errors.Is(err, context.Canceled) {
			return command.Interruptedf("interrupted in %v; %d of %d runs are kept in %s; the same command goes on", t, i, len(tasks), c.file(resultsName))
		}
		if err == nil {
			err = r.Check(c.settings, c.test.Labels) // a file with a run that Read refuses would be lost
		}
		if err != nil {
			return errors.WithMessage(err, t.String())
		}
		if c.runs, err = result.Merge(c.runs, []result.Run{r}); err != nil {
			return err
		}
		if err := c.saveResults(ctx); err != nil {
			return err
		}
		p.end(r)
	}
	return nil
}

// train does one task. Its result has the bits of the network's own command with
// the same seed and batch.
func (c *comparison) train(ctx context.Context, t task, p *progress) (r result.Run, err error) {
	net, err := c.settings.Build(t.Config)
	if err != nil {
		return r, err
	}
	r = result.Run{Config: t.K, Seed: t.seed, Machine: c.machine()}
	trainer, err := train.New(net, models.Init(net, t.seed), train.Config{
		Lowering: graph.Fused, Batch: t.Batch, Epochs: t.Epochs, Seed: t.seed, Workers: c.workers,
		OnStep: p.step,
		OnEpoch: func(e train.Epoch) error {
			r.Epochs = append(r.Epochs, result.Epoch{Seconds: e.Time.Seconds(), Train: metrics(e.Train), Val: metrics(*e.Val)})
			return nil
		},
	})
	if err != nil {
		return r, err
	}
	if _, err := trainer.Fit(ctx, c.training, c.test); err != nil {
		return r, err
	}
	m, err := trainer.Evaluate(c.test)
	if err != nil {
		return r, errors.WithMessage(err, "test data")
	}
	r.Test = metrics(m)
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

// filters returns the kernels of the first convolution.
func filters(net *graph.Network, weights []float32) result.Filters {
	p := net.Params[0] // (F, C, K, K)
	f := result.Filters{Side: p.Shape[3]}
	f.Kernels = slices.Collect(slices.Chunk(p.Of(weights), p.Size/p.Shape[0]))
	return f
}

// machine describes the one that this command runs on.
func (c *comparison) machine() result.Machine {
	return result.Machine{Processor: processor(), Kernels: graph.Level(), Workers: min(c.workers, train.MaxWorkers)}
}

// processor returns the processor's model name on Linux, elsewhere the
// architecture.
func processor() string {
	cpuinfo, _ := os.ReadFile("/proc/cpuinfo") // none elsewhere
	return modelName(string(cpuinfo))
}

// modelName returns the first model name in a file like /proc/cpuinfo that is not
// empty, or the architecture if there is none.
func modelName(cpuinfo string) string {
	for line := range strings.Lines(cpuinfo) {
		key, name, _ := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); name != "" && strings.TrimSpace(key) == "model name" {
			return name
		}
	}
	return runtime.GOOS + "/" + runtime.GOARCH
}
