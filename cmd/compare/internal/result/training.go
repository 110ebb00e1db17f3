package result

import (
	"strings"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/runs/training"
	"tapenet/graph"
)

// learningRate is Adam's, as in the notebook.
const learningRate = 0.001

// Training returns the training that gives the run of a configuration, one of
// s.Configs, with a seed.
func (s Settings) Training(c Config, seed uint64) training.Settings {
	_, classes := s.Images()
	return training.Settings{
		Network: strings.ToLower(c.Network), Batch: c.Batch, LR: learningRate, Epochs: c.Epochs, Ops: graph.Fused, Seed: seed,
		Images: training.Images{Data: s.Data, Train: s.Train, Test: s.Test, Classes: classes},
	}
}

// Runs returns the runs that a training gave, one for each configuration of s whose
// training it is: none if it is another, two if configurations have the same epochs
// left. labels are those of the test images. It is an error if there is less of a run
// than a comparison needs, or what Check refuses.
func (s Settings) Runs(t training.Run, labels []uint8) ([]Run, error) {
	var runs []Run
	for _, c := range s.Configs() {
		if s.Training(c, t.Settings.Seed) != t.Settings {
			continue
		}
		switch {
		case t.Failed != "":
			return nil, errors.Errorf("the training failed in %s: without it there is no comparison", t.Failed)
		case t.Details == nil:
			return nil, errors.New("the run is without the mistakes and filters that the report shows: move the file away to train it again")
		}
		r := Run{Config: c.K, Seed: t.Settings.Seed, Machine: machineOf(t.Machine), Mistakes: t.Details.Mistakes, Filters: t.Details.Filters}
		for _, e := range t.Epochs {
			r.Epochs = append(r.Epochs, Epoch{e.Seconds, metricsOf(e.Train, s.Train), metricsOf(e.Val, s.Test)})
		}
		r.Test = r.Epochs[len(r.Epochs)-1].Val // both are of the same images
		if err := r.Check(s, labels); err != nil {
			return nil, err
		}
		runs = append(runs, r)
	}
	return runs, nil
}

// machineOf returns the machine of a training. One training at a time is not said.
func machineOf(m training.Machine) Machine {
	of := Machine{Processor: m.Processor, Kernels: m.Kernels, Workers: m.Workers, Cores: m.Cores, System: m.System, Go: m.Go}
	if m.Jobs > 1 {
		of.Jobs = m.Jobs
	}
	return of
}

func metricsOf(m training.Metrics, images int) Metrics {
	return Metrics{Accuracy: float64(m.Correct) / float64(images), Loss: m.Loss}
}
