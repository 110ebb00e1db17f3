package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tapenet/graph"
	"tapenet/graph/graphtest"
	"tapenet/mnist"
	"tapenet/models"
	"tapenet/models/weights"
)

// TestOutput holds the standard output to Keras's, to the letter but for the
// numbers.
func TestOutput(t *testing.T) {
	data := smallData(t)
	want := regexp.MustCompile(`^Epoch 1/2
4/4 - \d+s - \d+(ms|us)/step - accuracy: 0\.\d{4} - loss: \d\.\d{4} - val_accuracy: \d\.\d{4} - val_loss: \d\.\d{4}
Epoch 2/2
4/4 - \d+s - \d+(ms|us)/step - accuracy: 0\.\d{4} - loss: \d\.\d{4} - val_accuracy: \d\.\d{4} - val_loss: \d\.\d{4}
Accuracy: 0\.\d{1,2} 
 Error: \d+\.\d
$`)
	for _, verbose := range []string{"2", "1"} { // no terminal, no bar
		got := must(t, "onelayer", "-data", data, "-batch", "12", "-epochs", "2", "-verbose", verbose)
		if !want.MatchString(strings.ReplaceAll(got, "0.0000e+00", "0.0000")) {
			t.Errorf("-verbose %s: got\n%s", verbose, got)
		}
	}
	got := must(t, "twolayer", "-data", data, "-epochs", "1", "-verbose", "0")
	if !regexp.MustCompile(`^Accuracy: 0\.\d{1,2} \n Error: \d+\.\d\n$`).MatchString(got) {
		t.Errorf("-verbose 0: got\n%s", got)
	}
}

// TestReadmeCommands: the flags with which README and docs call a command are
// flags of it, or -h, which all have.
func TestReadmeCommands(t *testing.T) {
	docs, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	// In a block of code a command ends with the line or before a comment, in a
	// sentence with the second `.
	command := regexp.MustCompile("(?m)(?:^    (?:\\$ )?go run \\./cmd/(\\w+)([^#\\n]*)|`go run \\./cmd/(\\w+)([^`]*)`)")
	name := regexp.MustCompile(`\s(-[a-z-]+)`)
	help := map[string]string{}
	flags := 0
	for _, path := range append(docs, "../README.md") {
		for _, m := range command.FindAllStringSubmatch(string(read(t, path)), -1) {
			c := m[1] + m[3]
			if help[c] == "" {
				help[c] = must(t, c, "-h")
			}
			for _, f := range name.FindAllStringSubmatch(m[2]+m[4], -1) {
				if flags++; f[1] != "-h" && !regexp.MustCompile(`(?m)^  `+f[1]+`( |$)`).MatchString(help[c]) {
					t.Errorf("%s: %s has no %s", path, c, f[1])
				}
			}
		}
	}
	if len(help) < 4 || flags < 10 {
		t.Errorf("found %d flags of %d commands, want more", flags, len(help))
	}
}

