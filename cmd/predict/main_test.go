package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tapenet/cmd/internal/command"
	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/models"
	"tapenet/models/weights"
)

// call runs the command with a standard input and returns what it wrote and its exit
// status.
func call(stdin []byte, args ...string) (stdout, stderr string, status int) {
	var out, errs bytes.Buffer
	err := run(context.Background(), args, bytes.NewReader(stdin), &out, &errs)
	status = command.Status("predict", &errs, err)
	return out.String(), errs.String(), status
}

func must(t *testing.T, stdin []byte, args ...string) string {
	t.Helper()
	stdout, stderr, status := call(stdin, args...)
	if status != command.Done || stderr != "" {
		t.Fatalf("%q: exit status %d, %s", args, status, stderr)
	}
	return stdout
}

func write(t *testing.T, path string, data []byte) string {
	t.Helper()
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func pngOf(img image.Image) []byte {
	var b bytes.Buffer
	png.Encode(&b, img)
	return b.Bytes()
}

// onPaper is one of MNIST's test images as ink on a sheet: larger, off the middle.
func onPaper(t *testing.T, index int) (file []byte, label int) {
	t.Helper()
	_, test, err := mnist.Load()
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewGray(image.Rect(0, 0, 300, 200))
	for i := range img.Pix {
		img.Pix[i] = 230
		if x, y := (i%300-150)/5, (i/300-20)/5; i%300 >= 150 && i/300 >= 20 && x < 28 && y < 28 {
			img.Pix[i] -= uint8(int(test.Pixels[index*784+y*28+x]) * 200 / 255)
		}
	}
	return pngOf(img), int(test.Labels[index])
}

func TestPredict(t *testing.T) {
	dir := t.TempDir()
	seven, label := onPaper(t, 0)
	if label != 7 {
		t.Fatalf("the first test image is a %d", label)
	}
	file := write(t, filepath.Join(dir, "a\x1b[2J.txt"), seven)
	shown := filepath.Join(dir, `a\x1b[2J.txt`)
	for _, model := range [][]string{nil, {"-model", "twolayer"}} {
		for name, out := range map[string]string{
			shown: must(t, nil, append(model, file)...),
			"-":   must(t, seven, append(model, "-")...),
		} {
			if !strings.HasPrefix(out, name+": 7 (") || strings.Count(out, "\n") != 1 {
				t.Errorf("%q: got %q", model, out)
			}
		}
	}
	top := must(t, nil, "-top", "30", file)
	if got := strings.Count(top, "("); got != 10 || !strings.HasPrefix(top, shown+": 7 (") {
		t.Errorf("-top 30: got %q", top)
	}
	last := 1.
	for _, part := range strings.Split(top, "(")[1:] {
		var p float64
		if err := json.Unmarshal([]byte(part[:6]), &p); err != nil || p > last {
			t.Errorf("-top 30: got %q, want falling probabilities", top)
		}
		last = p
	}
	if got, want := must(t, nil, "-index", "0"), "test image 0: 7 (1.0000); it is 7\n"; got != want {
		t.Errorf("-index 0: got %q, want %q", got, want)
	}
}

func TestJSON(t *testing.T) {
	seven, _ := onPaper(t, 0)
	file := write(t, filepath.Join(t.TempDir(), "<7>.png"), seven)
	out := must(t, nil, "-json", "-index", "1", file, file)
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(lines) != 3 {
		t.Fatalf("got %q, want three lines", out)
	}
	for i, line := range lines {
		var got map[string]any
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{"file": file, "digit": 7.}
		if i == 0 {
			want = map[string]any{"file": "test image 1", "digit": 2., "label": 2.}
		}
		sum := 0.
		for _, p := range got["probabilities"].([]any) {
			sum += p.(float64)
		}
		if math.Abs(sum-1) > 1e-5 {
			t.Errorf("the probabilities add up to %v", sum)
		}
		delete(got, "probabilities")
		if len(got) != len(want) {
			t.Errorf("got %v, want %v", got, want)
		}
		for key := range want {
			if got[key] != want[key] {
				t.Errorf("got %v, want %v", got, want)
			}
		}
	}
}

// TestOneBadPicture: the others are read all the same.
func TestOneBadPicture(t *testing.T) {
	dir := t.TempDir()
	seven, _ := onPaper(t, 0)
	good := write(t, filepath.Join(dir, "good"), seven)
	text := write(t, filepath.Join(dir, "text"), []byte("seven"))
	empty := write(t, filepath.Join(dir, "sheet"), pngOf(image.NewGray(image.Rect(0, 0, 50, 50))))
	missing := filepath.Join(dir, "missing")
	stdout, stderr, status := call(nil, text, good, missing, empty, dir, good)
	wantErr := "predict: " + text + `: got text that starts with "seven", want PNG, JPEG or GIF` + "\n" +
		"predict: " + missing + ": no such file or directory\n" +
		"predict: " + empty + ": no ink: want a digit that stands out from the paper\n" +
		"predict: " + dir + ": got a folder, want a picture\n" +
		"predict: 4 of 6 pictures could not be read\n"
	if stderr != wantErr || status != command.Failed || strings.Count(stdout, good+": 7 (") != 2 {
		t.Errorf("got exit status %d, %q and %q, want 1, two lines and %q", status, stdout, stderr, wantErr)
	}
	stdout, stderr, status = call(nil, missing)
	if want := "predict: " + missing + ": no such file or directory\n"; stdout != "" || stderr != want || status != command.Failed {
		t.Errorf("got exit status %d, %q and %q, want %q", status, stdout, stderr, want)
	}
}

// TestShow: the picture in half blocks is the image.
func TestShow(t *testing.T) {
	_, test, err := mnist.Load()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(must(t, nil, "-show", "-index", "5"), "\n")
	if len(lines) != 1+14+1 {
		t.Fatalf("got %d lines", len(lines))
	}
	for y, line := range lines[1:15] {
		runes := []rune(line)
		if len(runes) != 28 {
			t.Fatalf("line %d has %d characters, want 28", y, len(runes))
		}
		for x, r := range runes {
			upper, lower := test.Pixels[5*784+2*y*28+x] >= 128, test.Pixels[5*784+(2*y+1)*28+x] >= 128
			want := map[[2]bool]rune{{}: ' ', {true, false}: '▀', {false, true}: '▄', {true, true}: '█'}[[2]bool{upper, lower}]
			if r != want {
				t.Errorf("line %d, column %d: got %q, want %q", y, x, r, want)
			}
		}
	}
	var b strings.Builder
	draw(&b, []uint8{1, 2, 3, 4, 5, 6, 7, 8, 9}, graph.Shape{3, 3, 1}, true)
	if got, want := b.String(), "\x1b[38;2;1;4;7;48;2;2;5;8m▀\x1b[0m\n\x1b[38;2;3;6;9;48;2;0;0;0m▀\x1b[0m\n"; got != want {
		t.Errorf("in colours: got %q, want %q", got, want)
	}
}

// colours is a file of weights that tell red, green and blue pictures of 6x4 pixels
// apart by their middle: the third class is blue.
func colours(t *testing.T) string {
	t.Helper()
	net, err := graph.Sequential{graph.Flatten, graph.Dense(3), graph.SoftMax}.Build(3, 4, 6)
	if err != nil {
		t.Fatal(err)
	}
	values := make([]float32, net.NumParams())
	for class := range 3 {
		for i := range 24 {
			values[class*72+class*24+i] = 1
		}
	}
	var b bytes.Buffer
	if err := weights.Save(&b, net, values); err != nil {
		t.Fatal(err)
	}
	return write(t, filepath.Join(t.TempDir(), "w.safetensors"), b.Bytes())
}

// TestOtherNetwork: pictures are scaled to the network's size, in its channels, and
// its classes have names.
func TestOtherNetwork(t *testing.T) {
	dir := t.TempDir()
	img := image.NewRGBA(image.Rect(0, 0, 60, 20)) // the left and right thirds are red, the middle is blue
	for i := range 60 * 20 {
		c := color.RGBA{B: 255, A: 255}
		if x := i % 60; x < 20 || x >= 40 {
			c = color.RGBA{R: 255, A: 255}
		}
		img.SetRGBA(i%60, i/60, c)
	}
	picture := write(t, filepath.Join(dir, "p"), pngOf(img))
	file := colours(t)
	names := write(t, filepath.Join(dir, "classes.txt"), []byte("red\ngreen\nblue\n"))
	if got := must(t, nil, "-weights", file, picture); !strings.HasPrefix(got, picture+": 0 (0.9") {
		t.Errorf("the whole picture: got %q, want class 0", got)
	}
	if got := must(t, nil, "-weights", file, "-classes", names, "-prepare", "crop", picture); !strings.HasPrefix(got, picture+": blue (0.9") {
		t.Errorf("its middle: got %q, want blue", got)
	}
	if got := must(t, nil, "-weights", file, "-classes", names, "-json", picture); !strings.Contains(got, `"digit":0,"class":"red",`) {
		t.Errorf("-json: got %q", got)
	}
}

func TestErrors(t *testing.T) {
	dir := t.TempDir()
	file := colours(t)
	two := write(t, filepath.Join(dir, "two"), []byte("a\nb\n"))
	net, err := models.TwoLayer(10).Build(1, 28, 28)
	if err != nil {
		t.Fatal(err)
	}
	logits, err := graph.Sequential{graph.Flatten, graph.Dense(10)}.Build(1, 28, 28)
	if err != nil {
		t.Fatal(err)
	}
	save := func(name string, net *graph.Network) string {
		var b bytes.Buffer
		if err := weights.Save(&b, net, models.Init(net, 1)); err != nil {
			t.Fatal(err)
		}
		return write(t, filepath.Join(dir, name), b.Bytes())
	}
	letters, err := models.OneLayer(26).Build(1, 28, 28)
	if err != nil {
		t.Fatal(err)
	}
	alphabet := save("alphabet", letters)
	other, raw := save("other", net), save("logits", logits)
	for _, test := range []struct {
		args   []string
		status int
		want   string
	}{
		{nil, command.WrongUsage, "want pictures: predict digit.jpg"},
		{[]string{"-", "-"}, command.WrongUsage, "got - 2 times"},
		{[]string{"-json", "-show", "x"}, command.WrongUsage, "-show: not with -json"},
		{[]string{"-json", "-top", "2", "x"}, command.WrongUsage, "-top 2: not with -json"},
		{[]string{"-top", "0", "x"}, command.WrongUsage, `invalid value "0" for flag -top: want a whole number, at least 1`},
		{[]string{"-index", "-1"}, command.WrongUsage, `invalid value "-1" for flag -index: want a whole number, at least 0`},
		{[]string{"-index", "10000"}, command.WrongUsage, "-index 10000: there are 10000 test images, the first is 0"},
		{[]string{"-prepare", "magic", "x"}, command.WrongUsage, `invalid value "magic" for flag -prepare: want auto, digit, plain or crop`},
		{[]string{"-model", "three", "x"}, command.WrongUsage, `for flag -model: want onelayer or twolayer`},
		{[]string{"-weights", file, "-prepare", "digit", "x"}, command.WrongUsage, "-prepare digit: the network takes (3, 4, 6) and has 3 classes, want one of MNIST's digits: (1, 28, 28) and 10"},
		{[]string{"-weights", file, "-index", "1"}, command.WrongUsage, "-index 1: the network takes (3, 4, 6) and has 3 classes, want one"},
		{[]string{"-weights", alphabet, "-index", "1"}, command.WrongUsage, "-index 1: the network takes (1, 28, 28) and has 26 classes, want one"},
		{[]string{"-weights", file, "-classes", two, "x"}, command.Failed, "got 2 names, want one for each of the network's 3 classes"},
		{[]string{"-classes", filepath.Join(dir, "no"), "x"}, command.Failed, "-classes: open " + filepath.Join(dir, "no")},
		{[]string{"-weights", filepath.Join(dir, "no"), "x"}, command.Failed, "-weights"},
		{[]string{"-weights", two, "x"}, command.Failed, "not a safetensors file"},
		{[]string{"-weights", other, "-model", "onelayer", "x"}, command.Failed, "the file is of another network"},
		{[]string{"-weights", raw, "x"}, command.Failed, "the last layer of the network is Dense(10), want SoftMax"},
	} {
		stdout, stderr, status := call(nil, test.args...)
		if status != test.status || stdout != "" || !strings.HasPrefix(stderr, "predict: ") || !strings.Contains(stderr, test.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%q: got exit status %d, %q and %q, want %d and one line with %q", test.args, status, stdout, stderr, test.status, test.want)
		}
	}
}

func TestHelp(t *testing.T) {
	stdout, stderr, status := call(nil, "-h")
	if stderr != "" || status != command.Done {
		t.Fatalf("exit status %d, standard error %q", status, stderr)
	}
	for _, want := range []string{"Usage: predict [flags] picture...", "-model name", "-weights file", "-classes file", "-prepare way", "-index N", "-top N", "-json", "-show", "(default auto)", "(default 1)"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("-h does not say %q:\n%s", want, stdout)
		}
	}
}
