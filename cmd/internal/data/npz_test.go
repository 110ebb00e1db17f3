package data

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapenet/graph"
	"tapenet/mnist/idx"
	"tapenet/models/weights/npz"
	"tapenet/train"
)

// writeNPZ writes arrays as numpy.savez does. Values of f4 are rounded to
// float32, those of i8 are whole.
func writeNPZ(t *testing.T, path string, arrays map[string]npz.Array) {
	t.Helper()
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		a := arrays[name]
		shape := graph.Shape(a.Shape).Join(",")
		if len(a.Shape) == 1 {
			shape += ","
		}
		header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", a.Type, shape)
		header += strings.Repeat(" ", 63-(10+len(header))%64) + "\n"
		w, err := z.Create(name + ".npy")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(w, "\x93NUMPY\x01\x00%s%s%s", binary.LittleEndian.AppendUint16(nil, uint16(len(header))), header, a.Data)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, file.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestNPZ(t *testing.T) {
	f4 := func(values ...float32) (b []byte) {
		for _, v := range values {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
		return b
	}
	i8 := func(values ...int64) (b []byte) {
		for _, v := range values {
			b = binary.LittleEndian.AppendUint64(b, uint64(v))
		}
		return b
	}
	good := func() map[string]npz.Array {
		return map[string]npz.Array{
			"x_train": {Type: "|u1", Shape: []int{3, 1, 2}, Data: []byte{1, 2, 3, 4, 5, 6}}, "y_train": {Type: "|u1", Shape: []int{3}, Data: []byte{0, 2, 1}},
			"x_test": {Type: "<f4", Shape: []int{2, 1, 2}, Data: f4(0, 255, 7, 0)}, "y_test": {Type: "<i8", Shape: []int{2, 1}, Data: i8(1, 0)},
			"notes": {Type: "|u1", Shape: []int{1}, Data: []byte{0}},
		}
	}
	want := Sets{
		Train: train.Data{Pixels: []uint8{1, 2, 3, 4, 5, 6}, Labels: []uint8{0, 2, 1}}, Test: train.Data{Pixels: []uint8{0, 255, 7, 0}, Labels: []uint8{1, 0}},
		Shape: graph.Shape{1, 1, 2}, Classes: 3,
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "mnist.npz")
	load := func(arrays map[string]npz.Array) (Sets, error) {
		writeNPZ(t, path, arrays)
		return Load(context.Background(), path, false)
	}
	got, err := load(good())
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v, (-want +got):\n%s", err, diff)
	}

	arrays := good()
	arrays["x_test"] = npz.Array{Type: "|b1", Shape: []int{2, 1, 2}, Data: []byte{0, 1, 1, 0}}
	if got, err := load(arrays); err != nil || !bytes.Equal(got.Test.Pixels, []uint8{0, 255, 255, 0}) || len(got.Notes) != 1 {
		t.Errorf("truth values: got pixels %v, notes %q, error %v", got.Test.Pixels, got.Notes, err)
	}
	arrays["x_test"] = npz.Array{Type: "<i8", Shape: []int{2, 1, 2}, Data: i8(0, 1, 1, 0)}
	if got, err := load(arrays); err != nil || !bytes.Equal(got.Test.Pixels, []uint8{0, 1, 1, 0}) || got.Notes != nil {
		t.Errorf("0 and 1: got pixels %v, notes %q, error %v", got.Test.Pixels, got.Notes, err)
	}

	medical := map[string]npz.Array{}
	for name, a := range good() {
		part, set, _ := strings.Cut(name, "_")
		medical[set+map[string]string{"x": "_images", "y": "_labels"}[part]] = a
	}
	got, err = load(medical)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("MedMNIST's names: error %v, (-want +got):\n%s", err, diff)
	}

	other := map[string]npz.Array{}
	for name, a := range good() {
		other[map[string]string{"x_train": "Training-Images", "y_train": "trainY", "x_test": "X_test", "y_test": "test_targets"}[name]] = a
	}
	got, err = load(other)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("names of all kinds: error %v, (-want +got):\n%s", err, diff)
	}

	for wantErr, change := range map[string]func(map[string]npz.Array){
		"got the arrays notes, x_test, x_train, y_train, want x_train, y_train, x_test, y_test or": func(a map[string]npz.Array) { delete(a, "y_test") },
		"x_train: got an array (3, 2), want images": func(a map[string]npz.Array) {
			a["x_train"] = npz.Array{Type: "|u1", Shape: []int{3, 2}, Data: make([]byte, 6)}
		},
		"y_train: label 2 of 3: got -2, want a whole number from 0 to 256": func(a map[string]npz.Array) {
			a["y_train"] = npz.Array{Type: "<i8", Shape: []int{3}, Data: i8(0, -2, 1)}
		},
		`array "x_train": `: func(a map[string]npz.Array) {
			a["x_train"] = npz.Array{Type: "|O", Shape: []int{3}, Data: make([]byte, 24)}
		},
		"y_train: got an array (3, 3), want labels (N) or (N, 1): the number of each image's class": func(a map[string]npz.Array) {
			a["y_train"] = npz.Array{Type: "|u1", Shape: []int{3, 3}, Data: []byte{1, 0, 0, 0, 1, 0, 0, 0, 1}}
		},
		"got the arrays train_images and x_train, want one of them": func(a map[string]npz.Array) { a["train_images"] = a["x_train"] },
		"got 3 images in x_train and 2 labels in y_train": func(a map[string]npz.Array) {
			a["y_train"] = npz.Array{Type: "|u1", Shape: []int{2}, Data: []byte{0, 1}}
		},
	} {
		arrays := good()
		change(arrays)
		if _, err := load(arrays); err == nil || !strings.HasPrefix(err.Error(), "-data: "+path+": "+wantErr) {
			t.Errorf("got error %v, want %s", err, wantErr)
		}
	}

	write(t, dir, "web.npz", "<html>no</html>")
	if _, err := Load(context.Background(), filepath.Join(dir, "web.npz"), false); err == nil || !strings.Contains(err.Error(), "a web page") {
		t.Errorf("got error %v", err)
	}
	write(t, dir, classesFile, "cat\ndog\nhorse\n")
	if got, err := load(good()); err != nil || !cmp.Equal(got.Names, []string{"cat", "dog", "horse"}) {
		t.Errorf("got names %q and error %v", got.Names, err)
	}
}

