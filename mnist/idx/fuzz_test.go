package idx

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzRead: no file makes Read panic or take more memory than a file of its
// length can need, and what is read is written as it was.
func FuzzRead(f *testing.F) {
	for _, t := range []Type{Int8, Int16, Int32, Float32, Float64} {
		f.Add(file(make([]byte, 2*types[t].size), uint32(t)<<8+2, 1, 2))
	}
	f.Add(file([]byte{1, 2}, 0x801, 2<<24))
	f.Add(concat(compressed(f, labelFile([]byte{1})), make([]byte, 9)))
	f.Fuzz(func(t *testing.T, file []byte) {
		packed := strings.HasPrefix(string(file), gzipMagic)
		expansion := 1
		if packed {
			expansion = 1032 // the most that deflate can compress: 258 bytes to 2 bits
		}
		want := uint64(1<<20 + (growth+2)*expansion*len(file)) // 1 MB for buffers, and for what other goroutines take
		var a Array
		var err error
		got := allocated(func() { a, err = Read(bytes.NewReader(file)) })
		if got > want {
			t.Fatalf("got %d bytes allocated for a file of %d, want at most %d", got, len(file), want)
		}
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := a.Write(&again); err != nil {
			t.Fatal(err)
		}
		if !packed && !bytes.Equal(again.Bytes(), file) { // a file that is not compressed has only one form
			t.Fatalf("read and written again: got %d bytes that differ from the %d read", again.Len(), len(file))
		}
		b, err := Read(&again)
		if diff := cmp.Diff(a, b); err != nil || diff != "" {
			t.Fatalf("written and read again: error %v, (-want +got):\n%s", err, diff)
		}
	})
}
