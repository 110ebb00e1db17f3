package runs

import (
	"io/fs"
	"os"
	"slices"
	"sync"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/runs/training"
)

// task is a training that gives several runs, sorted by their epochs, in which alone
// they differ. A longer training begins with the bits of a shorter one, so that the
// shorter are stops on its way.
type task []training.Settings

// longest returns the run that the training ends with.
func (t task) longest() training.Settings { return t[len(t)-1] }

// epochs returns those of the training, 0 of an empty task.
func (t task) epochs() int {
	if len(t) == 0 {
		return 0
	}
	return t.longest().Epochs
}

// tasks returns the fewest tasks that give all runs, in the order of their first runs.
func tasks(all []training.Settings) []task {
	var tasks []task
	at := map[training.Settings]int{} // by the settings without epochs
	for _, s := range all {
		key := s
		key.Epochs = 0
		i, there := at[key]
		if !there {
			i, at[key] = len(tasks), len(tasks)
			tasks = append(tasks, nil)
		}
		tasks[i] = append(tasks[i], s)
	}
	for _, t := range tasks {
		slices.SortFunc(t, func(a, b training.Settings) int { return a.Epochs - b.Epochs })
	}
	return tasks
}

// lock is a run that no other process trains until it is released, which may be done
// twice.
type lock struct {
	training.Settings
	release func()
}

// do does a task, but for the rest, which another process is training.
func (t *trainings) do(all task, workers int) (rest task, err error) {
	locks, rest, err := t.take(all)
	for _, l := range locks {
		defer l.release()
	}
	if err != nil {
		return nil, err
	}
	epochs := 0
	if n := len(locks); n > 0 {
		epochs = locks[n-1].Epochs
	}
	t.p.more(epochs + rest.epochs() - all.epochs())
	if len(locks) == 0 {
		return rest, nil
	}
	return rest, t.train(locks, workers)
}

// take locks the runs of a task that are to be trained: neither those that are there
// by now nor the rest, which another process is training. If that trains the longest,
// the rest is the whole task: they may be stops on its way.
func (t *trainings) take(all task) (mine []lock, rest task, err error) {
	for i, s := range slices.Backward(all) {
		path := Path(t.Dir, s)
		release, err := atomicfile.Lock(path, "training")
		if errors.Is(err, atomicfile.ErrTaken) {
			if i == len(all)-1 {
				return nil, all, nil
			}
			rest = append(rest, s)
			continue
		}
		if err != nil {
			return mine, nil, err
		}
		if _, err = os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			mine = append(mine, lock{s, sync.OnceFunc(release)})
			continue
		}
		release()
		if err != nil {
			return mine, nil, errors.WithStack(err)
		}
		t.p.skip()
	}
	slices.Reverse(mine)
	slices.Reverse(rest)
	return mine, rest, nil
}
