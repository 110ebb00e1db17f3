package mnist

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pkg/errors"

	"tapenet/mnist/idx"
)

const loadBytes = 70000 * (Rows*Cols + 1) // of the sets that Load returns

func TestLoad(t *testing.T) {
	var train, test Set
	var err error
	took := allocated(func() { train, test, err = Load() })
	if err != nil {
		t.Fatal(err)
	}
	if took > 2*loadBytes {
		t.Errorf("got %d bytes allocated for %d of data, want at most one extra copy", took, loadBytes)
	}
	for _, row := range []struct {
		name                   string
		set                    Set
		wantImages, wantLabels string // SHA-256 of the decompressed files
		wantCounts             [Classes]int
	}{
		{
			"train", train,
			"ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
			"65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
			[Classes]int{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}, // 60,000 in all
		}, {
			"test", test,
			"0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
			"ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
			[Classes]int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}, // 10,000 in all
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			// The header of a file follows from its data, so this is the sum of the file itself.
			if got := fmt.Sprintf("%x", sha256.Sum256(imageFile(t, row.set.Pixels))); got != row.wantImages {
				t.Errorf("SHA-256 of the images: got %s, want %s", got, row.wantImages)
			}
			if got := fmt.Sprintf("%x", sha256.Sum256(labelFile(t, row.set.Labels))); got != row.wantLabels {
				t.Errorf("SHA-256 of the labels: got %s, want %s", got, row.wantLabels)
			}
			var counts [Classes]int
			for _, label := range row.set.Labels {
				counts[label]++
			}
			if diff := cmp.Diff(row.wantCounts, counts); diff != "" {
				t.Errorf("images of each digit (-want +got):\n%s", diff)
			}
		})
	}
}

// testImages returns n images, (n, 28, 28), of which the first is all 1, the
// second all 2, and so on.
func testImages(n int) []uint8 {
	var images []uint8
	for i := range n {
		images = append(images, bytes.Repeat([]uint8{uint8(i + 1)}, Rows*Cols)...)
	}
	return images
}

