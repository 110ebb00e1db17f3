package fit

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"tapenet/cmd/internal/command"
	"tapenet/models"
	"tapenet/train"
)

// TestBarOnTerminal trains on a terminal of 80 columns and looks at what is
// drawn there.
func TestBarOnTerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	tty, drawn := terminal(t, 80)
	var stdout bytes.Buffer
	start := time.Now()
	trainTwoEpochs(t, &stdout, tty)
	elapsed := time.Since(start)
	out := drawn()

	if !regexp.MustCompile(`^Accuracy: 0\.\d+ \n Error: \d+\.\d+\n$`).Match(stdout.Bytes()) {
		t.Errorf("got %q on the standard output", stdout.String())
	}
	const done = `300/300 ━{20} \d+s \d+(ms|us)/step - accuracy: 0\.\d{4} - loss: \d\.\d{4}
 - val_accuracy: 0\.\d{4} - val_loss: \d\.\d{4}
`
	left, states := screen(out)
	if want := regexp.MustCompile("^Epoch 1/2\n" + done + "Epoch 2/2\n" + done + "$"); !want.MatchString(left) {
		t.Errorf("the terminal shows\n%s\nwant %s", left, want)
	}
	running := regexp.MustCompile(`^[ \d]{3}/300 ━{19,20} \d+s \d+(ms|us)/step - accuracy: \d\.\d{4}(e[-+]\d\d)? - loss: \d\.\d{4}$`)
	for _, s := range states { // a loss or accuracy like 1.0000e-03 takes a cell
		if !running.MatchString(s) || utf8.RuneCountInString(s) >= 80 {
			t.Errorf("drawn: %q", s)
		}
	}
	redraws := len(states) - 2 // but for the ends of the two epochs
	if most := int(elapsed/command.RedrawPeriod) + 1; redraws < 1 || redraws > most {
		t.Errorf("drawn %d times within %v, want 1 to %d times", redraws, elapsed, most)
	}
	if !strings.Contains(out, bold+"300/300"+plain+" "+green) {
		t.Error("no colours")
	}
}

// TestNoBar: without a terminal whose cursor can be moved, there is a line an epoch
// on the standard output, and no control character anywhere.
func TestNoBar(t *testing.T) {
	lines := regexp.MustCompile(`^Epoch 1/2
300/300 - \d+s - \S+/step - accuracy: \S+ - loss: \S+ - val_accuracy: \S+ - val_loss: \S+
Epoch 2/2
300/300 - \d+s - \S+/step - accuracy: \S+ - loss: \S+ - val_accuracy: \S+ - val_loss: \S+
Accuracy: \S+ 
 Error: \S+
$`)
	check := func(t *testing.T, stdout, stderr string) {
		t.Helper()
		if !lines.MatchString(stdout) || strings.ContainsFunc(stdout, func(r rune) bool { return r < ' ' && r != '\n' }) {
			t.Errorf("got %q on the standard output", stdout)
		}
		if stderr != "" {
			t.Errorf("got %q on the standard error", stderr)
		}
	}
	t.Run("file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "log")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var stdout bytes.Buffer
		trainTwoEpochs(t, &stdout, f)
		log, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		check(t, stdout.String(), string(log))
	})
	t.Run("standard output alone is a terminal", func(t *testing.T) {
		tty, drawn := terminal(t, 80)
		var stderr bytes.Buffer
		trainTwoEpochs(t, tty, &stderr)
		check(t, strings.ReplaceAll(drawn(), "\r\n", "\n"), stderr.String()) // \r is the terminal's own
	})
	t.Run("dumb terminal", func(t *testing.T) {
		t.Setenv("TERM", "dumb")
		tty, drawn := terminal(t, 80)
		var stdout bytes.Buffer
		trainTwoEpochs(t, &stdout, tty)
		check(t, stdout.String(), drawn())
	})
}

// TestTerminalChanges: each drawing has the width of the moment. With NO_COLOR
// there are no styles.
func TestTerminalChanges(t *testing.T) {
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "1")
	tty, drawn := terminal(t, 80)
	p := newProgress(tty)
	for _, columns := range []uint16{80, 40, 0, 60} {
		if err := unix.IoctlSetWinsize(int(tty.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns}); err != nil {
			t.Fatal(err)
		}
		p.last = time.Time{}
		p.step(train.Progress{Step: 7, Steps: 10, StepTime: time.Second, Train: train.Metrics{Loss: 1, Correct: 1, Images: 2}})
	}
	p.end()
	const whole = " 7/10 ━━━━━━━━━━━━━━────── 3s 1s/step - accuracy: 0.5000 - loss: 1.0000"
	_, states := screen(drawn())
	for i, want := range []string{whole, " 7/10 3s 1s/step - accuracy: 0.5000", whole, " 7/10 ━━━━━─── 3s 1s/step - accuracy: 0.5000 - loss: 1.0000"} {
		if i >= len(states) || states[i] != want {
			t.Errorf("drawing %d: got %q, want %q", i+1, states, want)
			break
		}
	}
}

// TestSummaryOnTerminal: the table has the width of the terminal.
func TestSummaryOnTerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	tty, drawn := terminal(t, 66)
	if err := run(context.Background(), "TwoLayer", models.TwoLayer, []string{"-summary", "-epochs", "0"}, tty, io.Discard); err != nil {
		t.Fatal(err)
	}
	want := summaryOf(t, "TwoLayer", models.TwoLayer(10), 66)
	if got := strings.ReplaceAll(drawn(), "\r\n", "\n"); !strings.HasPrefix(got, want+"Accuracy: ") {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func trainTwoEpochs(t *testing.T, stdout, stderr io.Writer) {
	t.Helper()
	args := strings.Fields("-verbose 1 -epochs 2 -limit 3000 -batch 10")
	if err := run(context.Background(), "TwoLayer", models.TwoLayer, args, stdout, stderr); err != nil {
		t.Fatal(err)
	}
}

// terminal returns a new terminal, and a function that closes it and returns all
// that was written there.
func terminal(t *testing.T, columns uint16) (tty *os.File, drawn func() string) {
	t.Helper()
	host, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	fd := int(host.Fd())
	n, err := unix.IoctlGetUint32(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns})
	}
	if err == nil {
		tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	all := make(chan string)
	go func() {
		out, _ := io.ReadAll(host) // ends with an error when nobody has the terminal open
		all <- string(out)
	}()
	return tty, func() string {
		tty.Close()
		defer host.Close()
		return <-all
	}
}

// screen returns what a terminal of endless height shows in the end, and the line
// of the cursor after each drawing. A drawing ends by erasing the rest of the
// line.
func screen(out string) (left string, states []string) {
	lines, column := [][]rune{nil}, 0
	styles := regexp.MustCompile(`\x1b\[\d+m`)
	out = strings.ReplaceAll(styles.ReplaceAllString(out, ""), "\x1b[K", "\x1b")
	for _, r := range out {
		line := &lines[len(lines)-1]
		switch r {
		case '\r':
			column = 0
		case '\n':
			lines = append(lines, nil)
		case '\x1b':
			*line = (*line)[:column]
			states = append(states, string(*line))
		default:
			*line = append((*line)[:column:column], append([]rune{r}, (*line)[min(column+1, len(*line)):]...)...)
			column++
		}
	}
	var b strings.Builder
	for i, line := range lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(string(line))
	}
	return b.String(), states
}
