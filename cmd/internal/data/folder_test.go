package data

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pkg/errors"

	"tapenet/graph"
	"tapenet/mnist/idx"
	"tapenet/train"
)

// write writes a file into dir, and the folders that it is in. What it has is an
// array of IDX, text or bytes; a name that ends in .gz makes it compressed.
func write(t *testing.T, dir, name string, content any) {
	t.Helper()
	var file bytes.Buffer
	switch c := content.(type) {
	case idx.Array:
		if err := c.Write(&file); err != nil {
			t.Fatal(err)
		}
	case string:
		file.WriteString(c)
	case []byte:
		file.Write(c)
	}
	if strings.HasSuffix(name, ".gz") {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		z.Write(file.Bytes())
		z.Close()
		file = packed
	}
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, file.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

// labelsOf and imagesOf are arrays for bytes; images are 2x3 unless shape says
// otherwise, and the i-th pixel of them all is i.
func labelsOf(labels ...uint8) idx.Array {
	return idx.Array{Type: idx.Uint8, Shape: []int{len(labels)}, Data: labels}
}

func imagesOf(n int, shape ...int) idx.Array {
	if shape == nil {
		shape = []int{2, 3}
	}
	a := idx.Array{Type: idx.Uint8, Shape: append([]int{n}, shape...)}
	for i := range graph.Shape(a.Shape).Size() {
		a.Data = append(a.Data, uint8(i))
	}
	return a
}

// smallSet writes a set of 3 and 2 images by names, in the order of parts, and
// returns what it has.
func smallSet(t *testing.T, dir string, names ...string) Sets {
	t.Helper()
	for i, a := range []idx.Array{imagesOf(3), labelsOf(0, 2, 1), imagesOf(2), labelsOf(1, 0)} {
		write(t, dir, names[i], a)
	}
	return Sets{
		Train: train.Data{Pixels: imagesOf(3).Data, Labels: []uint8{0, 2, 1}}, Test: train.Data{Pixels: imagesOf(2).Data, Labels: []uint8{1, 0}},
		Shape: graph.Shape{1, 2, 3}, Classes: 3,
	}
}

// TestNames: sets are found by the names that people have.
func TestNames(t *testing.T) {
	for name, files := range map[string][]string{
		"MNIST":       parts,
		"compressed":  {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte.gz"},
		"unpacked":    {"train-images.idx3-ubyte", "train-labels.idx1-ubyte", "t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"},
		"both":        {"train-images.idx3-ubyte.gz", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels.idx1-ubyte.gz"},
		"test":        {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "test-images-idx3-ubyte", "test-labels-idx1-ubyte"},
		"short":       {"train-images", "train-labels", "test-images", "test-labels"},
		"underscores": {"train_images.idx", "train_labels.idx", "test_images.idx", "test_labels.idx"},
		"capitals":    {"TRAIN-IMAGES-IDX3-UBYTE", "TRAIN-LABELS-IDX1-UBYTE.GZ", "T10K-IMAGES.IDX3-UBYTE", "T10K-LABELS.IDX1-UBYTE"},
		"prefix":      {"digits-train-images-idx3-ubyte.gz", "digits-train-labels-idx1-ubyte.gz", "digits-test-images-idx3-ubyte.gz", "digits-test-labels-idx1-ubyte.gz"},
		"bin":         {"training-images.bin", "training_labels.bin", "testing-imgs.bin", "testing_labels.bin"},
		"folders":     {"train-images-idx3-ubyte/train-images-idx3-ubyte", "train-labels-idx1-ubyte/train-labels-idx1-ubyte", "t10k-images-idx3-ubyte/t10k-images.idx3-ubyte", "t10k-labels-idx1-ubyte"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			want := smallSet(t, dir, files...)
			write(t, dir, "README.md", "Images.")
			write(t, dir, "train.csv", "1,2,3")
			got, err := Load(context.Background(), dir, false)
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("error %v, (-want +got):\n%s", err, diff)
			}
		})
	}
}

func prefixed(prefix string) (names []string) {
	for _, part := range parts {
		names = append(names, prefix+part)
	}
	return names
}

// TestPlainBeforeCompressed: of two files that are the same part, the one that
// is not compressed is read, and the file before the folder.
func TestPlainBeforeCompressed(t *testing.T) {
	dir := t.TempDir()
	want := smallSet(t, dir, parts...)
	write(t, dir, "train-labels-idx1-ubyte.gz", "no IDX")
	write(t, dir, "t10k-labels-folder/x", "")
	write(t, dir, "t10k-labels.idx1-ubyte/t10k-labels.idx1-ubyte", "no IDX")
	got, err := Load(context.Background(), dir, false)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v, (-want +got):\n%s", err, diff)
	}
}

