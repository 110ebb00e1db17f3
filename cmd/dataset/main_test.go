package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"tapenet/cmd/internal/command"
	"tapenet/mnist/idx"
)

// call runs the command and returns what it wrote and its exit status.
func call(args ...string) (stdout, stderr string, status int) {
	var out, errs bytes.Buffer
	status = command.Status("dataset", &errs, run(context.Background(), args, &out, &errs))
	return out.String(), errs.String(), status
}

// must is call for a command line that has to succeed.
func must(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	stdout, stderr, status := call(args...)
	if status != command.Done {
		t.Fatalf("%q: exit status %d, %s", args, status, stderr)
	}
	return stdout, stderr
}

// grey is a PNG of 2x2 pixels of one value; the fourth pixel makes files differ.
func grey(v, fourth uint8) []byte {
	img := image.NewGray(image.Rect(0, 0, 2, 2))
	img.Pix = []uint8{v, v, v, fourth}
	var b bytes.Buffer
	png.Encode(&b, img)
	return b.Bytes()
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// photos is a folder of pictures, n of each class; those of class k have the value
// 10k but for the fourth pixel.
func photos(t *testing.T, n int, classes ...string) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "my photos")
	for k, class := range classes {
		for i := range n {
			write(t, filepath.Join(root, class, fmt.Sprintf("IMG %02d.png", i)), grey(uint8(10*k), uint8(i)))
		}
	}
	return root
}

// images are those that a data set has, with their labels.
type images map[string]uint8

func load(t *testing.T, dir, set string) (images, []uint8) {
	t.Helper()
	pixels, err := idx.ReadFile(filepath.Join(dir, set+"-images-idx3-ubyte"))
	if err != nil {
		t.Fatal(err)
	}
	labels, err := idx.ReadFile(filepath.Join(dir, set+"-labels-idx1-ubyte"))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(pixels.Shape, []int{len(labels.Data), 2, 2}) {
		t.Fatalf("got images %v and %d labels", pixels.Shape, len(labels.Data))
	}
	all := images{}
	for i, label := range labels.Data {
		all[string(pixels.Data[4*i:4*i+4])] = label
	}
	return all, labels.Data
}

// names are the files and folders in dir, hidden ones too.
func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		all = append(all, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all[1:]
}

func TestDataset(t *testing.T) {
	root := photos(t, 30, "Zoë's cat", "dog", "鳥 & co")
	write(t, filepath.Join(root, "dog", "2024", "June", "deep.png"), grey(10, 200))
	write(t, filepath.Join(root, "dog", ".hidden.png"), grey(10, 201))
	write(t, filepath.Join(root, "dog", ".trash", "x.png"), grey(10, 202))
	write(t, filepath.Join(root, "dog", "thumbs.DB"), []byte("x"))
	write(t, filepath.Join(root, ".DS_Store"), []byte("x"))
	write(t, filepath.Join(root, "dog", "no ending"), grey(10, 203))
	out := filepath.Join(t.TempDir(), "a", "b")
	stdout, stderr := must(t, root, "-size", "2x2", "-o", out, "-test", "0.3")
	if stderr != "" {
		t.Errorf("standard error %q", stderr)
	}
	training, order := load(t, out, "train")
	test, _ := load(t, out, "t10k")
	if !slices.IsSorted(order) {
		t.Errorf("labels %v: want the order of the folders", order)
	}
	if n := len(training) + len(test); n != 92 || len(test) < 15 || len(test) > 40 { // 27.6 ± 3 standard deviations of 4.4
		t.Errorf("got %d images to train on and %d to test on", len(training), len(test))
	}
	for _, set := range []images{training, test} {
		for image, label := range set {
			if image[0] != 10*label {
				t.Errorf("image % x has label %d", image, label)
			}
		}
	}
	for _, fourth := range []byte{200, 203} {
		image := []byte{10, 10, 10, fourth}
		if training[string(image)]+test[string(image)] != 1 {
			t.Errorf("no dog with %d", fourth)
		}
	}
	if got, err := os.ReadFile(filepath.Join(out, "classes.txt")); string(got) != "Zoë's cat\ndog\n鳥 & co\n" {
		t.Errorf("classes.txt: %q, %v", got, err)
	}
	if got := names(t, out); len(got) != 5 {
		t.Errorf("got files %q", got)
	}
	counts := func(set images, label uint8) (n int) {
		for _, l := range set {
			if l == label {
				n++
			}
		}
		return n
	}
	if want := fmt.Sprintf("  dog              %2d    %2d\n", counts(training, 1), counts(test, 1)); !strings.Contains(stdout, want) {
		t.Errorf("got\n%s\nwant %q", stdout, want)
	}
}

