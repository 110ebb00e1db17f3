package idx

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/pkg/errors"
)

func TestWrite(t *testing.T) {
	for _, row := range []struct {
		array Array
		want  []byte
	}{
		{Array{Uint8, []int{2}, []uint8{5, 0}}, []byte{0, 0, 8, 1, 0, 0, 0, 2, 5, 0}},
		{Array{Uint8, []int{1, 3}, []uint8{1, 2, 3}}, []byte{0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3}},
		{Array{Uint8, []int{0, 260}, nil}, []byte{0, 0, 8, 2, 0, 0, 0, 0, 0, 0, 1, 4}},
		{Array{Shape: []int{1}, Data: []uint8{7}}, []byte{0, 0, 8, 1, 0, 0, 0, 1, 7}},
		{Array{Int16, []int{2}, []uint8{1, 2, 3, 4}}, []byte{0, 0, 11, 1, 0, 0, 0, 2, 1, 2, 3, 4}},
	} {
		var got bytes.Buffer
		if err := row.array.Write(&got); err != nil || !bytes.Equal(got.Bytes(), row.want) {
			t.Errorf("%v: got % x and error %v, want % x", row.array, got.Bytes(), err, row.want)
		}
	}
}

// TestWriteErrors: an array that is none writes nothing.
func TestWriteErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	for want, a := range map[string]Array{
		"shape: got 0 axes, want 1 to 4":                                                   {},
		"shape: got 5 axes, want 1 to 4":                                                   {Shape: []int{1, 1, 1, 1, 1}, Data: []uint8{1}},
		"shape [-1]: got an axis of length -1, want 0 to 4294967295":                       {Shape: []int{-1}},
		"shape [4294967296 0]: got an axis of length 4294967296, want 0 to 4294967295":     {Shape: []int{1 << 32, 0}},
		"shape [2 3]: got 5 values, want 6":                                                {Shape: []int{2, 3}, Data: make([]uint8, 5)},
		"shape [4294967295 4294967295]: got more than 9223372036854775807 bytes of values": {Shape: []int{math.MaxUint32, math.MaxUint32}},
		"shape [1073741824 1073741824]: got more than 9223372036854775807 bytes of values": {Type: Float64, Shape: []int{1 << 30, 1 << 30}},
		"shape [3]: got 3 bytes of int32 values, want 12":                                  {Type: Int32, Shape: []int{3}, Data: make([]uint8, 3)},
		"got values of unknown type 0x0a":                                                  {Type: 0x0a, Shape: []int{1}, Data: []uint8{1}},
	} {
		var got bytes.Buffer
		if err := a.Write(&got); err == nil || err.Error() != want || got.Len() > 0 {
			t.Errorf("got %d bytes and error %v, want none and %q", got.Len(), err, want)
		}
		if err := a.WriteFile(path); err == nil || err.Error() != path+": "+want {
			t.Errorf("file: got error %v, want %q", err, path+": "+want)
		}
	}
	if left, err := os.ReadFile(path); err != nil || string(left) != "old" {
		t.Errorf("the file was changed to %q, error %v", left, err)
	}
}

// full takes some bytes and then no more.
type full struct{ room int }

func (f *full) Write(p []byte) (int, error) {
	n := min(len(p), f.room)
	f.room -= n
	if n < len(p) {
		return n, errors.New("no room")
	}
	return n, nil
}

func TestWriteKeepsErrors(t *testing.T) {
	for room := range 10 {
		if err := (Array{Uint8, []int{2}, []uint8{5, 0}}).Write(&full{room}); err == nil || err.Error() != "no room" {
			t.Errorf("room for %d bytes of 10: got error %v", room, err)
		}
	}
}