// TestLinks: what a link leads to is read, a file or a folder with the file in it.
func TestLinks(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	want := smallSet(t, other, parts...)
	write(t, other, "sub/train-labels.idx1-ubyte", labelsOf(0, 2, 1))
	for name, target := range map[string]string{parts[0]: parts[0], parts[1]: "sub", parts[2]: parts[2], parts[3]: parts[3]} {
		if err := os.Symlink(filepath.Join(other, target), filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	got, err := Load(context.Background(), dir, false)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v, (-want +got):\n%s", err, diff)
	}
}

// TestLinkToNowhere: a link that leads nowhere hides no other file, and the error
// does not list it as a file.
func TestLinkToNowhere(t *testing.T) {
	dir := t.TempDir()
	want := smallSet(t, dir, parts[0]+".gz", parts[1], parts[2], parts[3])
	if err := os.Symlink("nowhere", filepath.Join(dir, parts[0])); err != nil {
		t.Skip(err)
	}
	got, err := Load(context.Background(), dir, false)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v, (-want +got):\n%s", err, diff)
	}
	if err := os.Remove(filepath.Join(dir, parts[0]+".gz")); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(context.Background(), dir, false); err == nil || !strings.Contains(err.Error(), parts[0]+", plain or .gz: file does not exist") || !strings.Contains(err.Error(), parts[0]+" (a broken link), ") {
		t.Errorf("got error %v", err)
	}
}

// TestPipes: no device is read to its end, and no pipe that is no IDX file.
func TestPipes(t *testing.T) {
	pipe := func(path string) error { return exec.Command("mkfifo", path).Run() }
	device := func(path string) error { return os.Symlink("/dev/zero", path) }
	const want = ": got a pipe or a device, want a file"
	for _, row := range []struct {
		name  string
		write func(path string) error
		want  string
	}{
		{"classes.txt", pipe, want}, {"classes.txt", device, want},
		{"train.bin", pipe, want}, {"test.bin", pipe, want}, {"test.bin", device, want},
		{"train-labels-idx1-ubyte", device, "train-labels-idx1-ubyte (a device)"},
	} {
		dir := t.TempDir()
		if strings.HasSuffix(row.name, ".bin") {
			write(t, dir, "train.bin", records(1, 2, 0))
			write(t, dir, "test.bin", records(1, 2, 0))
		} else {
			smallSet(t, dir, parts...)
		}
		path := filepath.Join(dir, row.name)
		os.Remove(path)
		if err := row.write(path); err != nil {
			t.Skip(err)
		}
		if _, err := Load(context.Background(), dir, false); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: got error %v, want %s", row.name, err, row.want)
		}
	}
}

// TestBothKinds: IDX files that are complete are read, not CIFAR's.
func TestBothKinds(t *testing.T) {
	dir := t.TempDir()
	want := smallSet(t, dir, parts...)
	write(t, dir, "train.bin", records(1, 2, 0))
	write(t, dir, "test.bin", records(1, 2, 1))
	got, err := Load(context.Background(), dir, false)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v, (-want +got):\n%s", err, diff)
	}
}