// TestReproducible: equal flags give equal bits for any number of workers, and
// these agree with a float64 computation of the whole run.
func TestReproducible(t *testing.T) {
	const limit, batch, epochs = 300, 37, 2
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	net, err := models.OneLayer(10).Build(1, 28, 28)
	if err != nil {
		t.Fatal(err)
	}
	initial := models.Init(net, 42)
	var w bytes.Buffer
	if err := weights.Save(&w, net, initial); err != nil {
		t.Fatal(err)
	}
	write(t, file("w.safetensors"), w.Bytes())
	want, losses := fit64(t, net, initial, limit, batch, epochs)
	for _, lowering := range graph.Lowerings() {
		var saved, history [][]byte
		workers := []string{"1", "3"}
		if lowering == graph.Gorgonia {
			workers = []string{"2"} // slow; train has the same test on less data
		}
		for _, workers := range workers {
			must(t, "onelayer", "-init", file("w.safetensors"), "-shuffle=false", "-limit", fmt.Sprint(limit), "-batch", fmt.Sprint(batch), "-epochs", fmt.Sprint(epochs),
				"-ops", string(lowering), "-workers", workers, "-save", file("out.safetensors"), "-history", file("h.jsonl"))
			saved, history = append(saved, read(t, file("out.safetensors"))), append(history, read(t, file("h.jsonl")))
			if !bytes.Equal(saved[0], saved[len(saved)-1]) || !bytes.Equal(history[0], history[len(history)-1]) {
				t.Errorf("%s: %s workers gave other bits than one", lowering, workers)
			}
		}
		got, err := weights.Load(bytes.NewReader(saved[0]), net)
		if err != nil {
			t.Fatal(err)
		}
		// Adam divides a gradient by its own size: where it is near 0, so does
		// its rounding error grow. The typical weight is far closer.
		var most, square float64
		for i, v := range want {
			d := math.Abs(float64(got[i]) - v)
			most, square = max(most, d), square+d*d
		}
		if rms := math.Sqrt(square / float64(len(want))); most > 2e-4 || rms > 5e-7 {
			t.Errorf("%s: weights differ from float64 by at most %.2g, root mean square %.2g", lowering, most, rms)
		}
		for e, line := range bytes.Split(bytes.TrimSpace(history[0]), []byte("\n")) {
			var row struct{ Loss float64 }
			if err := json.Unmarshal(line, &row); err != nil {
				t.Fatal(err)
			}
			if math.Abs(row.Loss-losses[e]) > 1e-5 {
				t.Errorf("%s: epoch %d: got loss %.8g, float64 gives %.8g", lowering, e+1, row.Loss, losses[e])
			}
		}
	}
}

// fit64 is the whole training in float64 loops: Keras's Adam with its default
// settings on MNIST's first images, in their order.
func fit64(t *testing.T, net *graph.Network, start []float32, limit, batch, epochs int) (w, losses []float64) {
	t.Helper()
	set, _, err := mnist.Load()
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float64, limit*784)
	for i := range x {
		x[i] = float64(set.Pixels[i]) / 255
	}
	classes := make([]int, limit)
	for i := range classes {
		classes[i] = int(set.Labels[i])
	}
	for _, v := range start {
		w = append(w, float64(v))
	}
	m, v := make([]float64, len(w)), make([]float64, len(w))
	step := 0.
	for range epochs {
		loss := 0.
		for from := 0; from < limit; from += batch {
			to := min(from+batch, limit)
			r := graphtest.Run(net, w, x[from*784:to*784], classes[from:to])
			loss += r.Loss
			step++
			for i, g := range r.Grad {
				g /= float64(to - from)
				m[i] += (g - m[i]) * (1 - 0.9)
				v[i] += (g*g - v[i]) * (1 - 0.999)
				w[i] -= 0.001 * math.Sqrt(1-math.Pow(0.999, step)) / (1 - math.Pow(0.9, step)) * m[i] / (math.Sqrt(v[i]) + 1e-7)
			}
		}
		losses = append(losses, loss/float64(limit))
	}
	return w, losses
}

func TestHistory(t *testing.T) {
	dir := t.TempDir()
	csv, jsonl := filepath.Join(dir, "h.csv"), filepath.Join(dir, "h.jsonl")
	data := smallData(t)
	must(t, "onelayer", "-data", data, "-batch", "10", "-epochs", "3", "-history", csv)
	must(t, "onelayer", "-data", data, "-batch", "10", "-epochs", "3", "-history", jsonl)
	rows := strings.Split(strings.TrimSuffix(string(read(t, csv)), "\n"), "\n")
	lines := strings.Split(strings.TrimSuffix(string(read(t, jsonl)), "\n"), "\n")
	if len(rows) != 4 || rows[0] != "epoch,accuracy,loss,val_accuracy,val_loss" || len(lines) != 3 {
		t.Fatalf("got\n%s\n%s", rows, lines)
	}
	for i, line := range lines {
		var r struct {
			Epoch                               int
			Accuracy, Loss                      float64
			ValAccuracy, ValLoss, Missing, Zero *float64
		}
		var all map[string]float64
		if err := json.Unmarshal([]byte(line), &all); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if len(all) != 5 || int(all["epoch"]) != i {
			t.Errorf("line %d: got %s", i, line)
		}
		want := fmt.Sprintf("%d,%v,%v,%v,%v", i, all["accuracy"], all["loss"], all["val_accuracy"], all["val_loss"])
		if rows[i+1] != want {
			t.Errorf("the csv says %s, the jsonl %s", rows[i+1], want)
		}
	}
}

