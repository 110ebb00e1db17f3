package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapenet/cmd/internal/runs"
	"tapenet/mnist/idx"
)

// TestBadInput: whatever is wrong gives one line on the standard error, its exit
// status and nothing on the standard output, and no file is touched.
func TestBadInput(t *testing.T) {
	data, work := smallData(t), t.TempDir()
	in := func(name ...string) string { return filepath.Join(append([]string{work}, name...)...) }
	must(t, "-data", data, "-epochs", "1", "-only", "1", "-o", in("good"))
	good := string(read(t, in("good", resultsName)))
	folder := func(name, text string) string {
		if err := os.MkdirAll(in(name), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, in(name, resultsName), []byte(text))
		return in(name)
	}
	twice := in("twice")
	folder("twice/good", good)
	change(t, folder("twice/other", good), func(f *file) { f.Runs[0].Test.Loss, f.Runs[0].Epochs[0].Val.Loss = 0.123, 0.123 })
	if err := os.MkdirAll(in("empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(in("isfolder", resultsName), 0o755); err != nil {
		t.Fatal(err)
	}
	broken := folder("broken", "{")
	edited := folder("edited", strings.Replace(good, `"seed": 1`, `"seed": 2`, 1))
	cut := folder("cut", good[:len(good)*2/3])
	killed, spoiled := in("killed"), in("spoiled") // before there was a results.json
	run := ""
	for name, text := range snapshot(t, in("good", runs.Folder)) {
		for _, dir := range []string{killed, spoiled} {
			if text != "" {
				run = filepath.Join(dir, runs.Folder, filepath.Base(name))
				if err := os.MkdirAll(filepath.Dir(run), 0o755); err != nil {
					t.Fatal(err)
				}
				write(t, run, []byte(text))
			}
		}
		text = text[:len(text)/2] + strings.Replace(text[len(text)/2:], "1", "2", 1)
		if text != "" {
			write(t, run, []byte(text))
		}
	}
	none := folder("none", good)
	change(t, none, func(f *file) { f.Runs = nil })
	tiny, wide := in("tiny"), in("wide")
	for dir, side := range map[string]int{tiny: 7, wide: 32} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, set := range []string{"train", "t10k"} {
			for name, a := range map[string]idx.Array{"-images": {Shape: []int{2, side, side}, Data: make([]uint8, 2*side*side)}, "-labels": {Shape: []int{2}, Data: []uint8{0, 2}}} {
				if err := a.WriteFile(filepath.Join(dir, set+name)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	before := snapshot(t, work)

	for _, test := range []struct {
		args   string
		status int
		want   string
	}{
		{"-bogus", 2, "flag provided but not defined: -bogus"},
		{"report", 2, `unexpected argument "report"`},
		{"-only 5", 2, `invalid value "5" for flag -only: want different numbers from 1 to 4, with commas between them`},
		{"-only 0", 2, `invalid value "0" for flag -only`},
		{"-only 1,1", 2, `invalid value "1,1" for flag -only`},
		{"-only 1,", 2, `invalid value "1," for flag -only`},
		{"-only=", 2, `invalid value "" for flag -only`},
		{"-seeds 0", 2, `invalid value "0" for flag -seeds: want a whole number, at least 1`},
		{"-seeds 1001", 2, "-seeds 1001: want at most 1000"},
		{"-seed -1", 2, `invalid value "-1" for flag -seed: want a whole number from 0 to 18446744073709551615`},
		{"-seed 18446744073709551615 -seeds 2", 2, "-seed 18446744073709551615: with -seeds 2, want at most 18446744073709551614"},
		{"-workers 0", 2, `invalid value "0" for flag -workers: want a whole number, at least 1`},
		{"-limit -1", 2, `invalid value "-1" for flag -limit: want a whole number, at least 0`},
		{"-limit 41", 2, "-limit 41: there are 40 training images: want a smaller number"},
		{"-epochs x", 2, `invalid value "x" for flag -epochs: want a whole number, at least 0`},
		{"-o=", 2, `invalid value "" for flag -o: want a name`},
		{"-merge=", 2, `invalid value "" for flag -merge: want a name`},
		{"-merge " + in("good") + " -only 1", 2, "-only: with -merge nothing is trained"},
		{"-data " + tiny, 1, "-data " + tiny + ": images of 1×7×7: TwoLayer: layer 4, Conv2d"},
		{"-data " + wide + " -epochs 1 -o " + in("good"), 1, "results of other settings: data with the SHA-256 "},
		{"-data " + in("nowhere"), 1, "-data: stat " + in("nowhere") + ": no such file or directory"},
		{"-o " + in("good", resultsName), 1, "not a directory"},
		{"-o " + in("good", resultsName, "x"), 1, "not a directory"},
		{"-o /proc/nowhere", 1, "-o /proc/nowhere: mkdir /proc/nowhere"},
		{"-o " + in("isfolder"), 1, "is a directory"},
		{"-o " + broken, 1, broken + "/results.json: not a file of results: unexpected end of JSON input"},
		{"-o " + cut, 1, cut + "/results.json: not a file of results: unexpected end of JSON input"},
		{"-epochs 1 -o " + edited, 1, edited + "/results.json: damaged: the sha256 of settings and runs is "},
		{"-epochs 1 -merge " + edited, 1, edited + "/results.json: damaged: "},
		{"-epochs 2 -o " + in("good"), 1, "results of other settings: -epochs 1, want 2"},
		{"-epochs 1 -limit 30 -o " + in("good"), 1, "results of other settings: -limit, images to train on: 40, want 30"},
		{"-merge " + in("nowhere"), 1, "-merge " + in("nowhere") + ": stat " + in("nowhere") + ": no such file or directory"},
		{"-merge " + in("good", resultsName), 1, "got a file, want a folder"},
		{"-merge " + in("empty"), 1, "-merge " + in("empty") + ": no run and no results.json in it or below"},
		{"-epochs 1 -merge " + none, 1, "no run is done yet"},
		{"-merge " + broken, 1, broken + "/results.json: not a file of results: unexpected end of JSON input"},
		{"-merge " + in("good"), 1, "results of other settings: -epochs 1, want 0"},
		{"-merge " + killed, 1, "-merge " + killed + ": the runs there, 1, are of other settings: want those of this command line, such as -data, -limit and -epochs"},
		{"-epochs 1 -o " + spoiled, 1, run + ": damaged or edited"},
		{"-epochs 1 -merge " + spoiled, 1, "-merge " + spoiled + ": " + run + ": damaged or edited"},
		{"-epochs 1 -merge " + twice, 1, twice + "/good/results.json and " + twice + "/other/results.json: configuration 1 with seed 1 is there twice, with different results"},
	} {
		args := strings.Fields(test.args)
		if !strings.Contains(test.args, "-data") {
			args = append(args, "-data", data)
		}
		if !strings.Contains(test.args, "-o") || strings.Contains(test.args, "-only") {
			args = append(args, "-o", in("new"))
		}
		stdout, stderr, status := compare(args...)
		line, rest, _ := strings.Cut(stderr, "\n")
		if status != test.status || !strings.HasPrefix(line, "compare: ") || !strings.Contains(line, test.want) || rest != "" || stdout != "" {
			t.Errorf("%s: got exit status %d, %q and %q on the standard output; want %d and one line with %q", test.args, status, stderr, stdout, test.status, test.want)
		}
	}
	if diff := cmp.Diff(before, snapshot(t, work)); diff != "" {
		t.Errorf("files before (-) and after (+):\n%s", diff)
	}
}

// snapshot reads all files below a folder.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files[path] = string(read(t, path))
		} else {
			files[path] = ""
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
