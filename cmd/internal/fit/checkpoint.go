package fit

import (
	"io"
	"os"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/checkpoint"
	"tapenet/graph"
	"tapenet/train"
)

// settings returns what this run depends on.
func (j *job) settings() checkpoint.Settings {
	s := checkpoint.Settings{
		Network: j.net.Sequential().String(), Data: j.sets.Digest(),
		Lowering: string(j.lowering), Batch: j.batch, LR: j.lr, Seed: j.seed, Shuffle: j.shuffle, Kernels: graph.Level(), Validation: j.validation,
	}
	if j.precision != float32s { // earlier programs know nothing else, and can go on
		s.Precision = j.precision
	}
	return s
}

// writeCheckpoint replaces the checkpoint by a state.
func (j *job) writeCheckpoint(state train.State, s checkpoint.Settings) error {
	return atomicfile.Write(j.ctx, j.checkpoint, func(w io.Writer) error { return checkpoint.Write(w, j.net, state, s, nil) })
}

// loadCheckpoint reads the state from which this run, with settings now, goes on,
// and its learning rates.
func (j *job) loadCheckpoint(now checkpoint.Settings) (train.State, []checkpoint.Rate, error) {
	f, err := os.Open(j.checkpoint)
	if err != nil {
		return train.State{}, nil, errors.Wrap(err, "-resume")
	}
	defer f.Close()
	s, was, err := checkpoint.Read(f, j.net)
	if err == nil {
		err = was.Differs(now)
	}
	if err == nil {
		err = was.Check(s, j.training, j.val)
	}
	if done := s.Epoch - 1; err == nil && done > j.epochs {
		err = errors.Errorf("%d epochs are done, -epochs is %d", done, j.epochs)
	}
	if err == nil && was.Kernels != now.Kernels {
		j.notice("the checkpoint is from a processor with %s kernels; with %s the result has other last digits", was.Kernels, now.Kernels)
	}
	return s, was.Rates, errors.WithMessagef(err, "-checkpoint %s", j.checkpoint)
}