// TestPartOf: only names that tell both the set and what is in it are parts.
func TestPartOf(t *testing.T) {
	for name, want := range map[string]int{"x_train": 0, "targets-test": 3, "TestImages": 2, "trainingLabels": 1} {
		if got, ok := partOf(name); !ok || got != want {
			t.Errorf("%s: got %d, %t, want %d", name, got, ok, want)
		}
	}
	for _, name := range []string{"", "x", "train", "images", "x_val", "train_x_test", "max_train", "train_xy", "train_extra"} {
		if got, ok := partOf(name); ok {
			t.Errorf("%s: got %d, want none", name, got)
		}
	}
}

// TestKMNIST: a part of a set may be a .npz file of one array.
func TestKMNIST(t *testing.T) {
	dir := t.TempDir()
	for i, a := range []idx.Array{imagesOf(3), labelsOf(0, 2, 1), imagesOf(2), labelsOf(1, 0)} {
		name := []string{"kmnist-train-imgs.npz", "kmnist-train-labels.npz", "kmnist-test-imgs.npz", "kmnist-test-labels.npz"}[i]
		writeNPZ(t, filepath.Join(dir, name), map[string]npz.Array{"arr_0": {Type: "|u1", Shape: a.Shape, Data: a.Data}})
	}
	want := smallSet(t, t.TempDir(), parts...)
	for _, path := range []string{dir, filepath.Join(dir, "kmnist-test-labels.npz"), filepath.Join(dir, "kmnist")} {
		got, err := Load(context.Background(), path, false)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: error %v, (-want +got):\n%s", path, err, diff)
		}
	}
	writeNPZ(t, filepath.Join(dir, "kmnist-test-labels.npz"), map[string]npz.Array{"a": {Type: "|u1", Shape: []int{1}, Data: []byte{1}}, "b": {Type: "|u1", Shape: []int{1}, Data: []byte{1}}})
	if _, err := Load(context.Background(), dir, false); err == nil || err.Error() != "-data: "+dir+": kmnist-test-labels.npz: got the arrays a, b, want one" {
		t.Errorf("got error %v", err)
	}
	write(t, dir, "kmnist-test-labels.npz", "<html>")
	if _, err := Load(context.Background(), dir, false); err == nil || err.Error() != "-data: "+dir+": kmnist-test-labels.npz: got a web page (HTML), want a NumPy archive (.npz): download it again" {
		t.Errorf("got error %v", err)
	}
}