// TestSeveralSets: of several sets in a folder, the path chooses, or the set
// that has MNIST's names is read.
func TestSeveralSets(t *testing.T) {
	dir := t.TempDir()
	want := smallSet(t, dir, prefixed("a-b-")...)
	smallSet(t, dir, prefixed("c-")...)
	write(t, dir, "c-train-labels-idx1-ubyte", labelsOf(1, 2, 4))
	write(t, dir, "d-train-labels-idx1-ubyte", labelsOf(1, 2, 5))

	if _, err := Load(context.Background(), dir, false); err == nil || err.Error() != "-data: "+dir+": got several sets, a-b, c: choose one, as in -data folder/a-b" {
		t.Errorf("got error %v", err)
	}
	for _, name := range []string{"a-b", "a-b-train-images-idx3-ubyte", "a-b-t10k-labels-idx1-ubyte"} {
		got, err := Load(context.Background(), filepath.Join(dir, name), false)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: error %v, (-want +got):\n%s", name, err, diff)
		}
	}
	if got, err := Load(context.Background(), filepath.Join(dir, "c"), false); err != nil || got.Classes != 5 {
		t.Errorf("c: got %d classes and error %v, want 5", got.Classes, err)
	}
	if _, err := Load(context.Background(), filepath.Join(dir, "d"), false); err == nil || !strings.Contains(err.Error(), ": d-train-images-idx3-ubyte, d-t10k-images-idx3-ubyte, d-t10k-labels-idx1-ubyte, plain or .gz: file does not exist") {
		t.Errorf("d: got error %v", err)
	}
	if _, err := Load(context.Background(), filepath.Join(dir, "e"), false); !errors.Is(err, fs.ErrNotExist) || !strings.HasSuffix(err.Error(), filepath.Join(dir, "e")+": no such file or directory; "+dir+" has a-b, c, d") {
		t.Errorf("e: got error %v", err)
	}

	smallSet(t, dir, parts...)
	write(t, dir, "train-labels-idx1-ubyte", labelsOf(1, 0, 3))
	if got, err := Load(context.Background(), dir, false); err != nil || got.Classes != 4 {
		t.Errorf("with MNIST's names too: got %d classes and error %v, want 4", got.Classes, err)
	}
}

// TestMissing: the error says what is there, what was looked for and, where the
// names tell, what to do.
func TestMissing(t *testing.T) {
	const all = "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, plain or .gz: file does not exist; the folder has "
	many := make([]string, 30)
	for i := range many {
		many[i] = fmt.Sprintf("%02d", i)
	}
	for _, row := range []struct {
		files []string
		want  string // after the folder's name
	}{
		{nil, all + "nothing"},
		{parts[:3], "t10k-labels-idx1-ubyte, plain or .gz: file does not exist; the folder has t10k-images-idx3-ubyte, train-images-idx3-ubyte, train-labels-idx1-ubyte"},
		{[]string{"b-train-images", "a-train-labels"}, "a-train-images-idx3-ubyte, a-t10k-images-idx3-ubyte, a-t10k-labels-idx1-ubyte, plain or .gz: file does not exist; the folder has a-train-labels, b-train-images"},
		{[]string{"a", "train-images.png", "train-labels.csv"}, all + "a, train-images.png, train-labels.csv"},
		{many, all + strings.Join(many[:20], ", ") + " and 10 more"},
		{[]string{"mnist.npz"}, all + "mnist.npz; to read mnist.npz, give its own path"},
		{[]string{"k-train-imgs.npz"}, "k-train-labels-idx1-ubyte, k-t10k-images-idx3-ubyte, k-t10k-labels-idx1-ubyte, plain or .gz: file does not exist; the folder has k-train-imgs.npz"},
		{[]string{"gzip.zip"}, all + "gzip.zip; unpack gzip.zip"},
		{[]string{"batches.meta", "data_batch_1", "test_batch"}, all + "batches.meta, data_batch_1, test_batch; these are CIFAR's files for Python, of which only the binary version is read"},
		{[]string{"raw/train-images-idx3-ubyte", "x/y"}, all + "raw/, x/; the files may be those in raw/"},
		{[]string{"a/x", "MNIST/raw/train-images-idx3-ubyte"}, all + "MNIST/, a/; the files may be those in MNIST/raw/"},
		{[]string{"1/2/3/train-images"}, all + "1/; the files may be those in 1/2/3/"},
		{[]string{"1/2/3/4/train-images"}, all + "1/; if these are folders of pictures, one for each class, cmd/dataset makes IDX files of them"},
		{[]string{"meta", "test", "train"}, all + "meta, test, train; these are CIFAR's files for Python, of which only the binary version is read"},
		{[]string{"cifar-10-batches-bin/data_batch_1.bin"}, all + "cifar-10-batches-bin/; the files may be those in cifar-10-batches-bin/"},
		{[]string{"cat/1.jpg", "dog/1.jpg"}, all + "cat/, dog/; if these are folders of pictures, one for each class, cmd/dataset makes IDX files of them"},
		{[]string{"train-images-idx3-ubyte/x"}, all + "train-images-idx3-ubyte/; if these are folders of pictures, one for each class, cmd/dataset makes IDX files of them"},
		{[]string{"data_batch_1.bin", "data_batch_3.bin"}, "stat data_batch_1.bin: no such file or directory; the folder has data_batch_1.bin, data_batch_3.bin"},
	} {
		dir := t.TempDir()
		for _, name := range row.files {
			if name == "data_batch_1.bin" {
				write(t, dir, name, records(1, 1, 0))
				row.want = strings.Replace(row.want, "stat data_batch_1.bin", "stat data_batch_2.bin", 1)
			} else {
				write(t, dir, name, "")
			}
		}
		_, err := Load(context.Background(), dir, false)
		if !errors.Is(err, fs.ErrNotExist) || err.Error() != "-data: "+dir+": "+row.want {
			t.Errorf("%v: got error %v\nwant %s", row.files, err, row.want)
		}
	}
}

