// Package report says what the runs of a sweep show: a table with the best first,
// a picture, and sentences that are computed from the runs.
package report

import (
	"cmp"
	"crypto/sha256"
	"slices"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/runs/training"
	"tapenet/cmd/internal/stats"
)

// Runs are what is kept of the runs of a sweep: of each some hundred bytes. The zero
// Runs has none.
type Runs struct {
	all   map[training.Settings]run
	first string // the path of the first
	of    training.Images
}

// run is what is kept of a training.Run.
type run struct {
	path     string
	digest   [sha256.Size]byte
	seed     uint64
	accuracy float64 // on the test images, 0 to 1
	loss     float64
	seconds  float64
	weights  string
	machine  training.Machine
	failed   string
}

// Add adds the run of a file. The same run twice counts once. It is an error if the
// two gave different results, or if runs are of other images than those before.
func (r *Runs) Add(path string, add training.Run) error {
	s := add.Settings
	if len(r.all) == 0 {
		r.all, r.first, r.of = map[training.Settings]run{}, path, s.Images
	}
	if of := s.Images; of.Data != r.of.Data || of.Test != r.of.Test || of.Classes != r.of.Classes {
		return errors.Errorf("%s and %s are of different data, and their accuracies do not compare: SHA-256 %s and %s", r.first, path, r.of.Data, of.Data)
	}
	digest := add.Digest()
	if other, there := r.all[s]; there {
		if other.digest == digest {
			return nil
		}
		why := "both with " + add.Machine.Kernels + " kernels"
		if other.machine.Kernels != add.Machine.Kernels {
			why = "the first with " + other.machine.Kernels + " kernels and the second with " + add.Machine.Kernels + ", which round differently"
		}
		return errors.Errorf("%s and %s are the same run with different results, %s: keep one of them", other.path, path, why)
	}
	kept := run{path: path, digest: digest, seed: s.Seed, seconds: add.Seconds(), weights: add.Weights, machine: add.Machine, failed: add.Failed}
	if add.Failed == "" {
		last := add.Epochs[len(add.Epochs)-1].Val
		kept.accuracy, kept.loss = float64(last.Correct)/float64(s.Test), last.Loss
	}
	r.all[s] = kept
	return nil
}

// Has reports whether there is a run of these settings.
func (r *Runs) Has(s training.Settings) bool { _, ok := r.all[s]; return ok }

// Len returns the number of runs.
func (r *Runs) Len() int { return len(r.all) }

// Config is a configuration with its runs. It has no seed.
type config struct {
	training.Settings
	runs       []run            // by seed
	accuracy   stats.Interval   // in per cent
	difference stats.Difference // from the best
	verdict    string           // of the difference, or best or failed
}

// accuracies returns those of the runs that did not fail, in per cent.
func (c config) accuracies() stats.Sample {
	return c.each(func(r run) float64 { return 100 * r.accuracy })
}

func (c config) each(number func(run) float64) (s stats.Sample) {
	for _, r := range c.runs {
		if r.failed == "" {
			s = append(s, number(r))
		}
	}
	return s
}

// failed is how many runs failed.
func (c config) failed() int { return len(c.runs) - len(c.accuracies()) }

// configs returns the configurations, the best first. One of which a run failed
// comes after all of which none did.
func (r *Runs) configs() []config {
	runs := map[training.Settings][]run{}
	for s, run := range r.all {
		s.Seed = 0
		runs[s] = append(runs[s], run)
	}
	var all []config
	for s, of := range runs {
		slices.SortFunc(of, func(a, b run) int { return cmp.Compare(a.seed, b.seed) })
		c := config{Settings: s, runs: of}
		c.accuracy = c.accuracies().Interval(s.Test)
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b config) int {
		return cmp.Or(cmp.Compare(a.failed(), b.failed()), cmp.Compare(b.accuracy.Mean, a.accuracy.Mean), order(a.Settings, b.Settings))
	})
	compare(all)
	return all
}

// order is any fixed order of configurations.
func order(a, b training.Settings) int {
	return cmp.Or(cmp.Compare(a.Network, b.Network), cmp.Compare(a.Batch, b.Batch), cmp.Compare(a.LR, b.LR),
		cmp.Compare(a.Epochs, b.Epochs), cmp.Compare(a.Ops, b.Ops), cmp.Compare(a.Train, b.Train))
}