func TestColour(t *testing.T) {
	root := photos(t, 20, "a", "b")
	red := image.NewRGBA(image.Rect(0, 0, 6, 3))
	for i := range red.Pix {
		red.Pix[i] = []byte{250, 20, 30, 255}[i%4]
	}
	var file bytes.Buffer
	png.Encode(&file, red)
	for _, class := range []string{"a", "b"} { // whatever the set
		write(t, filepath.Join(root, class, "0 red.png"), file.Bytes())
	}
	out := filepath.Join(t.TempDir(), "out")
	must(t, "-colour", "-size", "4x2", "-test", "0.4", "-o", out, root)
	found := 0
	for _, set := range []string{"train", "t10k"} {
		a, err := idx.ReadFile(filepath.Join(out, set+"-images-idx4-ubyte"))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(a.Shape[1:], []int{2, 4, 3}) {
			t.Errorf("got shape %v, want (N, 2, 4, 3)", a.Shape)
		}
		if bytes.Equal(a.Data[:24], bytes.Repeat([]byte{250, 20, 30}, 8)) {
			found++
		}
	}
	if found != 1 {
		t.Errorf("the red picture is the first of %d sets, want 1", found)
	}

	// Images of both kinds would be two data sets in one folder.
	if _, stderr, status := call("-size", "4x2", "-o", out, root); status != command.Failed || !strings.Contains(stderr, "idx4-ubyte is there") {
		t.Errorf("grey over colour: exit status %d, %q", status, stderr)
	}
}

// TestSameBytesOnAnyCores: and again over the old files.
func TestSameBytesOnAnyCores(t *testing.T) {
	root := photos(t, 100, "a", "b", "c")
	write(t, filepath.Join(root, "b", "bad.jpg"), []byte("text"))
	out := filepath.Join(t.TempDir(), "out")
	var want []string
	for _, cores := range []int{1, 2, 8, 3} {
		old := runtime.GOMAXPROCS(cores)
		stdout, stderr := must(t, "-o", out, root)
		runtime.GOMAXPROCS(old)
		got := []string{stdout, stderr}
		for _, path := range names(t, out) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, path, string(data))
		}
		if want == nil {
			want = got
		} else if !slices.Equal(got, want) {
			t.Errorf("%d cores: other files", cores)
		}
	}
}

// TestSplitIsStable: more pictures and other names move none to the other set, and
// copies are in one set.
func TestSplitIsStable(t *testing.T) {
	root := photos(t, 40, "a", "b")
	out := filepath.Join(t.TempDir(), "out")
	args := []string{"-size", "2x2", "-test", "0.25", "-o", out, root}
	must(t, args...)
	_, before := load(t, out, "t10k")
	old, _ := load(t, out, "t10k")
	for i := range 40 {
		write(t, filepath.Join(root, "b", fmt.Sprintf("%d more.png", i)), grey(10, uint8(100+i)))
		write(t, filepath.Join(root, "b", "copies", fmt.Sprintf("%d.png", i)), grey(10, uint8(i)))
	}
	if err := os.Rename(filepath.Join(root, "a"), filepath.Join(root, "z")); err != nil {
		t.Fatal(err)
	}
	must(t, args...)
	test, _ := load(t, out, "t10k")
	training, labels := load(t, out, "train")
	for image := range old {
		if _, ok := test[image]; !ok {
			t.Errorf("% x left the test set", image)
		}
	}
	for image := range test {
		if _, ok := training[image]; ok {
			t.Errorf("% x is in both sets", image)
		}
		if _, ok := old[image]; !ok && image[3] < 100 {
			t.Errorf("% x came into the test set", image)
		}
	}
	if len(before) != len(old) || len(labels) == len(training) {
		t.Errorf("%d of %d images are different, then %d of %d: want copies only in the end", len(old), len(before), len(training), len(labels))
	}
}

