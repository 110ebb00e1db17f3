package runs

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/runs/training"
	"tapenet/graph"
)

// TestTasks: what a longer training passes through is no training of its own, if all
// but the epochs is equal.
func TestTasks(t *testing.T) {
	a, b, other, seed := of("twolayer", 20, 10, 1), of("twolayer", 20, 25, 1), of("twolayer", 40, 5, 1), of("twolayer", 20, 1, 2)
	gorgonia, rate := of("twolayer", 20, 1, 1), of("twolayer", 20, 1, 1)
	gorgonia.Ops, rate.LR = "gorgonia", 0.02
	got := tasks([]training.Settings{b, other, a, seed, gorgonia, rate})
	if diff := cmp.Diff([]task{{a, b}, {other}, {seed}, {gorgonia}, {rate}}, got); diff != "" {
		t.Errorf("want (-) got (+):\n%s", diff)
	}
}

// TestStops: a run that is a stop of a longer training has all bits of the same
// training by itself, and is kept when the training passes it.
func TestStops(t *testing.T) {
	c := Config{Dir: t.TempDir(), Workers: 2, Details: true}
	all := []training.Settings{of("twolayer", 7, 3, 1), of("twolayer", 7, 1, 1), of("twolayer", 7, 2, 1), of("onelayer", 7, 1, 1)}
	want := map[string]training.Run{}
	for _, s := range all {
		dir := t.TempDir()
		fill(t, Config{Dir: dir, Workers: 1, Details: true}, s)
		want[s.Name()] = files(t, dir)[s.Name()]
	}
	c.Sets, c.Jobs = sets, 1
	var lines []string
	c.Stderr = writer(func(line []byte) {
		lines = append(lines, string(line))
		if entries, err := filepath.Glob(filepath.Join(c.Dir, Folder, "*.json")); err != nil || len(entries) != len(lines) {
			t.Errorf("%d files after %d runs, error %v", len(entries), len(lines), err)
		}
		if len(lines) == 2 { // who waits for the first need not wait for the longest
			release, err := atomicfile.Lock(Path(c.Dir, all[1]), "test")
			if err != nil {
				t.Errorf("the first stop is still locked: %v", err)
				return
			}
			release()
		}
	})
	if err := c.Train(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, files(t, c.Dir)); diff != "" {
		t.Errorf("alone (-), on the way (+):\n%s", diff)
	}
	for i, start := range []string{"run 1/4: twolayer, batch 7, lr 0.01, epochs 1, ", "run 2/4: twolayer, batch 7, lr 0.01, epochs 2, ", "run 3/4: twolayer, batch 7, lr 0.01, epochs 3, ", "run 4/4: onelayer"} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], start) {
			t.Fatalf("got %q, want line %d to start with %q", lines, i+1, start)
		}
	}
	shared := func(epochs int) float64 {
		r, err := Read(Path(c.Dir, of("twolayer", 7, epochs, 1)))
		if err != nil {
			t.Fatal(err)
		}
		return r.Epochs[0].Seconds
	}
	if shared(1) != shared(2) || shared(1) != shared(3) {
		t.Error("the first epoch was trained more than once")
	}

	// The longest is there, a stop is not.
	if err := os.Remove(Path(c.Dir, all[2])); err != nil {
		t.Fatal(err)
	}
	if lines := fill(t, c, all...); !strings.HasPrefix(lines, "run 1/1: twolayer, batch 7, lr 0.01, epochs 2") {
		t.Errorf("got %s", lines)
	}
	if diff := cmp.Diff(want, files(t, c.Dir)); diff != "" {
		t.Errorf("alone (-), after the others (+):\n%s", diff)
	}
}

// hold takes a run as another process does.
func hold(t *testing.T, dir string, s training.Settings) (release func()) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, Folder), 0o777); err != nil {
		t.Fatal(err)
	}
	release, err := atomicfile.Lock(Path(dir, s), "test")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := atomicfile.Lock(Path(dir, s), "test"); err == nil {
		t.Skip("this system has no locks")
	}
	return release
}

