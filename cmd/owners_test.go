//go:build darwin || linux

package cmd

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"tapenet/cmd/internal/atomicfile"
)

// process is a command that runs.
type process struct {
	*exec.Cmd
	stdout, stderr bytes.Buffer
	ended          chan struct{}
}

func start(t *testing.T, name string, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(filepath.Join(bin, name), args...), ended: make(chan struct{})}
	p.Stdout, p.Stderr = &p.stdout, &p.stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.Wait(); close(p.ended) }()
	t.Cleanup(func() { p.Process.Kill(); <-p.ended })
	return p
}

// status is the exit status once the process has ended.
func (p *process) status(t *testing.T) int {
	t.Helper()
	select {
	case <-p.ended:
		return p.ProcessState.ExitCode()
	case <-time.After(2 * time.Minute):
		t.Fatalf("%q does not end", p.Args)
		return -1
	}
}

// until waits until a running command has made a condition true.
func until(t *testing.T, what string, met func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !met(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

func exists(path string) func() bool {
	return func() bool { _, err := os.Lstat(path); return err == nil }
}

// TestOneTrainingOwnsACheckpoint starts two at once, again and again: one trains,
// and the other says why it does not. One that was killed is not in the way.
// TAPENET_KILLS says how often.
func TestOneTrainingOwnsACheckpoint(t *testing.T) {
	rounds := 4
	if s := os.Getenv("TAPENET_KILLS"); s != "" {
		var err error
		if rounds, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	data, dir := smallData(t), t.TempDir()
	check, link := filepath.Join(dir, "ck"), filepath.Join(dir, "link")
	if err := os.Symlink("ck", link); err != nil {
		t.Fatal(err)
	}
	args := []string{"-data", data, "-batch", "4", "-epochs", "1000000", "-verbose", "0"}
	for round := range rounds {
		if round > 0 {
			args = append(args, "-resume")
		}
		before, _ := os.ReadFile(check)
		one := start(t, "twolayer", append(args, "-checkpoint", check)...)
		two := start(t, "twolayer", append(args, "-checkpoint", link)...)
		path := link
		select {
		case <-two.ended:
		case <-one.ended:
			one, two, path = two, one, check
		case <-time.After(2 * time.Minute):
			t.Fatalf("round %d: both train", round)
		}
		if got, want := two.stderr.String(), "twolayer: -checkpoint "+path+": another training is using it\n"; two.status(t) != 1 || got != want {
			t.Fatalf("round %d: got exit status %d and %q, want %q", round, two.status(t), got, want)
		}
		until(t, "the other one trains", func() bool {
			now, err := os.ReadFile(check)
			return err == nil && !bytes.Equal(now, before)
		})
		select {
		case <-one.ended:
			t.Fatalf("round %d: none trains: %s", round, &one.stderr)
		default:
		}
		if round%2 == 0 {
			one.Process.Kill()
			one.status(t)
			continue
		}
		one.Process.Signal(os.Interrupt)
		if got := one.status(t); got != 130 {
			t.Fatalf("round %d: got exit status %d and %q, want 130", round, got, &one.stderr)
		}
		if exists(filepath.Join(dir, ".ck.lock"))() {
			t.Errorf("round %d: the lock's file is left after a clean end", round)
		}
	}
}

// TestOneComparisonOwnsAFolder: of two at once, one is refused before it does
// anything, by whatever path, and no run is missing in the end.
func TestOneComparisonOwnsAFolder(t *testing.T) {
	data, dir := smallData(t), t.TempDir()
	report, link := filepath.Join(dir, "report"), filepath.Join(dir, "link")
	if err := os.Symlink("report", link); err != nil {
		t.Fatal(err)
	}
	results := filepath.Join(report, "results.json")
	args := func(more ...string) []string {
		return append([]string{"-data", data, "-epochs", "2", "-workers", "1"}, more...)
	}

	long := start(t, "compare", args("-only", "2", "-seeds", "1000", "-o", report)...)
	until(t, "a run is done", func() bool {
		done, err := filepath.Glob(filepath.Join(report, "runs", "*.json"))
		return err == nil && len(done) > 0
	})
	for _, path := range []string{report, link} {
		for _, more := range [][]string{{"-only", "1"}, {"-merge", report}} {
			stdout, stderr, status := run(t, "compare", args(append(more, "-o", path)...)...)
			if want := "compare: -o " + path + ": another compare is using it\n"; status != 1 || stderr != want || stdout != "" {
				t.Errorf("%q: got exit status %d and %q, want %q", more, status, stderr, want)
			}
		}
	}
	elsewhere := filepath.Join(dir, "elsewhere") // reading what is being written needs no lock
	if _, stderr, status := run(t, "compare", args("-merge", report, "-o", elsewhere)...); status != 0 {
		t.Errorf("-merge of a folder that is being written: exit status %d, %s", status, stderr)
	}
	long.Process.Kill()
	long.status(t)

	one := start(t, "compare", args("-only", "1", "-seeds", "4", "-o", report)...)
	two := start(t, "compare", args("-only", "3", "-seeds", "4", "-o", link)...)
	one.status(t)
	two.status(t)
	for _, p := range []*process{one, two} {
		if p.status(t) == 0 {
			continue
		}
		if !strings.Contains(p.stderr.String(), "another compare is using it") {
			t.Errorf("got exit status %d and %q", p.status(t), &p.stderr)
		}
		if _, stderr, status := run(t, "compare", p.Args[1:]...); status != 0 {
			t.Errorf("alone: got exit status %d and %q", status, stderr)
		}
	}
	var file struct{ Runs []struct{ Config int } }
	if err := json.Unmarshal(read(t, results), &file); err != nil {
		t.Fatal(err)
	}
	runs := map[int]int{}
	for _, r := range file.Runs {
		runs[r.Config]++
	}
	if runs[1] != 4 || runs[3] != 4 || runs[2] == 0 {
		t.Errorf("got runs by configuration %v, want 4 of 1 and 3, and some of 2", runs)
	}
}

// TestRefusedComparisonMakesNothing: no folder is left that was not there.
func TestRefusedComparisonMakesNothing(t *testing.T) {
	dir := t.TempDir()
	_, _, status := run(t, "compare", "-data", filepath.Join(dir, "missing"), "-o", filepath.Join(dir, "a", "b"))
	if left, err := os.ReadDir(dir); status != 1 || err != nil || len(left) > 0 {
		t.Errorf("got exit status %d, left over: %v %v", status, left, err)
	}
	results := filepath.Join(dir, "results.json")
	release, err := atomicfile.Lock(results, "test")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if _, _, status := run(t, "compare", "-data", smallData(t), "-o", dir); status != 1 || exists(results)() {
		t.Errorf("got exit status %d with a folder that has another owner", status)
	}
}
