package cmd

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pkg/errors"

	"tapenet/graph"
)

// TestKillAndResume kills training commands at random moments, lets them go on
// with -resume, and compares what they end with, to the bit, with a run that
// was never stopped. TAPENET_KILLS says how often, TAPENET_SEED when: a failed
// test prints the seed that it had.
func TestKillAndResume(t *testing.T) {
	killAndResume(t, "Accuracy: ", "-epochs", "60")
}

// TestKillAndResumeStopsEarly: a training that is killed stops after the same
// epoch, and ends with the weights of the same one.
func TestKillAndResumeStopsEarly(t *testing.T) {
	killAndResume(t, "twolayer: -patience 12: stopped after epoch ",
		"-epochs", "1000", "-lr", "0.003", "-validation", "0.3", "-patience", "12", "-min-delta", "0.001", "-save-best-by", "loss")
}

// killAndResume kills trainings with some flags and compares their ends with that
// of a whole one, which prints a line that begins with says.
func killAndResume(t *testing.T, says string, flags ...string) {
	kills := int(numberFrom(t, "TAPENET_KILLS", 20))
	seed := numberFrom(t, "TAPENET_SEED", uint64(time.Now().UnixNano()))
	t.Logf("TAPENET_SEED=%d", seed)
	dir, data := t.TempDir(), smallData(t)
	file := func(name string) string { return filepath.Join(dir, name) }
	args := append([]string{"-data", data, "-batch", "3", "-verbose", "0"}, flags...)
	outputs := func(name string) []string {
		return []string{"-save", file(name + ".safetensors"), "-save-best", file(name + ".best"), "-history", file(name + ".csv")}
	}
	results := []string{".safetensors", ".best", ".csv"}
	want, notices, status := run(t, "twolayer", append(args[:len(args):len(args)], outputs("whole")...)...)
	if status != 0 || !strings.HasPrefix(notices+want, says) {
		t.Fatalf("got exit status %d, %q and %q, want %q", status, want, notices, says)
	}
	args = append(args, outputs("cut")...)

	hit := map[string]int{}
	rng := rand.New(rand.NewPCG(seed, 0))
	for killed := 0; killed < kills || hit["end"] == 0; {
		check := file("ck")
		before, _ := os.ReadFile(check)
		run := append([]string{"-checkpoint", check, "-resume=auto", "-checkpoint-every", "3ms", "-workers", fmt.Sprint(1 + rng.IntN(3))}, args...)
		c := exec.Command(filepath.Join(bin, "twolayer"), run...)
		var stdout, stderr bytes.Buffer
		c.Stdout, c.Stderr = &stdout, &stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		if killed < kills {
			time.Sleep(time.Duration(rng.IntN(int(80 * time.Millisecond))))
			c.Process.Kill()
		}
		var exit *exec.ExitError
		if err := c.Wait(); err != nil && (!errors.As(err, &exit) || exit.Exited()) {
			t.Fatalf("%q: %v: %s", run, err, stderr.String())
		}
		if c.ProcessState.Success() {
			hit["end"]++
			if stdout.String() != want {
				t.Errorf("got %q, want %q", stdout.String(), want)
			}
			if first, _, _ := strings.Cut(notices, "\n"); !strings.HasPrefix(stderr.String(), first) {
				t.Errorf("got %q, want %q", stderr.String(), first)
			}
			for _, result := range results {
				if !bytes.Equal(read(t, file("cut"+result)), read(t, file("whole"+result))) {
					t.Errorf("after %d kills: %s differs from that of a run that was never stopped", killed, result)
				}
				os.Remove(file("cut" + result))
			}
			os.Remove(check)
			continue
		}
		killed++
		after, _ := os.ReadFile(check)
		switch left, _ := filepath.Glob(file(".*.tmp-*")); {
		case len(left) > 0:
			hit["write"]++
		case bytes.Equal(before, after):
			hit["start"]++
		default:
			hit["step"]++
		}
	}
	t.Logf("%d kills: %d during start, %d during a step, %d during a write; %d trainings reached their end", kills, hit["start"], hit["step"], hit["write"], hit["end"])
	left, err := filepath.Glob(file(".*.tmp-*"))
	if err != nil || len(left) > 3 { // at most one for each output
		t.Errorf("temporary files pile up: %v", left)
	}
}

