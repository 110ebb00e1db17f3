package training

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/checkpoint"
	"tapenet/graph"
	"tapenet/models/weights"
	"tapenet/train"
)

// requestKey is the key of the word of a checkpoint that says how the training was
// started: its settings in JSON, which a request can be read from. All else in the
// file is as onelayer writes it.
const requestKey = "tapenet.serve"

// DefaultCheckpoint is the path of the checkpoint in the user's folder for caches.
// The error is that there is no such folder.
func DefaultCheckpoint() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", errors.WithStack(err)
	}
	return filepath.Join(dir, "tapenet", "serve.safetensors"), nil
}

// openCheckpoint makes this server the only user of the checkpoint, and takes up the
// training in it, if there is one.
func (t *Trainings) openCheckpoint() error {
	release, err := atomicfile.OwnFolder(filepath.Dir(t.c.Checkpoint), filepath.Base(t.c.Checkpoint), "server")
	if err != nil {
		return err
	}
	err = atomicfile.Check(t.c.Checkpoint)
	if err == nil {
		err = t.restore()
	}
	if err != nil {
		release()
		return err
	}
	t.release = release
	return nil
}

// restore takes up the training in the checkpoint, paused. No file is no error.
func (t *Trainings) restore() error {
	f, err := os.Open(t.c.Checkpoint)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return errors.WithStack(err)
	}
	defer f.Close()
	words, err := weights.Words(f)
	if err != nil {
		return err
	}
	if words[requestKey] == "" {
		return errors.New("it is not of a training of this command")
	}
	var q request
	if err := json.Unmarshal([]byte(words[requestKey]), &q); err != nil {
		return errors.Wrap(err, requestKey)
	}
	r, err := t.prepare(q)
	if err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return errors.WithStack(err)
	}
	state, was, err := checkpoint.Read(f, r.net)
	if err != nil {
		return err
	}
	now := r.checkpoint()
	if err := was.Differs(now); err != nil {
		return err
	}
	if err := was.Check(state, r.sets.Train, r.sets.Test); err != nil {
		return err
	}
	if was.Kernels != now.Kernels {
		t.c.Notice("the training in %s is from a processor with %s kernels; with %s it ends with other last digits", t.c.Checkpoint, was.Kernels, now.Kernels)
	}
	if err := r.goOn(state); err != nil {
		return err
	}
	return t.launch(r, func() {
		for _, e := range state.History {
			r.journal.add(epochEvent, endedOf(e))
		}
		r.journal.add(stateEvent, map[string]string{"state": paused})
	})
}

// goOn makes r, which has not begun, the training that came to state, paused.
func (r *run) goOn(state train.State) error {
	if err := r.trainer.Restore(state); err != nil {
		return err
	}
	r.id, r.restored, r.state, r.resume = 1, true, paused, make(chan struct{})
	images := min(state.Step*r.settings.Batch, r.sets.Train.Len())
	if images > 0 {
		r.last = train.Metrics{Loss: state.Score.Loss / float64(images), Correct: state.Score.Correct, Images: images}
	}
	if len(state.History) == 0 {
		return nil
	}
	accuracy := 0. // in an epoch, nobody has measured it
	if state.Step == 0 {
		accuracy = state.History[len(state.History)-1].Val.Accuracy()
		r.kept.add(len(state.History), state.Weights)
	}
	r.nets.Put(r.kept.network(r.settings.Title, r.net, state.Weights, accuracy))
	return nil
}

// checkpoint is what the training depends on, as onelayer says it.
func (r *run) checkpoint() checkpoint.Settings {
	return checkpoint.Settings{
		Network: r.settings.List, Data: r.sets.Digest(), Lowering: string(graph.DefaultLowering),
		Batch: r.settings.Batch, LR: r.settings.Rate, Seed: r.settings.Seed, Shuffle: true, Kernels: graph.Level(),
	}
}

// save writes the checkpoint of a training that Close has ended.
func (t *Trainings) save(r *run) error {
	state, err := r.trainer.State()
	if err == nil {
		err = atomicfile.Write(context.Background(), t.c.Checkpoint, func(w io.Writer) error {
			return checkpoint.Write(w, r.net, state, r.checkpoint(), map[string]string{requestKey: string(text(r.settings))})
		})
	}
	if err != nil {
		return errors.WithMessagef(err, "the training is lost: checkpoint %s", t.c.Checkpoint)
	}
	t.c.Notice("the training is kept in %s, and goes on after the next start", t.c.Checkpoint)
	return nil
}

// tidy removes the checkpoint that r came from, if r has ended: it would bring the
// training back.
func (t *Trainings) tidy(r *run) {
	if !r.restored || r.active() {
		return
	}
	if err := os.Remove(t.c.Checkpoint); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.c.Notice("checkpoint: %v", err)
	}
}