func TestBadFiles(t *testing.T) {
	root := photos(t, 20, "cat", "dog")
	heic := filepath.Join(root, "cat", "IMG 1.HEIC")
	write(t, filepath.Join(root, "README.md"), []byte("my pictures"))
	write(t, heic, []byte("\x00\x00\x00\x24ftypheic\x00\x00\x00\x00mif1"))
	write(t, filepath.Join(root, "cat", "IMG 2.png"), grey(1, 2)[:40])
	write(t, filepath.Join(root, "dog", "notes\x1b[2J.txt"), []byte("my dog"))
	write(t, filepath.Join(root, "dog", "zero.gif"), nil)
	want := "dataset: " + filepath.Join(root, "README.md") + ` is left out: got text that starts with "my pictures", want PNG, JPEG or GIF` + "\n" +
		"dataset: " + heic + " is left out: got a picture (HEIC), want PNG, JPEG or GIF: export it as JPEG, or convert it, such as with ImageMagick: magick photo photo.png\n" +
		"dataset: " + filepath.Join(root, "cat", "IMG 2.png") + " is left out: got a PNG that is cut short\n" +
		"dataset: " + filepath.Join(root, "dog", `notes\x1b[2J.txt`) + ` is left out: got text that starts with "my dog", want PNG, JPEG or GIF` + "\n" +
		"dataset: " + filepath.Join(root, "dog", "zero.gif") + " is left out: got an empty file, want PNG, JPEG or GIF: copy or download it again\n"
	out := filepath.Join(t.TempDir(), "out")
	stdout, stderr := must(t, "-size", "2x2", "-o", out, root)
	if !strings.HasSuffix(stdout, "5 of 45 files are left out\n") || stderr != want {
		t.Errorf("got\n%s\n%s\nwant\n%s", stdout, stderr, want)
	}
	for _, path := range []string{out, filepath.Join(root, "README.md")} {
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
	}
	_, stderr, status := call("-strict", "-size", "2x2", "-o", out, root)
	if want := "dataset: " + heic + ": got a picture (HEIC), want PNG, JPEG or GIF: export it as JPEG, or convert it, such as with ImageMagick: magick photo photo.png\n"; status != command.Failed || stderr != want {
		t.Errorf("-strict: exit status %d, %q, want %q", status, stderr, want)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("-strict left the folder")
	}
}

func TestLinks(t *testing.T) {
	root := photos(t, 20, "a", "b")
	elsewhere := photos(t, 5, "x", "y", "z")
	for link, to := range map[string]string{
		"c":            filepath.Join(elsewhere, "z"),
		"a/one.png":    filepath.Join(elsewhere, "y", "IMG 00.png"),
		"a/up":         "..",
		"a/itself":     ".",
		"b/deep/a":     "../..",
		"b/deep/broke": "nowhere",
	} {
		path := filepath.Join(root, link)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(to, path); err != nil {
			t.Skip(err)
		}
	}
	out := filepath.Join(t.TempDir(), "out")
	stdout, stderr := must(t, "-size", "2x2", "-o", out, root)
	_, training := load(t, out, "train")
	_, test := load(t, out, "t10k")
	if n := len(training) + len(test); n != 46 || !strings.HasSuffix(stdout, "1 of 47 files are left out\n") ||
		!strings.Contains(stderr, "broke is left out: no such file") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("got %d images, %q and %q", n, stdout, stderr)
	}
}

