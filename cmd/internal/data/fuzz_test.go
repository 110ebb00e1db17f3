package data

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"tapenet/graph"
	"tapenet/mnist/idx"
	"tapenet/train"
)

// checkSets is an error of the test if sets that were read could not be trained
// on.
func checkSets(t *testing.T, s Sets) {
	t.Helper()
	for _, d := range []train.Data{s.Train, s.Test} {
		if d.Len() == 0 || len(d.Pixels) != d.Len()*s.Shape.Size() || int(slices.Max(d.Labels)) >= s.Classes {
			t.Errorf("got %d labels up to %d, %d pixels, %d classes of %v", d.Len(), slices.Max(d.Labels), len(d.Pixels), s.Classes, s.Shape)
		}
	}
	if s.Names != nil && len(s.Names) != s.Classes {
		t.Errorf("got %d names of %d classes", len(s.Names), s.Classes)
	}
}

// FuzzFolder: whatever the files of a folder hold, it is read or it is an error.
func FuzzFolder(f *testing.F) {
	file := func(a idx.Array) []byte {
		var b bytes.Buffer
		a.Write(&b)
		return b.Bytes()
	}
	f.Add(file(imagesOf(2)), file(labelsOf(0, 1)), []byte("a\nb"))
	f.Add(file(imagesOf(2, 3, 3, 3)), file(int32s([]int{2, 1}, 1, 2)), []byte{})
	f.Add(file(float32s([]int{1, 1, 2}, 0.5, 1)), file(int32s([]int{1, 8}, 5, 0, 0, 0, 0, 0, 0, 0)), []byte("a\nb\nc\r\n"))
	f.Fuzz(func(t *testing.T, images, labels, classes []byte) {
		dir := t.TempDir()
		for _, set := range []string{"train", "test"} {
			write(t, dir, set+"-images", images)
			write(t, dir, set+"-labels-idx2-int", labels)
		}
		if len(classes) > 0 {
			write(t, dir, classesFile, classes)
		}
		if s, err := Load(context.Background(), dir, true); err == nil {
			checkSets(t, s)
		}
	})
}

// FuzzSplit: a record of CIFAR is a label and the bytes after it, whatever they
// are.
func FuzzSplit(f *testing.F) {
	f.Add(records(2, 1, 3))
	f.Add(records(1, 2, 99))
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, c := range cifars {
			labels, pixels, err := c.split(bytes.Clone(file))
			if err != nil {
				continue
			}
			if len(labels) == 0 || len(pixels)+c.labels*len(labels) != len(file) || len(pixels) != len(labels)*(graph.Shape{3, 32, 32}).Size() {
				t.Fatalf("got %d labels and %d pixels of %d bytes", len(labels), len(pixels), len(file))
			}
			record := len(file) / len(labels)
			for i, label := range labels {
				r := file[i*record:][:record]
				if int(label) >= c.classes || uint8(label) != r[c.labels-1] || !bytes.Equal(r[c.labels:], pixels[i*3072:][:3072]) {
					t.Fatalf("record %d differs", i)
				}
			}
		}
	})
}

// FuzzNames: a name that is read has a part, and its prefix starts it.
func FuzzNames(f *testing.F) {
	f.Add("emnist-letters-train-images-idx3-ubyte.gz")
	f.Add("T10K-labels.idx1-ubyte")
	f.Fuzz(func(t *testing.T, name string) {
		n, ok := parseName(name)
		if ok && (!slices.Contains(parts, n.part) || len(n.prefix) >= len(name) || name[:len(n.prefix)] != n.prefix) {
			t.Errorf("%q: got %+v", name, n)
		}
	})
}