// TestNotFolder: a file in place of a folder is an error that says what it is.
func TestNotFolder(t *testing.T) {
	dir := t.TempDir()
	for content, want := range map[string]string{
		"PK\x03\x04":             "got a zip archive, want a folder or a .npz file: unpack it",
		"label,pixel1,pixel2\n5": `got CSV text that starts with "label,pixel1,pixel2", want a folder or a .npz file`,
	} {
		write(t, dir, "file", content)
		path := filepath.Join(dir, "file")
		if _, err := Load(context.Background(), path, false); err == nil || err.Error() != "-data: "+path+": "+want {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
}

// TestSetErrors: what does not fit together is an error that names the files.
func TestSetErrors(t *testing.T) {
	for _, row := range []struct {
		file    string
		content any
		want    string
	}{
		{"train-labels-idx1-ubyte", labelsOf(0, 1), "got 3 images in train-images-idx3-ubyte and 2 labels in train-labels-idx1-ubyte, want as many labels as images"},
		{"t10k-labels-idx1-ubyte", labelsOf(), "got 2 images in t10k-images-idx3-ubyte and 0 labels in t10k-labels-idx1-ubyte, want as many labels as images"},
		{"t10k-images-idx3-ubyte", imagesOf(2, 3, 2), "got images of 1×2×3 in train-images-idx3-ubyte and of 1×3×2 in t10k-images-idx3-ubyte, want one shape"},
		{"t10k-images-idx3-ubyte", imagesOf(0, 2, 3), "t10k-images-idx3-ubyte: image count: got 0, want at least 1"},
		{"t10k-images-idx3-ubyte", labelsOf(1, 0), "t10k-images-idx3-ubyte: got an array (2), want images"},
		{"train-labels-idx1-ubyte", imagesOf(3), "train-labels-idx1-ubyte: got an array (3, 2, 3), want labels (N) or (N, 1)"},
		{"train-labels-idx1-ubyte", idx.Array{Shape: []int{3, 2}, Data: make([]uint8, 6)}, "train-labels-idx1-ubyte: got an array (3, 2), want labels (N) or (N, 1)"},
		{"train-images-idx3-ubyte", "<html><title>403 Forbidden</title></html>", `train-images-idx3-ubyte: got a web page (HTML) that says "403 Forbidden", want an IDX file: download it again`},
		{"train-labels-idx1-ubyte", int32s([]int{3}, 0, 1, -1), "train-labels-idx1-ubyte: label 3 of 3: got -1, want a whole number from 0 to 256"},
		{"classes.txt", "a\nb\na", `classes.txt: line 3: "a" is the name of line 1 too`},
		{"classes.txt", "a\nb\n", "train-labels-idx1-ubyte: label 2 of 3: got 2, want 0 to 1"},
	} {
		dir := t.TempDir()
		smallSet(t, dir, parts...)
		write(t, dir, row.file, row.content)
		if _, err := Load(context.Background(), dir, false); err == nil || !strings.HasPrefix(err.Error(), "-data: "+dir+": "+row.want) {
			t.Errorf("got error %v\nwant %s", err, row.want)
		}
	}
}

// TestQMNIST: the labels are a table, of which the first column counts.
func TestQMNIST(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "qmnist-train-images-idx3-ubyte.gz", imagesOf(2, 28, 28))
	write(t, dir, "qmnist-train-labels-idx2-int.gz", int32s([]int{2, 8}, 5, 0, 1, 2, 3, 4, 5, 6, 3, 4, 0, 0, -1, 1000, 0, 0))
	write(t, dir, "qmnist-test-images-idx3-ubyte.gz", imagesOf(1, 28, 28))
	write(t, dir, "qmnist-test-labels-idx2-int.gz", int32s([]int{1, 8}, 9, 0, 0, 0, 0, 0, 0, 0))
	got, err := Load(context.Background(), dir, false)
	want := Sets{
		Train: train.Data{Pixels: imagesOf(2, 28, 28).Data, Labels: []uint8{5, 3}}, Test: train.Data{Pixels: imagesOf(1, 28, 28).Data, Labels: []uint8{9}},
		Shape: graph.Shape{1, 28, 28}, Classes: 10,
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v, (-want +got):\n%s", err, diff)
	}
}

// TestEMNIST: the names tell the classes, and that images lie on their side.
func TestEMNIST(t *testing.T) {
	const side = "EMNIST's images lie on their side; -transpose turns them"
	for _, row := range []struct {
		split         string
		labels        []uint8 // of the training images; those of the test images are the same
		want          []uint8
		classes       int
		first, last   string
		wantNote      string // beside side
		wantErrSuffix string
	}{
		{"balanced", []uint8{0, 36, 46}, []uint8{0, 36, 46}, 47, "0", "t", "", ""},
		{"balanced", []uint8{0, 36, 47}, nil, 0, "", "", "", "label 3 of 3: got 47, want 0 to 46"},
		{"byclass", []uint8{1, 36, 61}, []uint8{1, 36, 61}, 62, "0", "z", "", ""},
		{"bymerge", []uint8{1, 36, 46}, []uint8{1, 36, 46}, 47, "0", "t", "", ""},
		{"letters", []uint8{1, 9, 26}, []uint8{0, 8, 25}, 26, "A", "Z", "no label is 0: the labels 1 to 26 are taken as the classes 0 to 25", ""},
		{"letters", []uint8{1, 9, 7}, []uint8{0, 8, 6}, 26, "A", "Z", "no label is 0: the labels 1 to 26 are taken as the classes 0 to 25", ""},
		{"letters", []uint8{0, 9, 25}, []uint8{0, 9, 25}, 26, "A", "Z", "", ""},
		{"digits", []uint8{1, 2, 3}, []uint8{1, 2, 3}, 10, "0", "9", "", ""},
		{"mnist", []uint8{1, 2, 9}, []uint8{1, 2, 9}, 10, "0", "9", "", ""},
	} {
		dir := t.TempDir()
		for _, set := range []string{"train", "test"} {
			write(t, dir, "emnist-"+row.split+"-"+set+"-images-idx3-ubyte.gz", imagesOf(3, 28, 28))
			write(t, dir, "emnist-"+row.split+"-"+set+"-labels-idx1-ubyte.gz", labelsOf(row.labels...))
		}
		got, err := Load(context.Background(), dir, false)
		if row.wantErrSuffix != "" {
			if err == nil || !strings.HasSuffix(err.Error(), row.wantErrSuffix) {
				t.Errorf("%s: got error %v, want %s", row.split, err, row.wantErrSuffix)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if got.Classes != row.classes || len(got.Names) != row.classes || got.Names[0] != row.first || got.Names[row.classes-1] != row.last || !bytes.Equal(got.Train.Labels, row.want) || !bytes.Equal(got.Test.Labels, row.want) {
			t.Errorf("%s: got %d classes %v, labels %v", row.split, got.Classes, got.Names, got.Train.Labels)
		}
		notes := []string{side}
		if row.wantNote != "" {
			notes = append(notes, row.wantNote)
		}
		if diff := cmp.Diff(notes, got.Notes); diff != "" {
			t.Errorf("%s: notes (-want +got):\n%s", row.split, diff)
		}
		turned, err := Load(context.Background(), dir, true)
		if err != nil || strings.Contains(fmt.Sprint(turned.Notes), side) || turned.Test.Pixels[1*28+2] != got.Test.Pixels[2*28+1] {
			t.Errorf("%s with -transpose: error %v, notes %q", row.split, err, turned.Notes)
		}
	}
}

// TestEMNISTUnderscores: names with other separators tell as much.
func TestEMNISTUnderscores(t *testing.T) {
	dir := t.TempDir()
	for _, set := range []string{"train", "test"} {
		write(t, dir, "emnist_letters_"+set+"_images_idx3_ubyte", imagesOf(2, 28, 28))
		write(t, dir, "emnist_letters_"+set+"_labels_idx1_ubyte", labelsOf(1, 9))
	}
	if got, err := Load(context.Background(), dir, false); err != nil || got.Classes != 26 || len(got.Notes) != 2 {
		t.Errorf("got %d classes, notes %q and error %v, want 26 and 2", got.Classes, got.Notes, err)
	}
}

// TestTranspose: rows and columns of each channel of each image are swapped.
func TestTranspose(t *testing.T) {
	dir := t.TempDir()
	want := smallSet(t, dir, parts...)
	want.Shape = graph.Shape{1, 3, 2}
	want.Train.Pixels = []uint8{0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11, 12, 15, 13, 16, 14, 17}
	want.Test.Pixels = want.Train.Pixels[:12]
	got, err := Load(context.Background(), dir, true)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v, (-want +got):\n%s", err, diff)
	}

	dir = t.TempDir()
	for _, set := range []string{"train", "t10k"} {
		write(t, dir, set+"-images-idx4-ubyte", imagesOf(1, 1, 2, 3))
		write(t, dir, set+"-labels-idx1-ubyte", labelsOf(2))
	}
	got, err = Load(context.Background(), dir, true)
	if diff := cmp.Diff([]uint8{0, 3, 1, 4, 2, 5}, got.Test.Pixels); err != nil || diff != "" || !cmp.Equal(got.Shape, graph.Shape{3, 2, 1}) {
		t.Errorf("colours: error %v, shape %v, (-want +got):\n%s", err, got.Shape, diff)
	}
}

// TestFractions: a note tells that pixels are scaled, once.
func TestFractions(t *testing.T) {
	dir := t.TempDir()
	smallSet(t, dir, parts...)
	write(t, dir, "train-images-idx3-ubyte", float32s([]int{3, 1, 2}, 0, 1, 0.5, 0, 0, 0))
	write(t, dir, "t10k-images-idx3-ubyte", float32s([]int{2, 1, 2}, 0, 1, 0.5, 0))
	got, err := Load(context.Background(), dir, false)
	if diff := cmp.Diff([]string{"the pixels are fractions from 0 to 1: they are multiplied by 255 and rounded"}, got.Notes); err != nil || diff != "" || got.Test.Pixels[2] != 128 {
		t.Errorf("error %v, pixels %v, notes (-want +got):\n%s", err, got.Test.Pixels, diff)
	}
}