// numberFrom is the number that a variable of the environment has, or another
// if it is not set.
func numberFrom(t *testing.T, variable string, otherwise uint64) uint64 {
	t.Helper()
	s := os.Getenv(variable)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// TestInterruptAndResume: SIGTERM, like Ctrl-C and a closed terminal, leaves a
// checkpoint of the running step, and a run that goes on prints what the rest of
// the whole run prints.
func TestInterruptAndResume(t *testing.T) {
	for s, auto := range map[syscall.Signal]bool{syscall.SIGTERM: false, syscall.SIGHUP: true} {
		t.Run(s.String(), func(t *testing.T) {
			if signal.Ignored(s) {
				t.Skip("a command that is started from here ignores it too")
			}
			interruptAndResume(t, s, auto)
		})
	}
}

func interruptAndResume(t *testing.T, s syscall.Signal, auto bool) {
	dir, data := t.TempDir(), smallData(t)
	check, saved := filepath.Join(dir, "ck"), filepath.Join(dir, "w.safetensors")
	args := []string{"-data", data, "-batch", "3", "-checkpoint", check, "-save", saved}
	resume, hint := []string{"-resume"}, "add -resume"
	if auto {
		args, resume, hint = append(args, "-resume=auto"), nil, "run it again"
	}
	c := exec.Command(filepath.Join(bin, "twolayer"), append(slices.Clip(args), "-epochs", "1000000")...)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if _, err := os.Stat(check); err == nil {
			break
		}
	}
	if err := c.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
	c.Wait()
	m := regexp.MustCompile(`^twolayer: interrupted in epoch (\d+), after step \d+ of 14; to go on, (.*)\n$`).FindStringSubmatch(stderr.String())
	if got := c.ProcessState.ExitCode(); got != 130 || m == nil || m[2] != hint {
		t.Fatalf("got exit status %d and %q", got, stderr.String())
	}
	epoch, err := strconv.Atoi(m[1])
	if err != nil {
		t.Fatal(err)
	}
	epochs := strconv.Itoa(epoch + 2)
	if _, err := os.Stat(saved); err == nil {
		t.Error("an interrupted run wrote -save")
	}
	rest := must(t, "twolayer", append(append(args, resume...), "-epochs", epochs)...)
	whole := must(t, "twolayer", "-data", data, "-batch", "3", "-epochs", epochs)
	if !strings.HasSuffix(withoutTimes(whole), withoutTimes(rest)[strings.Index(rest, "\n")+1:]) || rest == whole {
		t.Errorf("the resumed run printed\n%s", rest)
	}
}

