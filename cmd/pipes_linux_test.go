package cmd

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// waits reports whether a thread of a process waits until somebody opens the other
// end of a pipe.
func waits(process string) (yes, known bool) {
	tasks, _ := filepath.Glob("/proc/" + process + "/task/*/wchan") // the kernel function that a thread waits in
	for _, task := range tasks {
		name, err := os.ReadFile(task)
		known = known || err == nil && len(name) > 1
		yes = yes || string(name) == "wait_for_partner"
	}
	return yes, known
}

// TestSignalEndsWaitingForAPipe: the first signal ends a command whose output or
// input is a pipe without another end.
func TestSignalEndsWaitingForAPipe(t *testing.T) {
	if _, known := waits("self"); !known {
		t.Skip("this kernel does not say what threads wait for")
	}
	network := func(args ...string) []string {
		return append([]string{"twolayer", "-data", "DATA", "-epochs", "1"}, args...)
	}
	for _, test := range []struct {
		name, fifo string
		args       []string
	}{
		{"save", "OUT/p", network("-save", "OUT/p")},
		{"save-best", "OUT/p", network("-save-best", "OUT/p")},
		{"dot", "OUT/p", network("-dot", "OUT/p")},
		{"history", "OUT/p.csv", network("-history", "OUT/p.csv", "-checkpoint", "OUT/ck")},
		{"init", "OUT/p", network("-init", "OUT/p")},
		{"resume", "OUT/p", network("-resume", "-checkpoint", "OUT/p")},
		{"data", "DATA/t10k-labels-idx1-ubyte", network()},
		{"graph", "OUT/p.svg", []string{"graph", "-o", "OUT/p.svg"}},
		{"compare, data", "DATA/train-images-idx3-ubyte", []string{"compare", "-data", "DATA", "-o", "OUT/new"}},
		{"compare, results", "OUT/results.json", []string{"compare", "-data", "DATA", "-o", "OUT"}},
		{"compare, merge", "OUT/results.json", []string{"compare", "-data", "DATA", "-o", "OUT/new", "-merge", "OUT"}},
		{"compare, report", "OUT/report.md", []string{"compare", "-data", "DATA", "-o", "OUT", "-only", "2", "-epochs", "1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			names := strings.NewReplacer("DATA", smallData(t), "OUT", t.TempDir())
			path := names.Replace(test.fifo)
			os.Remove(path)
			if err := unix.Mkfifo(path, 0o600); err != nil {
				t.Fatal(err)
			}
			args := strings.Split(names.Replace(strings.Join(test.args, "\n")), "\n")
			p := start(t, args[0], args[1:]...)
			until(t, "the command waits", func() bool {
				select {
				case <-p.ended:
					t.Fatalf("ended with %d: %s", p.status(t), &p.stderr)
				default:
				}
				yes, _ := waits(strconv.Itoa(p.Process.Pid))
				return yes
			})
			if err := p.Process.Signal(unix.SIGTERM); err != nil {
				t.Fatal(err)
			}
			got, errs := p.status(t), strings.Split(strings.TrimSuffix(p.stderr.String(), "\n"), "\n")
			if last := errs[len(errs)-1]; got != 130 || !strings.HasPrefix(last, args[0]+": ") || !strings.Contains(last, "interrupted while ") {
				t.Errorf("got exit status %d and %q, want 130 and a line that says so", got, errs)
			}
		})
	}
}
