package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/command"
	"tapenet/cmd/sweep/internal/result"
	"tapenet/mnist"
	"tapenet/models"
	"tapenet/train"
)

// set returns n images, each a bright square where its digit says.
func set(n int) (s mnist.Set) {
	for i := range n {
		image := make([]byte, mnist.Rows*mnist.Cols)
		for p := range 16 {
			image[(4+2*(i%10)+p/4)*mnist.Cols+5+p%4] = byte(200 + i)
		}
		s.Pixels, s.Labels = append(s.Pixels, image...), append(s.Labels, byte(i%10))
	}
	return s
}

// smallData is a folder of IDX files with 40 images to train on and 20 to test on.
func smallData(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := mnist.WriteDir(dir, set(40), set(20)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// execute is the command with these arguments.
func execute(ctx context.Context, args ...string) (stdout, stderr string, status int) {
	var out, errs bytes.Buffer
	err := run(ctx, args, &out, &errs)
	status = command.Status("sweep", &errs, err)
	return out.String(), errs.String(), status
}

// must is execute for a command line that has to succeed.
func must(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	stdout, stderr, status := execute(t.Context(), args...)
	if status != 0 {
		t.Fatalf("sweep %q: exit status %d, %s", args, status, stderr)
	}
	return stdout, stderr
}

// files are the runs in a folder: what they gave, without machine and times.
func files(t *testing.T, dir string) map[string]result.Run {
	t.Helper()
	all := map[string]result.Run{}
	paths, err := filepath.Glob(filepath.Join(dir, "runs", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		r, err := open(path, result.ReadRun)
		if err != nil {
			t.Fatal(err)
		}
		r.Machine = result.Machine{}
		for i := range r.Epochs {
			r.Epochs[i].Seconds = 0
		}
		all[filepath.Base(path)] = r
	}
	return all
}

// TestSameBits: a run has the bits of a training by package train, for any -jobs,
// -workers and -part; and no run is trained twice.
func TestSameBits(t *testing.T) {
	data, dir := smallData(t), t.TempDir()
	args := func(more ...string) []string {
		return append([]string{"-data", data, "-batch", "7,40", "-lr", "0.01", "-epochs", "2", "-seeds", "2", "-limit", "30"}, more...)
	}
	one := filepath.Join(dir, "one")
	must(t, args("-o", one, "-jobs", "1", "-workers", "1")...)
	want := files(t, one)
	if len(want) != 8 {
		t.Fatalf("got %d runs, want 8", len(want))
	}
	for name, r := range want {
		m, _ := models.ByName(r.Settings.Network)
		net, err := m.Layers(10).Build(1, 28, 28)
		if err != nil {
			t.Fatal(err)
		}
		s := r.Settings
		trainer, err := train.New(net, models.Init(net, s.Seed), train.Config{Batch: s.Batch, Epochs: 2, LearningRate: 0.01, Seed: s.Seed})
		if err != nil {
			t.Fatal(err)
		}
		training, test := set(30), set(20)
		history, err := trainer.Fit(t.Context(), train.Data(training), train.Data(test))
		if err != nil {
			t.Fatal(err)
		}
		weights, err := trainer.Weights()
		if err != nil {
			t.Fatal(err)
		}
		if last := history[1]; sum(weights) != r.Weights || last.Val.Loss != r.Epochs[1].Val.Loss || last.Train.Correct != r.Epochs[1].Train.Correct {
			t.Errorf("%s: got %+v, want %+v", name, r.Epochs[1], last)
		}
	}
	for _, how := range []string{"-jobs 3 -workers 1", "-jobs 2 -workers 5", "-workers 2"} {
		other := filepath.Join(dir, how)
		must(t, args(append(strings.Fields(how), "-o", other)...)...)
		if diff := cmp.Diff(want, files(t, other)); diff != "" {
			t.Errorf("%s: want (-) got (+):\n%s", how, diff)
		}
	}

	parts := filepath.Join(dir, "parts")
	for i := range 3 {
		stdout, _ := must(t, args("-o", parts, "-part", fmt.Sprintf("%d/3", i))...)
		if done := strings.Contains(stdout, "sweep.html"); done != (i == 2) {
			t.Errorf("part %d: table written: %v", i, done)
		}
	}
	if diff := cmp.Diff(want, files(t, parts)); diff != "" {
		t.Errorf("in parts: want (-) got (+):\n%s", diff)
	}
	before := infos(t, parts)
	if _, stderr := must(t, args("-o", parts, "-seeds", "3")...); strings.Count(stderr, "run ") != 4 || !strings.Contains(stderr, "run 4/4: ") {
		t.Errorf("one more seed: got %s", stderr)
	}
	for name, info := range before {
		if now, err := os.Stat(filepath.Join(parts, "runs", name)); err != nil || !os.SameFile(info, now) || now.ModTime() != info.ModTime() {
			t.Errorf("%s was written again", name)
		}
	}
}

func infos(t *testing.T, dir string) map[string]os.FileInfo {
	t.Helper()
	all := map[string]os.FileInfo{}
	entries, err := os.ReadDir(filepath.Join(dir, "runs"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if all[e.Name()], err = e.Info(); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestList: what is listed is what is trained, and -dry-run lists what is missing.
func TestList(t *testing.T) {
	data, dir := smallData(t), t.TempDir()
	args := []string{"-data", data, "-network", "twolayer", "-batch", "20,40", "-epochs", "1", "-seeds", "2", "-o", dir}
	list := func(more ...string) []string {
		t.Helper()
		stdout, _ := must(t, append(slices.Clone(args), more...)...)
		return strings.Fields(stdout)
	}
	all := list("-list")
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("-list wrote %v", entries)
	}
	if got := list("-dry-run"); !slices.Equal(got, all) || len(all) != 4 {
		t.Errorf("got %q, want 4: %q", got, all)
	}
	mine := list("-list", "-part", "1/2")
	must(t, append(args, "-part", "1/2")...)
	for _, name := range mine {
		if _, ok := files(t, dir)[name]; !ok {
			t.Errorf("%s is not there", name)
		}
	}
	if got := list("-dry-run"); len(got) != 2 || slices.Contains(got, mine[0]) {
		t.Errorf("got %q, want all of %q but %q", got, all, mine)
	}
	if got := list("-dry-run", "-part", "1/2"); len(got) != 0 {
		t.Errorf("got %q, want none", got)
	}
}

// TestMerge: the table of several folders is that of one; a missing run, a damaged
// one, one of another name and a conflict are errors that name them.
func TestMerge(t *testing.T) {
	data, dir := smallData(t), t.TempDir()
	in := func(names ...string) string { return filepath.Join(append([]string{dir}, names...)...) }
	args := []string{"-data", data, "-network", "twolayer", "-lr", "0.01,0.02", "-epochs", "1", "-seeds", "2"}
	must(t, append(args, "-o", in("one"))...)
	for i := range 2 {
		must(t, append(args, "-o", in("parts", fmt.Sprint(i)), "-part", fmt.Sprintf("%d/2", i))...)
	}
	must(t, "-merge", in("parts"), "-o", in("merged"))
	if diff := cmp.Diff(rows(t, in("one")), rows(t, in("merged"))); diff != "" {
		t.Errorf("one folder (-), merged (+):\n%s", diff)
	}
	must(t, "-merge", in("one"))

	name := slices.Sorted(func(yield func(string) bool) {
		for name := range files(t, in("parts", "0")) {
			if !yield(name) {
				return
			}
		}
	})[0]
	path := in("parts", "0", "runs", name)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	fails := func(what string, want ...string) {
		t.Helper()
		stdout, stderr, status := execute(t.Context(), "-merge", in("parts"), "-o", in("failed"))
		for _, w := range want {
			if status != 1 || stdout != "" || !strings.Contains(stderr, w) {
				t.Errorf("%s: got exit status %d, %q and %s, want %s", what, status, stdout, stderr, w)
			}
		}
		if _, err := os.Stat(in("failed")); err == nil {
			t.Errorf("%s: something was written", what)
		}
	}
	change := func(write string, data []byte) {
		t.Helper()
		if err := os.WriteFile(write, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	change(path, whole[:len(whole)/2])
	fails("damaged", path+": not a file of the format")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	fails("missing", "sweep: missing: "+name+"\n", "1 of 4 runs are missing; -partial leaves them out")
	stdout, _ := must(t, "-merge", in("parts"), "-o", in("partial"), "-partial")
	if !strings.Contains(stdout, "Not all is there: 1 training is missing.") {
		t.Errorf("got %s", stdout)
	}
	change(in("parts", "0", "runs", "other.json"), whole)
	fails("renamed", "other.json: got the run that is named "+name)
	if err := os.Rename(in("parts", "0", "runs", "other.json"), path); err != nil {
		t.Fatal(err)
	}
	other, err := open(path, result.ReadRun)
	if err != nil {
		t.Fatal(err)
	}
	other.Epochs[0].Val.Loss /= 2
	var b bytes.Buffer
	if err := other.Write(&b); err != nil {
		t.Fatal(err)
	}
	change(in("parts", "1", "runs", name), b.Bytes())
	fails("conflict", path+" and "+in("parts", "1", "runs", name)+" are the same run with different results")
}

// rows are the lines of sweep.jsonl without times.
func rows(t *testing.T, dir string) (all []map[string]any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "sweep.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(data) {
		var row map[string]any
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		delete(row, "seconds")
		for _, r := range row["runs"].([]any) {
			delete(r.(map[string]any), "seconds")
		}
		all = append(all, row)
	}
	return all
}

// TestFailure: a training that diverges is a result, and no reason to end the others,
// nor to train it again.
func TestFailure(t *testing.T) {
	data, dir := smallData(t), t.TempDir()
	args := []string{"-data", data, "-network", "twolayer", "-lr", "0.001,1e38", "-epochs", "2", "-o", dir}
	stdout, stderr := must(t, args...)
	if !strings.Contains(stderr, "failed in epoch 1, ") || !strings.Contains(stdout, "In 1 configuration a training could not go on") {
		t.Errorf("got %s and %s", stdout, stderr)
	}
	if _, stderr = must(t, args...); stderr != "" {
		t.Errorf("trained again: %s", stderr)
	}
}

// TestInterrupt: what is done is kept, and the same command goes on.
func TestInterrupt(t *testing.T) {
	data, dir := smallData(t), t.TempDir()
	args := []string{"-data", data, "-network", "twolayer", "-epochs", "3", "-seeds", "4", "-jobs", "1", "-o", dir}
	ctx, cancel := context.WithCancel(t.Context())
	var out bytes.Buffer
	err := run(ctx, args, &out, writer(func(text []byte) {
		if strings.HasPrefix(string(text), "run 2/") {
			cancel()
		}
	}))
	if status := command.Status("sweep", io.Discard, err); status != command.Interrupted || !strings.Contains(err.Error(), "interrupted; 2 of 4 runs are kept in ") {
		t.Errorf("got exit status %d, %v", status, err)
	}
	before := files(t, dir)
	_, stderr := must(t, args...)
	if len(before) != 2 || !strings.Contains(stderr, "run 2/2: ") || len(files(t, dir)) != 4 {
		t.Errorf("had %d runs, got %d and %s", len(before), len(files(t, dir)), stderr)
	}
}

type writer func([]byte)

func (w writer) Write(text []byte) (int, error) { w(text); return len(text), nil }

// TestLock: a run that another process has taken is not trained, but waited for; if
// that ends without it, the run is trained.
func TestLock(t *testing.T) {
	data, dir := smallData(t), t.TempDir()
	args := []string{"-data", data, "-network", "twolayer", "-epochs", "1", "-seeds", "3", "-jobs", "2", "-o", dir}
	list, _ := must(t, append(args, "-list")...)
	first := strings.Fields(list)[0]
	if err := os.MkdirAll(filepath.Join(dir, "runs"), 0o777); err != nil {
		t.Fatal(err)
	}
	release, err := atomicfile.Lock(filepath.Join(dir, "runs", first), "sweep")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := atomicfile.Lock(filepath.Join(dir, "runs", first), "sweep"); err == nil {
		t.Skip("this system has no locks")
	}
	others := make(chan bool, 1)
	go func() { // the others are trained while the first is taken
		defer release()
		for {
			entries, _ := filepath.Glob(filepath.Join(dir, "runs", "*.json"))
			_, err := os.Stat(filepath.Join(dir, "runs", first))
			if len(entries) == 2 || err == nil || t.Context().Err() != nil {
				others <- err != nil
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	must(t, args...)
	if !<-others {
		t.Error("the run was trained though it was taken")
	}
	if len(files(t, dir)) != 3 {
		t.Errorf("got %d runs, want 3", len(files(t, dir)))
	}
}

// TestTwoCommands: two commands on one folder share the runs, and train none twice.
func TestTwoCommands(t *testing.T) {
	data, dir := smallData(t), t.TempDir()
	args := []string{"-data", data, "-network", "twolayer", "-epochs", "1", "-seeds", "12", "-jobs", "2", "-o", dir}
	lines := make(chan int)
	for range 2 {
		go func() {
			_, stderr, status := execute(t.Context(), args...)
			if status != 0 {
				t.Errorf("exit status %d, %s", status, stderr)
			}
			lines <- strings.Count(stderr, "run ")
		}()
	}
	if n := <-lines + <-lines; n != 12 || len(files(t, dir)) != 12 {
		t.Errorf("%d trainings of 12 runs, %d files", n, len(files(t, dir)))
	}
}

// TestUsage: one thing is wrong in each row.
func TestUsage(t *testing.T) {
	dir := t.TempDir()
	for line, want := range map[string]struct {
		status int
		text   string
	}{
		"-part 4/4":                  {2, "want I/N, with I from 0 to N-1"},
		"-part 1":                    {2, "want I/N"},
		"-part -1/4":                 {2, "want I/N"},
		"-partial":                   {2, "-partial: needs -merge FOLDER"},
		"-list -dry-run":             {2, "-list: not with -dry-run"},
		"-merge x -lr 0.1":           {2, "-lr: with -merge, the files say what was trained"},
		"-merge " + dir:              {1, "no run is there"},
		"-merge " + dir + "/missing": {1, "got no folder"},
		"-grid " + dir + "/missing":  {1, "-grid: open "},
		"-limit 70000":               {2, "-limit 70000: there are 60000 training images"},
		"-lr 0.1:0.2":                {2, "-lr: a range needs -sample N"},
	} {
		stdout, stderr, status := execute(t.Context(), strings.Fields(line)...)
		if status != want.status || !strings.Contains(stderr, want.text) || stdout != "" || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: got exit status %d, %q and %q, want %d and %q", line, status, stdout, stderr, want.status, want.text)
		}
	}
}

// TestWorkers: as many cores as there are, for as many trainings as are left.
func TestWorkers(t *testing.T) {
	for _, test := range []struct {
		workers, jobs, runs int
		want                string // of each run, none of which ends
	}{
		{8, 8, 20, "1 1 1 1 1 1 1 1"}, {8, 2, 20, "4 4"}, {40, 1, 5, "32"}, {8, 8, 3, "2 2 2"}, {2, 4, 9, "1 1 1 1"}, {5, 2, 2, "2 2"},
	} {
		tr := &trainings{sweep: &sweep{options: options{workers: test.workers}}, jobs: test.jobs, todo: make([]result.Settings, test.runs)}
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