// TestTake: what another process trains is not trained; if that is the longest of a
// task, its stops are not either.
func TestTake(t *testing.T) {
	all := task{of("twolayer", 20, 1, 1), of("twolayer", 20, 2, 1), of("twolayer", 20, 3, 1)}
	for _, test := range []struct {
		there, taken []int // of all
		mine, rest   string
	}{
		{nil, nil, "1 2 3", ""}, {nil, []int{0}, "2 3", "1"}, {nil, []int{1}, "1 3", "2"}, {nil, []int{2}, "", "1 2 3"},
		{[]int{2}, nil, "1 2", ""}, {[]int{2}, []int{1}, "1", "2"}, {[]int{0, 1}, nil, "3", ""}, {[]int{0, 1, 2}, nil, "", ""}, {nil, []int{0, 1}, "3", "1 2"},
	} {
		tr := &trainings{Config: Config{Dir: t.TempDir()}, p: newProgress(&bytes.Buffer{}, nil, 1, 1)}
		for _, i := range test.taken {
			defer hold(t, tr.Dir, all[i])()
		}
		for _, i := range test.there {
			os.MkdirAll(filepath.Join(tr.Dir, Folder), 0o777)
			if err := os.WriteFile(Path(tr.Dir, all[i]), nil, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.MkdirAll(filepath.Join(tr.Dir, Folder), 0o777); err != nil {
			t.Fatal(err)
		}
		locks, rest, err := tr.take(all)
		var mine task
		for _, l := range locks {
			mine = append(mine, l.Settings)
			l.release()
		}
		words := func(t task) string {
			var all []string
			for _, s := range t {
				all = append(all, fmt.Sprint(s.Epochs))
			}
			return strings.Join(all, " ")
		}
		if err != nil || words(mine) != test.mine || words(rest) != test.rest || tr.p.done != len(test.there) {
			t.Errorf("%+v: got %q and %q, %d done, error %v", test, words(mine), words(rest), tr.p.done, err)
		}
	}
}

// TestLock: a run that another process has taken is not trained, but waited for; if
// that ends without it, the run is trained.
func TestLock(t *testing.T) {
	c := Config{Dir: t.TempDir(), Workers: 2, Jobs: 2}
	first := Path(c.Dir, seeds(1)[0])
	release := hold(t, c.Dir, seeds(1)[0])
	others := make(chan bool, 1)
	go func() { // the others are trained while the first is taken
		defer release()
		for {
			entries, _ := filepath.Glob(filepath.Join(c.Dir, Folder, "*.json"))
			_, err := os.Stat(first)
			if len(entries) == 2 || err == nil || t.Context().Err() != nil {
				others <- err != nil
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	fill(t, c, seeds(3)...)
	if !<-others {
		t.Error("the run was trained though it was taken")
	}
	if len(files(t, c.Dir)) != 3 {
		t.Errorf("got %d runs, want 3", len(files(t, c.Dir)))
	}
}

// TestWait: there is no waiting for runs that another process has taken while others
// are free.
func TestWait(t *testing.T) { synctest.Test(t, testWait) }

func testWait(t *testing.T) {
	dir, all, start := t.TempDir(), seeds(4), time.Now()
	for i := range all {
		all[i].LR = 1e38 // all fail at once: an epoch that takes no time would be refused
	}
	releases := []func(){hold(t, dir, all[0]), hold(t, dir, all[2])}
	var times []time.Duration // of the runs that are done, by a clock that only waiting moves
	c := Config{Dir: dir, Workers: 1, Sets: sets, Stderr: writer(func([]byte) {
		if times = append(times, time.Since(start)); len(times) == 2 {
			for _, release := range releases {
				release()
			}
		}
	})}
	if err := c.Train(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	if want := []time.Duration{0, 0, wait, wait}; !slices.Equal(times, want) {
		t.Errorf("got runs after %v, want %v", times, want)
	}
}

// TestTwo: two that fill one folder share the runs, and train none twice.
func TestTwo(t *testing.T) {
	dir := t.TempDir()
	var all []training.Settings
	for seed := range uint64(8) {
		all = append(all, of("twolayer", 20, 1, seed), of("twolayer", 20, 2, seed))
	}
	lines := make(chan int)
	for range 2 {
		go func() {
			n := 0
			c := Config{Dir: dir, Workers: 2, Sets: sets, Stderr: writer(func([]byte) { n++ })}
			if err := c.Train(t.Context(), all); err != nil {
				t.Error(err)
			}
			lines <- n
		}()
	}
	if n := <-lines + <-lines; n != 16 || len(files(t, dir)) != 16 {
		t.Errorf("%d trainings of 16 runs, %d files", n, len(files(t, dir)))
	}
}

// TestWorkers: as many cores as there are, for as many trainings as are left, and no
// more than a step can use.
func TestWorkers(t *testing.T) {
	for _, test := range []struct {
		workers, jobs, runs int
		step                training.Settings
		want                string // of each run, none of which ends
	}{
		{8, 8, 20, training.Settings{Batch: 200}, "1 1 1 1 1 1 1 1"},
		{8, 2, 20, training.Settings{Batch: 200}, "4 4"},
		{8, 8, 3, training.Settings{Batch: 200}, "2 2 2"},
		{2, 4, 9, training.Settings{Batch: 200}, "1 1 1 1"},
		{5, 2, 2, training.Settings{Batch: 200}, "2 2"},
		{40, 1, 5, training.Settings{Batch: 1024}, "32"},
		{40, 1, 5, training.Settings{Batch: 200}, "16"},
		{40, 1, 5, training.Settings{Batch: 200, Ops: graph.Gorgonia}, "4"},
	} {
		todo := slices.Repeat([]task{{test.step}}, test.runs)
		tr := &trainings{Config: Config{Workers: test.workers, Jobs: test.jobs}, todo: todo}
		var got []string
		for range min(test.jobs, test.runs) {
			_, workers, _ := tr.next()
			got = append(got, fmt.Sprint(workers))
		}
		if text := strings.Join(got, " "); text != test.want {
			t.Errorf("%+v: got %s", test, text)
		}
	}
}