// TestNotebook trains on all of MNIST: 60,000 images are 58 batches of 1,024 and
// one of 608, and one epoch is enough to be far better than a linear model.
func TestNotebook(t *testing.T) {
	out := must(t, "twolayer", "-batch", "1024", "-epochs", "1")
	if !strings.HasPrefix(out, "59/59 - ") {
		t.Errorf("want 59 steps, got\n%s", out)
	}
	out = must(t, "onelayer", "-epochs", "1")
	var accuracy float64
	if _, err := fmt.Sscanf(out[strings.Index(out, "Accuracy: "):], "Accuracy: %g", &accuracy); err != nil || accuracy < 0.96 || accuracy > 0.98 {
		t.Errorf("want an accuracy of 0.96 to 0.98 after one epoch, got\n%s", out)
	}
}

// TestZeroEpochs: nothing is trained, everything is exported.
func TestZeroEpochs(t *testing.T) {
	dir := t.TempDir()
	data := smallData(t)
	w, again := filepath.Join(dir, "w.safetensors"), filepath.Join(dir, "again.safetensors")
	out := must(t, "twolayer", "-data", data, "-epochs", "0", "-save", w)
	if strings.Contains(out, "Epoch") || !strings.HasPrefix(out, "Accuracy: ") {
		t.Errorf("got %q", out)
	}
	must(t, "twolayer", "-data", data, "-epochs", "0", "-init", w, "-save", again, "-seed", "7")
	if !slices.Equal(read(t, w), read(t, again)) {
		t.Error("weights that were loaded and not trained changed")
	}
}

// TestInterrupt: the first Ctrl-C finishes the step, saves nothing and says so.
func TestInterrupt(t *testing.T) {
	dir := t.TempDir()
	var stderr bytes.Buffer
	c := exec.Command(filepath.Join(bin, "onelayer"), "-data", smallData(t), "-batch", "4", "-epochs", "1000000", "-save", filepath.Join(dir, "w.safetensors"), "-history", filepath.Join(dir, "h.csv"))
	c.Stderr = &stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer c.Process.Kill()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(dir, "h.csv")); err == nil {
			break // an epoch is done, so it trains
		}
		if time.Now().After(deadline) {
			t.Fatal("no epoch was finished")
		}
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	c.Wait()
	if got := c.ProcessState.ExitCode(); got != 130 {
		t.Errorf("got exit status %d, want 130", got)
	}
	if want := regexp.MustCompile(`^onelayer: interrupted in epoch \d+, after step \d+ of 10; without -checkpoint nothing is kept\n$`); !want.MatchString(stderr.String()) {
		t.Errorf("got %q", stderr.String())
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 1 || files[0].Name() != "h.csv" {
		t.Errorf("got files %v, want the history alone", files)
	}
}

// TestFullDisk: results that cannot be written are an error.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here")
	}
	defer full.Close()
	data := smallData(t)
	for _, args := range [][]string{{"-epochs", "0"}, {"-epochs", "1"}, {"-epochs", "0", "-save", "/dev/full"}} {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		c := exec.CommandContext(ctx, filepath.Join(bin, "onelayer"), append(args, "-data", data)...)
		if args[len(args)-1] != "/dev/full" {
			c.Stdout = full
		}
		var stderr bytes.Buffer
		c.Stderr = &stderr
		c.Run()
		if got := c.ProcessState.ExitCode(); got != 1 || !strings.Contains(stderr.String(), "no space left on device") {
			t.Errorf("%q: got exit status %d and %q", args, got, stderr.String())
		}
	}
}
