package fit

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"tapenet/cmd/internal/command"
	"tapenet/train"
)

// TestBarAsKeras draws what testdata/progbar.py let Keras draw.
func TestBarAsKeras(t *testing.T) {
	file, err := os.ReadFile(filepath.Join("testdata", "progbar.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Step, Steps    int
		Time           float64
		StepTime       float64 `json:"step_time"`
		Accuracy, Loss float64
		ValAccuracy    float64 `json:"val_accuracy"`
		ValLoss        float64 `json:"val_loss"`
		Line           string
	}
	if err := json.Unmarshal(file, &cases); err != nil {
		t.Fatal(err)
	}
	metrics := func(accuracy, loss float64) train.Metrics {
		return train.Metrics{Loss: loss, Correct: int(1000 * accuracy), Images: 1000}
	}
	seconds := func(s float64) time.Duration { return time.Duration(s * 1e9) }
	for _, c := range cases {
		// Keras ends a shorter line with spaces, and colours even no cells.
		want := strings.TrimRight(strings.ReplaceAll(c.Line, "\x1b[37m\x1b[0m", ""), " \n")
		var out bytes.Buffer
		p := &progress{w: &out, columns: wide(200), colour: true}
		want = "\r" + want + "\x1b[K"
		if m := metrics(c.Accuracy, c.Loss); c.ValLoss == 0 {
			p.step(train.Progress{Step: c.Step, Steps: c.Steps, Train: m, StepTime: seconds(c.StepTime)})
		} else {
			val := metrics(c.ValAccuracy, c.ValLoss)
			p.epoch(train.Epoch{Steps: c.Steps, Train: m, Val: &val, Time: seconds(c.Time), StepTime: seconds(c.StepTime)})
			want += "\n"
		}
		if out.String() != want {
			t.Errorf("got  %q\nwant %q", out.String(), want)
		}
	}
}

func wide(columns int) func() int { return func() int { return columns } }

// TestNarrowBar: while an epoch runs, the bar gives way first, then the metrics
// from the right. When it is done, the line is broken between two metrics.
func TestNarrowBar(t *testing.T) {
	for columns, want := range map[int]string{
		80: "113/300 ━━━━━━━───────────── 2s 12ms/step - accuracy: 0.8207 - loss: 0.2899",
		70: "113/300 ━━━━━───────── 2s 12ms/step - accuracy: 0.8207 - loss: 0.2899",
		61: "113/300 ━──── 2s 12ms/step - accuracy: 0.8207 - loss: 0.2899",
		60: "113/300 2s 12ms/step - accuracy: 0.8207 - loss: 0.2899",
		55: "113/300 2s 12ms/step - accuracy: 0.8207 - loss: 0.2899",
		54: "113/300 ━━━━───────── 2s 12ms/step - accuracy: 0.8207",
		40: "113/300 2s 12ms/step - accuracy: 0.8207",
		39: "113/300 ━━━━━━─────────── 2s 12ms/step",
		21: "113/300 2s 12ms/step",
		20: "113/300 ━━━───── 2s",
	} {
		if got := running(columns); got != "\r"+want+"\x1b[K" {
			t.Errorf("%d columns: got %q, want %q", columns, got, want)
		}
	}
	const whole = "300/300 ━━━━━━━━━━━━━━━━━━━━ 2s 3ms/step - accuracy: 0.9207 - loss: 0.2899"
	const val = " - val_accuracy: 0.9738 - val_loss: 0.0869"
	for columns, want := range map[int]string{
		117: whole + val + "\n",
		116: whole + " - val_accuracy: 0.9738\n - val_loss: 0.0869\n",
		80:  whole + "\n" + val + "\n",
	} {
		if got := text(done(columns)); got != want {
			t.Errorf("%d columns: got %q, want %q", columns, got, want)
		}
	}
}

// TestBarNeverWraps: whatever the width, no line reaches the last column, and an
// epoch that is done has all its metrics.
func TestBarNeverWraps(t *testing.T) {
	cells := regexp.MustCompile(` [━─]+|\n`)
	for columns := 25; columns < 130; columns++ {
		if got := text(running(columns)); utf8.RuneCountInString(got) >= columns || strings.Contains(got, "\n") {
			t.Errorf("%d columns: %q", columns, got)
		}
		got := text(done(columns))
		for _, line := range strings.Split(got, "\n") {
			if utf8.RuneCountInString(line) >= columns {
				t.Errorf("%d columns: %q", columns, line)
			}
		}
		const want = "300/300 2s 3ms/step - accuracy: 0.9207 - loss: 0.2899 - val_accuracy: 0.9738 - val_loss: 0.0869"
		if all := cells.ReplaceAllString(got, ""); all != want {
			t.Errorf("%d columns: got %q, want %q", columns, all, want)
		}
	}
}

// text is what a terminal shows of out.
func text(out string) string {
	return strings.NewReplacer("\r", "", "\x1b[K", "").Replace(out)
}

// running is the bar of a running epoch, without colours.
func running(columns int) string {
	var out bytes.Buffer
	p := &progress{w: &out, columns: wide(columns)}
	p.step(train.Progress{
		Step: 113, Steps: 300, StepTime: 12 * time.Millisecond,
		Train: train.Metrics{Loss: 0.28994, Correct: 8207, Images: 10000},
	})
	return out.String()
}

// done is the bar of an epoch that is done, without colours.
func done(columns int) string {
	var out bytes.Buffer
	p := &progress{w: &out, columns: wide(columns)}
	p.epoch(train.Epoch{
		Steps: 300, Time: 2 * time.Second, StepTime: 3 * time.Millisecond,
		Train: train.Metrics{Loss: 0.28994, Correct: 9207, Images: 10000}, Val: &train.Metrics{Loss: 0.0869, Correct: 9738, Images: 10000},
	})
	return out.String()
}

// TestRedraw: the bar is drawn at most every 50 ms, after the end of an epoch too,
// and its line is ended once.
func TestRedraw(t *testing.T) {
	var out bytes.Buffer
	p := &progress{w: &out, columns: wide(80)}
	draws := func(f func()) bool {
		out.Reset()
		f()
		return out.Len() > 0
	}
	step := func() { p.step(train.Progress{Step: 1, Steps: 300}) }
	if !draws(step) || draws(step) {
		t.Error("want the first step drawn, and not another within 50 ms")
	}
	p.last = p.last.Add(-command.RedrawPeriod)
	if !draws(step) {
		t.Error("not drawn after 50 ms")
	}
	if draws(p.end); out.String() != "\n" || draws(p.end) {
		t.Error("want one line break at the end")
	}
	p.last = p.last.Add(-command.RedrawPeriod)
	p.epoch(train.Epoch{Steps: 300})
	if draws(step) || draws(p.end) {
		t.Error("drawn again right after the end of an epoch")
	}
}

func TestETA(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 59 * time.Second: "59s", time.Minute: "60s", 60500 * time.Millisecond: "1:00", 65 * time.Second: "1:05",
		time.Hour: "60:00", 3600500 * time.Millisecond: "1:00:00", 3605 * time.Second: "1:00:05",
	} {
		if got := eta(d); got != want {
			t.Errorf("%v: got %s, want %s", d, got, want)
		}
	}
}