// file is an IDX file.
func file(t *testing.T, data []uint8, shape ...int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := (idx.Array{Shape: shape, Data: data}).Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func imageFile(t *testing.T, images []uint8) []byte {
	return file(t, images, len(images)/(Rows*Cols), Rows, Cols)
}

func labelFile(t *testing.T, labels []uint8) []byte { return file(t, labels, len(labels)) }

// goodSets are three images to train on, one to test.
func goodSets() (train, test Set) {
	return Set{testImages(3), []uint8{4, 0, 9}}, Set{testImages(1), []uint8{5}}
}

// goodFolder is a new folder with the files of goodSets.
func goodFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	train, test := goodSets()
	if err := WriteDir(dir, train, test); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestLoadDir(t *testing.T) {
	dir := goodFolder(t)
	name := filepath.Join(dir, "t10k-images-idx3-ubyte")
	plain, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(plain)
	z.Close()
	for _, gz := range []bool{false, true} {
		if gz {
			os.Remove(name)
			if err := os.WriteFile(name+".gz", packed.Bytes(), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		train, test, err := LoadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		wantTrain, wantTest := goodSets()
		if diff := cmp.Diff([]Set{wantTrain, wantTest}, []Set{train, test}); diff != "" {
			t.Errorf("gzip %t: sets (-want +got):\n%s", gz, diff)
		}
	}
}

func TestLoadDirErrors(t *testing.T) {
	for _, row := range []struct {
		name       string
		file       string
		data       []byte // nil removes the file
		wantErr    string // after the folder's name
		wantAbsent bool   // errors.Is(err, fs.ErrNotExist)
	}{
		{"no training images", "train-images-idx3-ubyte", nil,
			"train-images-idx3-ubyte or train-images-idx3-ubyte.gz: file does not exist", true},
		{"no test labels", "t10k-labels-idx1-ubyte", nil,
			"t10k-labels-idx1-ubyte or t10k-labels-idx1-ubyte.gz: file does not exist", true},
		{"labels as images", "t10k-images-idx3-ubyte", labelFile(t, []uint8{5}),
			"t10k-images-idx3-ubyte: got uint8 values of shape [1], want uint8 of shape [N 28 28]", false},
		{"images cut short", "t10k-images-idx3-ubyte", imageFile(t, testImages(1))[:100],
			"t10k-images-idx3-ubyte: item 1 of 1: unexpected EOF", false},
		{"rows", "t10k-images-idx3-ubyte", file(t, make([]uint8, 27*28), 1, 27, 28),
			"t10k-images-idx3-ubyte: image size: got 27x28, want 28x28", false},
		{"columns", "t10k-images-idx3-ubyte", file(t, make([]uint8, 28*32), 1, 28, 32),
			"t10k-images-idx3-ubyte: image size: got 28x32, want 28x28", false},
		{"no images", "t10k-images-idx3-ubyte", imageFile(t, nil),
			"t10k-images-idx3-ubyte: image count: got 0, want at least 1", false},
		{"images as labels", "train-labels-idx1-ubyte", imageFile(t, testImages(3)),
			"train-labels-idx1-ubyte: got uint8 values of shape [3 28 28], want uint8 of shape [N]", false},
		{"labels of 32 bits", "train-labels-idx1-ubyte", []byte{0, 0, byte(idx.Int32), 1, 0, 0, 0, 1, 0, 0, 0, 4},
			"train-labels-idx1-ubyte: got int32 values of shape [1], want uint8 of shape [N]", false},
		{"label over 9", "train-labels-idx1-ubyte", labelFile(t, []uint8{4, 0, 10}),
			"train-labels-idx1-ubyte: label 3 of 3: got 10, want 0 to 9", false},
		{"fewer labels than images", "train-labels-idx1-ubyte", labelFile(t, []uint8{4, 0}),
			"got 3 images in train-images-idx3-ubyte and 2 labels in train-labels-idx1-ubyte, " +
				"want as many labels as images", false},
		{"more labels than images", "t10k-labels-idx1-ubyte", labelFile(t, []uint8{4, 0}),
			"got 1 images in t10k-images-idx3-ubyte and 2 labels in t10k-labels-idx1-ubyte, " +
				"want as many labels as images", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := goodFolder(t)
			var err error
			if path := filepath.Join(dir, row.file); row.data == nil {
				err = os.Remove(path)
			} else {
				err = os.WriteFile(path, row.data, 0o666)
			}
			if err != nil {
				t.Fatal(err)
			}
			train, test, err := LoadDir(dir)
			checkError(t, err, dir+": "+row.wantErr)
			if got := errors.Is(err, fs.ErrNotExist); got != row.wantAbsent {
				t.Errorf("errors.Is(%v, fs.ErrNotExist): got %t, want %t", err, got, row.wantAbsent)
			}
			if train.Pixels != nil || train.Labels != nil || test.Pixels != nil || test.Labels != nil {
				t.Error("got data with the error, want empty sets")
			}
		})
	}
}

func TestLoadDirNeedsFolder(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing")
	if _, _, err := LoadDir(missing); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), missing) {
		t.Errorf("no folder: got %v, want an fs.ErrNotExist that names %s", err, missing)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, bytes.Repeat([]byte{0}, 9), 0o666); err != nil {
		t.Fatal(err)
	}
	_, _, err := LoadDir(file)
	checkError(t, err, file+": got a file, want a folder")
}

// TestWriteDirErrors: sets that do not fit their own counts, and a folder that is
// missing, are errors.
func TestWriteDirErrors(t *testing.T) {
	train, test := goodSets()
	if err := WriteDir(filepath.Join(t.TempDir(), "missing"), train, test); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: got error %v", err)
	}
	train.Labels = train.Labels[:2]
	dir := t.TempDir()
	checkError(t, WriteDir(dir, train, test), filepath.Join(dir, "train-images-idx3-ubyte")+": shape [2 28 28]: got 2352 values, want 1568")
}

// allocated returns how many bytes f allocates, freed ones included.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func checkError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Errorf("error: got %v, want %s", err, want)
	}
}

func BenchmarkLoad(b *testing.B) {
	b.SetBytes(loadBytes)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Load(); err != nil {
			b.Fatal(err)
		}
	}
}
