package data

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapenet/graph"
)

// records are n images of CIFAR with random pixels. Each has labels bytes of
// labels, all the same: class, class+1, …
func records(n, labels int, class uint8) (file []byte) {
	rng := rand.New(rand.NewPCG(uint64(n), uint64(class)))
	for i := range n {
		file = append(file, bytes.Repeat([]byte{class + uint8(i)}, labels)...)
		for range 3 * 32 * 32 {
			file = append(file, uint8(rng.Uint32()))
		}
	}
	return file
}

func TestCIFAR10(t *testing.T) {
	dir := t.TempDir()
	var pixels, labels []uint8
	for i := range 5 {
		file := records(i+1, 1, uint8(i))
		for ; len(file) > 0; file = file[3073:] {
			labels = append(labels, file[0])
			pixels = append(pixels, file[1:3073]...)
		}
		write(t, dir, fmt.Sprintf("data_batch_%d.bin", i+1), records(i+1, 1, uint8(i)))
	}
	write(t, dir, "test_batch.bin", records(1, 1, 9))
	got, err := Load(context.Background(), dir, false)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(labels, got.Train.Labels); diff != "" || !bytes.Equal(got.Train.Pixels, pixels) {
		t.Errorf("pixels differ: %t; labels (-want +got):\n%s", !bytes.Equal(got.Train.Pixels, pixels), diff)
	}
	if !bytes.Equal(got.Test.Pixels, records(1, 1, 9)[1:]) || !bytes.Equal(got.Test.Labels, []uint8{9}) {
		t.Errorf("another test image, label %v", got.Test.Labels)
	}
	if got.Classes != 10 || got.Names != nil || got.Notes != nil || !cmp.Equal(got.Shape, graph.Shape{3, 32, 32}) {
		t.Errorf("got %d classes %v of %v, notes %v", got.Classes, got.Names, got.Shape, got.Notes)
	}

	write(t, dir, "data_batch_3.bin", records(2, 1, 9))
	if _, err := Load(context.Background(), dir, false); err == nil || err.Error() != "-data: "+dir+": data_batch_3.bin: label 2 of 2: got 10, want 0 to 9" {
		t.Errorf("got error %v", err)
	}
	write(t, dir, "data_batch_3.bin", records(2, 1, 0))

	names := "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck"
	write(t, dir, "batches.meta.txt", names+"\n\n")
	if got, err := Load(context.Background(), dir, false); err != nil || strings.Join(got.Names, "\n") != names {
		t.Errorf("got names %q and error %v", got.Names, err)
	}
	write(t, dir, "batches.meta.txt", "cat\ndog\n")
	if _, err := Load(context.Background(), dir, false); err == nil || err.Error() != "-data: "+dir+": batches.meta.txt: got 2 names, want 10" {
		t.Errorf("got error %v", err)
	}
}

func TestCIFAR100(t *testing.T) {
	dir := t.TempDir()
	file := records(2, 2, 98)
	file[0], file[3074] = 7, 19 // coarse labels
	write(t, dir, "train.bin", file)
	write(t, dir, "test.bin", records(1, 2, 0))
	var names strings.Builder
	for i := range 100 {
		fmt.Fprintln(&names, "name", i)
	}
	write(t, dir, "fine_label_names.txt", names.String())
	got, err := Load(context.Background(), dir, false)
	if err != nil || got.Classes != 100 || got.Names[99] != "name 99" || !cmp.Equal(got.Train.Labels, []uint8{98, 99}) {
		t.Errorf("got %d classes, labels %v and error %v", got.Classes, got.Train.Labels, err)
	}
	if want := append(file[2:3074:3074], file[3076:]...); !bytes.Equal(got.Train.Pixels, want) {
		t.Error("other pixels")
	}
}

func TestCIFARErrors(t *testing.T) {
	for _, row := range []struct {
		file []byte
		want string
	}{
		{nil, "train.bin: got 0 bytes, want a multiple of 3074: 2 for the labels of an image, 3*32*32 for its pixels"},
		{records(2, 2, 0)[1:], "train.bin: got 6147 bytes, want a multiple of 3074: 2 for the labels of an image, 3*32*32 for its pixels"},
		{records(2, 2, 99), "train.bin: label 2 of 2: got 100, want 0 to 99"},
	} {
		dir := t.TempDir()
		write(t, dir, "train.bin", row.file)
		write(t, dir, "test.bin", records(1, 2, 0))
		if _, err := Load(context.Background(), dir, false); err == nil || err.Error() != "-data: "+dir+": "+row.want {
			t.Errorf("got error %v, want %s", err, row.want)
		}
	}
}
