package mnist

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

func FuzzReadImages(f *testing.F) {
	f.Fuzz(func(t *testing.T, file []byte) {
		images := fuzzRead(t, file, ReadImages)
		if images == nil {
			return
		}
		if len(images) == 0 || len(images)%(Rows*Cols) != 0 {
			t.Fatalf("got %d pixels, want a multiple of %d", len(images), Rows*Cols)
		}
		checkRoundTrip(t, file, images, imageFile(images), ReadImages)
	})
}

func FuzzReadLabels(f *testing.F) {
	f.Fuzz(func(t *testing.T, file []byte) {
		labels := fuzzRead(t, file, ReadLabels)
		if labels == nil {
			return
		}
		for i, label := range labels {
			if label >= Classes {
				t.Fatalf("label %d of %d: got %d, want 0 to 9", i+1, len(labels), label)
			}
		}
		checkRoundTrip(t, file, labels, labelFile(labels), ReadLabels)
	})
}

// fuzzRead returns what read makes of file, nil if that is an error, and checks that it takes no more memory than a
// file of this length can need.
func fuzzRead(t *testing.T, file []byte, read func(io.Reader) ([]uint8, error)) (data []uint8) {
	expansion := 1
	if isGzip(file) {
		expansion = 1032 // the most that deflate can compress: 258 bytes to 2 bits
	}
	want := uint64(1<<20 + (growth+2)*expansion*len(file)) // 1 MB for buffers, and for what other goroutines take
	got := allocated(func() {
		var err error
		if data, err = read(bytes.NewReader(file)); err != nil {
			data = nil
		}
	})
	if got > want {
		t.Fatalf("got %d bytes allocated for a file of %d, want at most %d", got, len(file), want)
	}
	return data
}

// checkRoundTrip checks that data, read from file, is what again, its IDX file, reads back as. A file that is not
// compressed has only one form, so again must be file.
func checkRoundTrip(t *testing.T, file, data, again []byte, read func(io.Reader) ([]uint8, error)) {
	if !isGzip(file) && !bytes.Equal(again, file) {
		t.Fatalf("read and written again: got %d bytes that differ from the %d read", len(again), len(file))
	}
	got, err := read(bytes.NewReader(again))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, data) {
		t.Fatalf("written and read again: got %d bytes that differ from the %d written", len(got), len(data))
	}
}

func isGzip(file []byte) bool { return strings.HasPrefix(string(file), gzipMagic) }
