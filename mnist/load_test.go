package mnist

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pkg/errors"
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
			if got := fmt.Sprintf("%x", sha256.Sum256(imageFile(row.set.Pixels))); got != row.wantImages {
				t.Errorf("SHA-256 of the images: got %s, want %s", got, row.wantImages)
			}
			if got := fmt.Sprintf("%x", sha256.Sum256(labelFile(row.set.Labels))); got != row.wantLabels {
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

// folder writes files to a new folder and returns its path.
func folder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// goodFiles returns a folder's files: three images to train on, one to test.
func goodFiles() map[string][]byte {
	return map[string][]byte{
		"train-images-idx3-ubyte": imageFile(testImages(3)),
		"train-labels-idx1-ubyte": labelFile([]uint8{4, 0, 9}),
		"t10k-images-idx3-ubyte":  imageFile(testImages(1)),
		"t10k-labels-idx1-ubyte":  labelFile([]uint8{5}),
	}
}

func TestLoadDir(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(files map[string][]byte)
	}{
		{"plain", func(map[string][]byte) {}},
		{"gzip", func(files map[string][]byte) {
			for name, data := range goodFiles() {
				files[name+".gz"] = compressed(t, data)
				delete(files, name)
			}
		}},
		{"mixed", func(files map[string][]byte) {
			files["t10k-images-idx3-ubyte.gz"] = compressed(t, files["t10k-images-idx3-ubyte"])
			delete(files, "t10k-images-idx3-ubyte")
		}},
		{"plain wins", func(files map[string][]byte) {
			files["train-labels-idx1-ubyte.gz"] = compressed(t, labelFile([]uint8{1, 1, 1}))
		}},
		{"gzip without .gz", func(files map[string][]byte) {
			files["train-labels-idx1-ubyte"] = compressed(t, files["train-labels-idx1-ubyte"])
		}},
		{"plain with .gz", func(files map[string][]byte) {
			files["train-labels-idx1-ubyte.gz"] = files["train-labels-idx1-ubyte"]
			delete(files, "train-labels-idx1-ubyte")
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			files := goodFiles()
			row.change(files)
			train, test, err := LoadDir(folder(t, files))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(threeImages(), train); diff != "" {
				t.Errorf("training set (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(Set{Pixels: testImages(1), Labels: []uint8{5}}, test); diff != "" {
				t.Errorf("test set (-want +got):\n%s", diff)
			}
		})
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
		{"bad images", "t10k-images-idx3-ubyte", labelFile([]uint8{5}),
			"t10k-images-idx3-ubyte: magic number: got 0x00000801, want 0x00000803", false},
		{"bad labels", "train-labels-idx1-ubyte", labelFile([]uint8{4, 0, 10}),
			"train-labels-idx1-ubyte: label 3 of 3: got 10, want 0 to 9", false},
		{"fewer labels than images", "train-labels-idx1-ubyte", labelFile([]uint8{4, 0}),
			"got 3 images in train-images-idx3-ubyte and 2 labels in train-labels-idx1-ubyte, " +
				"want as many labels as images", false},
		{"more labels than images", "t10k-labels-idx1-ubyte", compressed(t, labelFile([]uint8{4, 0})),
			"got 1 images in t10k-images-idx3-ubyte and 2 labels in t10k-labels-idx1-ubyte, " +
				"want as many labels as images", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			files := goodFiles()
			delete(files, row.file)
			if row.data != nil {
				files[row.file] = row.data
			}
			dir := folder(t, files)
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

// The file that was read is named, not the name it was looked for by.
func TestLoadDirErrorNamesGzip(t *testing.T) {
	files := goodFiles()
	delete(files, "t10k-labels-idx1-ubyte")
	files["t10k-labels-idx1-ubyte.gz"] = compressed(t, labelFile([]uint8{5}))[:25]
	dir := folder(t, files)
	_, _, err := LoadDir(dir)
	checkError(t, err, dir+": t10k-labels-idx1-ubyte.gz: after label 1 of 1: unexpected EOF")
}

// lockedFS has every file, but lets none be opened.
type lockedFS struct{}

func (lockedFS) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
}

func TestLoadKeepsOpenErrors(t *testing.T) {
	_, _, err := load(lockedFS{})
	checkError(t, err, "open train-images-idx3-ubyte: permission denied")
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

func BenchmarkLoad(b *testing.B) {
	b.SetBytes(loadBytes)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Load(); err != nil {
			b.Fatal(err)
		}
	}
}