// withoutTimes is a run's output without seconds.
func withoutTimes(out string) string {
	var lines []string
	for _, line := range strings.Split(out, "\n") {
		if f := strings.Split(line, " - "); len(f) > 3 {
			line = strings.Join(append(f[:1:1], f[3:]...), " - ")
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// TestDiskFull: where no more than 50 KB can be written, each output is a clear
// error, the old file stays whole, and nothing is left beside it.
func TestDiskFull(t *testing.T) {
	data := smallData(t)
	for _, flag := range []string{"-checkpoint", "-save", "-save-best", "-export"} {
		dir := t.TempDir()
		path := filepath.Join(dir, "f.safetensors")
		args := []string{"-data", data, "-epochs", "1", "-verbose", "0", flag, path}
		must(t, "twolayer", args...)
		old := read(t, path)
		if flag == "-checkpoint" {
			args = append(args, "-resume", "-epochs", "2")
		}
		c := exec.Command("sh", append([]string{"-c", `ulimit -f 100; exec "$@"`, "sh", filepath.Join(bin, "twolayer")}, args...)...)
		var stdout, stderr bytes.Buffer
		c.Stdout, c.Stderr = &stdout, &stderr
		if c.Run() == nil {
			t.Skip("ulimit -f limits nothing here")
		}
		if got := c.ProcessState.ExitCode(); got != 1 || !strings.Contains(stderr.String(), flag+" "+path) || strings.Count(stderr.String(), "\n") != 1 {
			t.Errorf("%s: got exit status %d and %q", flag, got, &stderr)
		}
		// A failure in an epoch ends the training; one after the last epoch does
		// not hold back the result.
		if measured := strings.HasPrefix(stdout.String(), "Accuracy: "); measured != (flag == "-save" || flag == "-export") {
			t.Errorf("%s: got %q on the standard output", flag, &stdout)
		}
		if !bytes.Equal(read(t, path), old) {
			t.Errorf("%s: the old file was changed", flag)
		}
		if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
			t.Errorf("%s: left behind: %v %v", flag, files, err)
		}
	}
}

// TestCheckpointRefused: a training goes on only with the flags and data of its
// checkpoint.
func TestCheckpointRefused(t *testing.T) {
	dir, data := t.TempDir(), smallData(t)
	check := filepath.Join(dir, "ck")
	base := []string{"-data", data, "-batch", "10", "-epochs", "3", "-checkpoint", check}
	must(t, "twolayer", base...)
	good := read(t, check)
	if bytes.Contains(good, []byte("precision")) {
		t.Error("a checkpoint of float32 names its precision: earlier versions can't go on from it")
	}
	damaged := append([]byte{}, good...)
	damaged[len(damaged)-100] ^= 4
	weights := filepath.Join(dir, "w")
	must(t, "twolayer", "-data", data, "-epochs", "0", "-save", weights)
	tests := []struct {
		name, command string
		args          []string
		file          []byte
		want          string
	}{
		{"batch", "twolayer", []string{"-batch", "20"}, good, "-batch was 10, is 20 now"},
		{"rate", "twolayer", []string{"-lr", "0.01"}, good, "-lr was 0.001, is 0.01 now"},
		{"seed", "twolayer", []string{"-seed", "2"}, good, "-seed was 1, is 2 now"},
		{"order", "twolayer", []string{"-shuffle=false"}, good, "-shuffle was true, is false now"},
		{"ops", "twolayer", []string{"-ops", "gorgonia"}, good, "-ops was fused, is gorgonia now"},
		{"data", "twolayer", []string{"-limit", "39"}, good, "the data (SHA-256) was"},
		{"test images", "twolayer", []string{"-data", otherTest(t, data, "t10k-images-idx3-ubyte")}, good, "the data (SHA-256) was"},
		{"test labels", "twolayer", []string{"-data", otherTest(t, data, "t10k-labels-idx1-ubyte")}, good, "the data (SHA-256) was"},
		{"fewer epochs", "twolayer", []string{"-epochs", "2"}, good, "3 epochs are done, -epochs is 2"},
		{"network", "onelayer", nil, good, "got shape [100 200], want [100 2304]"},
		{"damaged", "twolayer", nil, damaged, "damaged: the checksum is"},
		{"cut", "twolayer", nil, good[:len(good)/2], "cut short: got "},
		{"empty", "twolayer", nil, []byte{}, "not a safetensors file"},
		{"weights alone", "twolayer", nil, read(t, weights), "no tensor adam."},
		{"missing", "twolayer", nil, nil, "no such file"},
	}
	if graph.BF16() {
		tests = append(tests, tests[0])
		last := &tests[len(tests)-1]
		last.name, last.args, last.want = "precision", []string{"-precision", "bf16"}, "-precision was float32, is bf16 now"
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			os.Remove(check)
			if test.file != nil {
				write(t, check, test.file)
			}
			stdout, stderr, status := run(t, test.command, append(append(base[:len(base):len(base)], "-resume"), test.args...)...)
			if status != 1 || stdout != "" || !strings.Contains(stderr, test.want) || strings.Count(stderr, "\n") != 1 {
				t.Errorf("got exit status %d, %q and %q, want %q", status, stdout, stderr, test.want)
			}
			if got, err := os.ReadFile(check); (err == nil) != (test.file != nil) || !bytes.Equal(got, test.file) {
				t.Error("the file was changed")
			}
		})
	}
}