func TestErrors(t *testing.T) {
	root := photos(t, 10, "cat", "dog")
	one := photos(t, 2, "cat")
	none := photos(t, 2, "cat", "dog")
	loose := photos(t, 2, "cat", "dog")
	write(t, filepath.Join(loose, "IMG 7.png"), grey(1, 2))
	sets := photos(t, 2, "Train", "test")
	empty := photos(t, 2, "cat", "dog")
	if err := os.Mkdir(filepath.Join(empty, "bird"), 0o777); err != nil {
		t.Fatal(err)
	}
	bad := photos(t, 2, "cat", "dog")
	write(t, filepath.Join(bad, "bird", "1.jpg"), []byte("no"))
	var many []string
	for i := range 257 {
		many = append(many, fmt.Sprint(i))
	}
	crowd := photos(t, 1, many...)
	dir := t.TempDir()
	out := filepath.Join(dir, "new", "out")
	linked := filepath.Join(dir, "linked")
	deep := filepath.Join(dir, "deep")
	for link, to := range map[string]string{linked: root, deep: filepath.Join(root, "cat")} {
		if err := os.Symlink(to, link); err != nil {
			t.Skip(err)
		}
	}
	newline := photos(t, 2, "cat", "do\ng")
	blank := photos(t, 2, "cat", "cat ")
	for _, test := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"-o", out}, command.WrongUsage, "got 0 folders of pictures"},
		{[]string{"-o", out, root, one}, command.WrongUsage, "got 2 folders of pictures"},
		{[]string{root}, command.WrongUsage, "want a folder to write to"},
		{[]string{root, "-o="}, command.WrongUsage, `invalid value "" for flag -o: want a name`},
		{[]string{"-size", "28", "-o", out, root}, command.WrongUsage, `invalid value "28" for flag -size: want width x height such as 28x28`},
		{[]string{"-size", "0x28", "-o", out, root}, command.WrongUsage, "each from 1 to 1024"},
		{[]string{"-size", "28x1025", "-o", out, root}, command.WrongUsage, "each from 1 to 1024"},
		{[]string{"-size", "28x28x3", "-o", out, root}, command.WrongUsage, "want width x height"},
		{[]string{"-test", "0", "-o", out, root}, command.WrongUsage, "want a number between 0 and 1 such as 0.1"},
		{[]string{"-test", "1", "-o", out, root}, command.WrongUsage, "want a number between 0 and 1"},
		{[]string{"-test", "NaN", "-o", out, root}, command.WrongUsage, "want a number between 0 and 1"},
		{[]string{"-digits", "-colour", "-o", out, root}, command.WrongUsage, "-colour: not with -digits"},
		{[]string{"-digits", "-size", "28x28", "-o", out, root}, command.WrongUsage, "-size: not with -digits"},
		{[]string{root, "-zoom", "2"}, command.WrongUsage, "flag provided but not defined: -zoom"},
		{[]string{"-o", out, filepath.Join(dir, "nowhere")}, command.Failed, "nowhere: no such file"},
		{[]string{"-o", out, filepath.Join(root, "cat", "IMG 00.png")}, command.Failed, "IMG 00.png is a file: want a folder"},
		{[]string{"-o", out, one}, command.Failed, "folder count: got 1, want 2 to 256, one for each class"},
		{[]string{"-o", out, crowd}, command.Failed, "folder count: got 257, want 2 to 256"},
		{[]string{"-o", out, filepath.Join(one, "cat")}, command.Failed, "is in no class: want every picture in the folder of its class"},
		{[]string{"-o", out, loose}, command.Failed, "IMG 7.png is in no class"},
		{[]string{"-o", out, sets}, command.Failed, "has the folders Train, test: want a folder for each class"},
		{[]string{"-o", out, empty}, command.Failed, "bird: no files"},
		{[]string{"-o", out, bad}, command.Failed, "bird: none of its files is a picture that can be read"},
		{[]string{"-o", out, newline}, command.Failed, "the name of a class"},
		{[]string{"-o", out, blank}, command.Failed, "the name of a class"},
		{[]string{"-o", out, "-test", "1e-9", none}, command.Failed, "-test 1e-09: none of 4 pictures is in the test set"},
		{[]string{"-o", out, "-test", "0.999999", none}, command.Failed, "cat: all its pictures are in the test set"},
		{[]string{"-o", root, root}, command.Failed, "want another folder"},
		{[]string{"-o", filepath.Join(root, "dog", "new", "er"), root}, command.Failed, "want another folder"},
		{[]string{"-o", filepath.Join(linked, "x"), root}, command.Failed, "want another folder"},
		{[]string{"-o", filepath.Join(deep, "x", "y"), root}, command.Failed, "want another folder"},
		{[]string{"-o", filepath.Join(root, "x"), linked}, command.Failed, "want another folder"},
		{[]string{"-o", filepath.Join(root, "cat", "IMG 00.png"), none}, command.Failed, "not a directory"},
	} {
		stdout, stderr, status := call(test.args...)
		lines := strings.Split(strings.TrimSuffix(stderr, "\n"), "\n")
		last := lines[len(lines)-1]
		if status != test.status || stdout != "" || !strings.HasPrefix(last, "dataset: ") || !strings.Contains(last, test.want) {
			t.Errorf("%q: got exit status %d, %q and %q, want %d and a line with %q", test.args, status, stdout, stderr, test.status, test.want)
		}
		if got := names(t, dir); len(got) != 2 {
			t.Fatalf("%q: left %q", test.args, got)
		}
	}
	if got := names(t, root); len(got) != 22 {
		t.Errorf("the pictures are now %q", got)
	}
}

// interrupt ends a context when something is written to it.
type interrupt struct{ context.CancelFunc }

func (i interrupt) Write(p []byte) (int, error) { i.CancelFunc(); return len(p), nil }

