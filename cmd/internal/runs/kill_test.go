package runs

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapenet/cmd/internal/runs/training"
)

// asFiller is set, to a folder, where the test binary is to fill that.
const asFiller = "RUNS_TEST_FILLS"

// many are runs that take about a second, half of them stops.
func many() (all []training.Settings) {
	for seed := range uint64(12) {
		all = append(all, of("twolayer", 8, 1, seed), of("twolayer", 8, 2, seed), of("twolayer", 30, 2, seed))
	}
	return all
}

func TestMain(m *testing.M) {
	if dir := os.Getenv(asFiller); dir != "" {
		c := Config{Dir: dir, Sets: sets, Workers: 2, Details: true, Stderr: os.Stderr}
		if c.Train(context.Background(), many()) != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestKill: a process that is killed at random moments loses no run that is done,
// leaves no half of a file, and ends with the results of one that was not.
func TestKill(t *testing.T) {
	whole, killed := t.TempDir(), t.TempDir()
	fill(t, Config{Dir: whole, Workers: 2, Details: true}, many()...)
	want := files(t, whole)
	done := 0
	for range 6 {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), asFiller+"="+killed)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.IntN(200)) * time.Millisecond)
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		c.Wait()
		now := files(t, killed)
		for name, r := range now {
			if diff := cmp.Diff(want[name], r); diff != "" {
				t.Fatalf("%s: want (-) got (+):\n%s", name, diff)
			}
		}
		if t.Logf("%d runs", len(now)); len(now) < done {
			t.Errorf("%d runs became %d", done, len(now))
		}
		done = len(now)
	}
	fill(t, Config{Dir: killed, Workers: 2, Details: true}, many()...)
	if diff := cmp.Diff(want, files(t, killed)); diff != "" || len(want) != len(many()) {
		t.Errorf("%d runs; want (-) got (+):\n%s", len(want), diff)
	}
	left, err := filepath.Glob(filepath.Join(killed, Folder, ".*.tmp-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("leftovers %v, error %v", left, err)
	}
}