// otherTest is a copy of the data with the last byte of one file changed: that
// of a pixel, or of a label from 9 to 8.
func otherTest(t *testing.T, data, name string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(data)); err != nil {
		t.Fatal(err)
	}
	file := read(t, filepath.Join(dir, name))
	file[len(file)-1] ^= 1
	write(t, filepath.Join(dir, name), file)
	return dir
}

// TestNaNKeepsTheCheckpoint: a training that diverges in its second step leaves
// the checkpoint of the first and writes no weights.
func TestNaNKeepsTheCheckpoint(t *testing.T) {
	dir, data := t.TempDir(), smallData(t)
	check, saved := filepath.Join(dir, "ck"), filepath.Join(dir, "w")
	write(t, saved, []byte("old"))
	args := []string{"-data", data, "-batch", "10", "-lr", "1e25", "-epochs", "9", "-verbose", "0", "-checkpoint", check, "-checkpoint-every", "1ns", "-save", saved}
	_, first, status := run(t, "twolayer", args...)
	if status != 1 || !strings.Contains(first, "epoch 1, step 2 of 4") {
		t.Errorf("got exit status %d and %q, want an error in the second step", status, first)
	}
	if string(read(t, saved)) != "old" {
		t.Error("-save was overwritten")
	}
	kept := read(t, check)
	// It can be read, and a training that goes on from it ends the same way.
	if _, again, _ := run(t, "twolayer", append(args, "-resume")...); again != first {
		t.Errorf("going on: got %q, want %q", again, first)
	}
	if !bytes.Equal(read(t, check), kept) {
		t.Error("the checkpoint was replaced by one that is no good")
	}
}

// TestDamagedFiles changes bytes of files of every format, one at a time: the
// command refuses the file or reads what was written.
func TestDamagedFiles(t *testing.T) {
	dir, data := t.TempDir(), smallData(t)
	check, saved := filepath.Join(dir, "ck"), filepath.Join(dir, "w")
	base := []string{"-data", data, "-batch", "20", "-verbose", "0"}
	want := must(t, "twolayer", append(base, "-epochs", "1", "-checkpoint", check, "-save", saved)...)
	changes := 40
	if os.Getenv("TAPENET_KILLS") != "" {
		changes = 2000
	}
	for path, args := range map[string][]string{
		check: {"-epochs", "1", "-checkpoint", check, "-resume"},
		saved: {"-epochs", "0", "-init", saved},
	} {
		good := read(t, path)
		rng := rand.New(rand.NewPCG(1, 1)) // the same for each file, whichever comes first
		header := 1000                     // where most of what can matter is
		refused := 0
		for i := range changes {
			bad := append([]byte{}, good...)
			at := rng.IntN(len(bad))
			if i%2 == 0 {
				at = rng.IntN(header)
			}
			bad[at] ^= byte(1 + rng.IntN(255))
			write(t, path, bad)
			stdout, stderr, status := run(t, "twolayer", append(base[:len(base):len(base)], args...)...)
			switch {
			case status == 1 && strings.Count(stderr, "\n") == 1 && stdout == "":
				refused++
			case status != 0 || stdout != want:
				t.Errorf("%s, byte %d: exit status %d, %q, %q", filepath.Base(path), at, status, stdout, stderr)
			}
		}
		t.Logf("%s: %d of %d changes refused", filepath.Base(path), refused, changes)
		write(t, path, good)
	}
}