// TestInterrupted: nothing is left of a new data set, and all of an old one.
func TestInterrupted(t *testing.T) {
	root := photos(t, 200, "a", "b")
	out := filepath.Join(t.TempDir(), "new", "out")
	must(t, "-o", out, root)
	old := names(t, out)
	before, err := os.ReadFile(filepath.Join(out, "train-images-idx3-ubyte"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "a", "IMG 50 bad.png"), []byte("text"))
	fresh := filepath.Join(t.TempDir(), "new", "out")
	for _, dir := range []string{out, fresh} {
		ctx, cancel := context.WithCancel(context.Background())
		var stdout bytes.Buffer
		err := run(ctx, []string{"-size", "4x4", "-o", dir, root}, &stdout, interrupt{cancel})
		var stderr bytes.Buffer
		if status := command.Status("dataset", &stderr, err); status != command.Interrupted || stderr.String() != "dataset: interrupted after 151 of 401 files\n" || stdout.Len() > 0 {
			t.Errorf("exit status %d, %q and %q", status, &stdout, &stderr)
		}
	}
	if _, err := os.Stat(filepath.Dir(fresh)); err == nil {
		t.Errorf("left %q", names(t, filepath.Dir(fresh)))
	}
	after, err := os.ReadFile(filepath.Join(out, "train-images-idx3-ubyte"))
	if err != nil || !bytes.Equal(after, before) || !slices.Equal(names(t, out), old) {
		t.Errorf("the old data set has changed: %v, %q", err, names(t, out))
	}
}

func TestBar(t *testing.T) {
	var drawn bytes.Buffer
	p := &progress{w: &drawn, bar: true, total: 40}
	p.step(10)
	p.last = time.Now().Add(time.Hour)
	p.step(11) // too soon
	p.skip("a\nb", fs.ErrNotExist)
	p.step(20)
	p.end()
	const clear = "\r\x1b[K"
	if got, want := drawn.String(), "\r10/40 ━━━━━───────────────\x1b[K"+clear+"dataset: a\\nb is left out: file does not exist\n\r20/40 ━━━━━━━━━━──────────\x1b[K"+clear; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHelp(t *testing.T) {
	stdout, stderr, status := call("photos", "-h")
	if stderr != "" || status != command.Done {
		t.Fatalf("exit status %d, standard error %q", status, stderr)
	}
	for _, want := range []string{"Usage: dataset -o folder", "-o folder", "-size size", "-colour", "-crop", "-test part", "-strict", "(default 28x28)", "(default 0.1)"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("-h does not say %q:\n%s", want, stdout)
		}
	}
}

// TestDigits: with -digits, an image is made as MNIST's are: paper is 0, the ink
// fits 20x20 pixels around its centre of mass; a sheet without ink is left out.
func TestDigits(t *testing.T) {
	sheet := func(width, height, shade int, ink ...image.Rectangle) []byte {
		img := image.NewGray(image.Rect(0, 0, width, height))
		draw.Draw(img, img.Bounds(), image.NewUniform(color.Gray{Y: uint8(shade)}), image.Point{}, draw.Src)
		for _, r := range ink {
			draw.Draw(img, r, image.Black, image.Point{}, draw.Src)
		}
		var b bytes.Buffer
		png.Encode(&b, img)
		return b.Bytes()
	}
	root := filepath.Join(t.TempDir(), "sheets")
	for i := range 12 { // a one, off the centre, and an L
		write(t, filepath.Join(root, "1", fmt.Sprint(i, ".png")), sheet(120+i, 150, 230+i, image.Rect(80, 20, 90, 100)))
		write(t, filepath.Join(root, "L", fmt.Sprint(i, ".png")), sheet(120+i, 150, 230+i, image.Rect(20, 50, 30, 110), image.Rect(20, 100, 60, 110)))
	}
	blank := filepath.Join(root, "L", "blank.png")
	write(t, blank, sheet(100, 100, 250))
	out := filepath.Join(t.TempDir(), "out")
	_, stderr := must(t, "-digits", "-test", "0.3", "-o", out, root)
	if want := "dataset: " + blank + " is left out: no ink"; !strings.HasPrefix(stderr, want) {
		t.Errorf("got %q, want %q", stderr, want)
	}
	images, err := idx.ReadFile(filepath.Join(out, "train-images-idx3-ubyte"))
	if err != nil || len(images.Shape) != 3 || images.Shape[1] != 28 || images.Shape[2] != 28 {
		t.Fatalf("got images %v, error %v", images.Shape, err)
	}
	for i := 0; i < len(images.Data); i += 28 * 28 {
		var box image.Rectangle
		var sum, x, y float64
		for at, v := range images.Data[i : i+28*28] {
			if v > 0 {
				box = box.Union(image.Rect(at%28, at/28, at%28+1, at/28+1))
			}
			sum, x, y = sum+float64(v), x+float64(v)*float64(at%28), y+float64(v)*float64(at/28)
		}
		if box.Dy() < 19 || box.Dy() > 21 || box.Dx() > 21 || math.Abs(x/sum-14) > 1 || math.Abs(y/sum-14) > 1 {
			t.Errorf("image %d: the ink is in %v, its centre at %.1f, %.1f", i/784, box, x/sum, y/sum)
		}
	}
}
