package idx

import (
	"bytes"
	"encoding/binary"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/pkg/errors"
)

// Images of the tests have 28x28 pixels.
const imageSize = 28 * 28

// testImages returns n images, (n, 28, 28), of which the first is all 1, the
// second all 2, and so on.
func testImages(n int) []uint8 {
	var images []uint8
	for i := range n {
		images = append(images, bytes.Repeat([]uint8{uint8(i + 1)}, imageSize)...)
	}
	return images
}

// file returns an IDX file of the given header, which need not be true, and
// data.
func file(data []uint8, header ...uint32) []byte {
	var file []byte
	for _, field := range header {
		file = binary.BigEndian.AppendUint32(file, field)
	}
	return append(file, data...)
}

func imageFile(images []uint8) []byte {
	return file(images, 0x803, uint32(len(images)/imageSize), 28, 28)
}

func labelFile(labels []uint8) []byte { return file(labels, 0x801, uint32(len(labels))) }

// concat joins parts into a new slice, so that table rows can be made from one
// file without writing to it.
func concat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestRead(t *testing.T) {
	for _, row := range []struct {
		name string
		file []byte
		want Array
	}{
		{"labels", labelFile([]uint8{7, 255, 1}), Array{[]int{3}, []uint8{7, 255, 1}}},
		{"points", file([]uint8{1, 2, 3, 4, 5, 6}, 0x802, 3, 2), Array{[]int{3, 2}, []uint8{1, 2, 3, 4, 5, 6}}},
		{"images, more than firstChunk", imageFile(testImages(100)), Array{[]int{100, 28, 28}, testImages(100)}},
		{"colours", file(make([]uint8, 5*3*2*2), 0x804, 5, 3, 2, 2), Array{[]int{5, 3, 2, 2}, make([]uint8, 60)}},
		{"no images", imageFile(nil), Array{[]int{0, 28, 28}, nil}},
		{"images of no rows", file(nil, 0x803, 5, 0, 28), Array{[]int{5, 0, 28}, nil}},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := Read(iotest.HalfReader(bytes.NewReader(row.file)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("array (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadErrors(t *testing.T) {
	images := imageFile(testImages(2))
	labels := labelFile([]uint8{3, 1, 4})
	for _, row := range []struct {
		name    string
		file    []byte
		wantErr string
	}{
		{"empty file", nil, "header: unexpected EOF"},
		{"half a magic number", images[:2], "header: unexpected EOF"},
		{"no axes", file([]uint8{1}, 0x800), "magic number: got 0x00000800, want 0x00000801 to 0x00000804"},
		{"five axes", file([]uint8{1}, 0x805, 1, 1, 1, 1, 1), "magic number: got 0x00000805, want 0x00000801 to 0x00000804"},
		{"floats", file(make([]uint8, 4), 0xd01, 1), "magic number: got 0x00000d01, want 0x00000801 to 0x00000804"},
		{"first bytes not 0", file(nil, 0x10803), "magic number: got 0x00010803, want 0x00000801 to 0x00000804"},
		{"header of images cut short", images[:15], "header: unexpected EOF"},
		{"header of labels cut short", labels[:7], "header: unexpected EOF"},
		{"overflow", file(nil, 0x804, 1<<31, 1<<31, 2, 1), "shape [2147483648 2147483648 2 1]: got more than 9223372036854775807 values"},
		{"no data", images[:16], "item 1 of 2: unexpected EOF"},
		{"second image missing", images[:16+imageSize], "item 2 of 2: unexpected EOF"},
		{"last byte missing", images[:len(images)-1], "item 2 of 2: unexpected EOF"},
		{"last label missing", labels[:len(labels)-1], "item 3 of 3: unexpected EOF"},
		{"cut short after firstChunk", file(testImages(90), 0x803, 100, 28, 28), "item 91 of 100: unexpected EOF"},
		{"4 billion, none there", file(nil, 0x803, 0xffffffff, 28, 28), "item 1 of 4294967295: unexpected EOF"},
		{"trailing byte", concat(images, []byte{0}), "after item 2 of 2: got more data, want the end"},
		{"data of no images", concat(imageFile(nil), []byte{0}), "after item 0 of 0: got more data, want the end"},
	} {
		t.Run(row.name, func(t *testing.T) {
			a, err := Read(bytes.NewReader(row.file))
			checkError(t, a, err, row.wantErr)
		})
	}
}

// A failing disk must not look like a file that is too short.
func TestReadKeepsReadErrors(t *testing.T) {
	broken := errors.New("broken disk")
	images := imageFile(testImages(2))
	packed := compressed(t, images)
	for _, row := range []struct {
		name    string
		before  []byte
		wantErr string
	}{
		{"at once", nil, "header: broken disk"},
		{"in the header", images[:8], "header: broken disk"},
		{"in an image", images[:1000], "item 2 of 2: broken disk"},
		{"at the end", images, "after item 2 of 2: broken disk"},
		{"at the end of gzip", packed, "after item 2 of 2: broken disk"},
		{"a byte after gzip", concat(packed, []byte{0}), "after item 2 of 2: broken disk"},
	} {
		t.Run(row.name, func(t *testing.T) {
			a, err := Read(io.MultiReader(bytes.NewReader(row.before), iotest.ErrReader(broken)))
			checkError(t, a, err, row.wantErr)
			if !errors.Is(err, broken) {
				t.Errorf("errors.Is(%v, broken): got false, want true", err)
			}
		})
	}
}

// TimeoutReader fails once, at the second byte, and would then go on.
func TestReadKeepsPassingErrors(t *testing.T) {
	a, err := Read(iotest.TimeoutReader(iotest.OneByteReader(bytes.NewReader(imageFile(testImages(1))))))
	checkError(t, a, err, "header: timeout")
}

func TestLyingHeaderTakesLittleMemory(t *testing.T) {
	const slack = 256 << 10 // firstChunk, the buffers of bufio and gzip, the error and its stack
	million := make([]byte, 1e6)
	for _, row := range []struct {
		name string
		file []byte
		want uint64
	}{
		{"4 billion images", file(nil, 0x803, 0xffffffff, 28, 28), slack},
		{"4 billion labels", file(nil, 0x801, 0xffffffff), slack},
		{"one image of 2^60 pixels", file(nil, 0x803, 1, 1<<30, 1<<30), slack},
		{"4 billion images, 1 MB there", file(million, 0x803, 0xffffffff, 28, 28), (growth+2)*1e6 + slack},
		{"4 billion images, 1 MB there in gzip", compressed(t, file(million, 0x803, 0xffffffff, 28, 28)), (growth+2)*1e6 + slack},
	} {
		t.Run(row.name, func(t *testing.T) {
			var err error
			got := allocated(func() { _, err = Read(bytes.NewReader(row.file)) })
			if err == nil {
				t.Error("got no error")
			}
			if got > row.want {
				t.Errorf("got %d bytes allocated for a file of %d, want at most %d", got, len(row.file), row.want)
			}
		})
	}
}

func TestReadFile(t *testing.T) {
	plain, packed := labelFile([]uint8{1}), compressed(t, labelFile([]uint8{2}))
	for _, row := range []struct {
		name    string
		files   map[string][]byte
		want    uint8 // the only label
		wantErr string
	}{
		{"plain", map[string][]byte{"a": plain}, 1, ""},
		{"gzip", map[string][]byte{"a.gz": packed}, 2, ""},
		{"plain wins", map[string][]byte{"a": plain, "a.gz": packed}, 1, ""},
		{"gzip without .gz", map[string][]byte{"a": packed}, 2, ""},
		{"plain with .gz", map[string][]byte{"a.gz": plain}, 1, ""},
		{"neither", nil, 0, "a or a.gz: file does not exist"},
		{"cut short", map[string][]byte{"a": plain[:8]}, 0, "a: item 1 of 1: unexpected EOF"},
		{"gzip cut short", map[string][]byte{"a.gz": packed[:25]}, 0, "a.gz: after item 1 of 1: unexpected EOF"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			fsys := fstest.MapFS{}
			for name, data := range row.files {
				fsys[name] = &fstest.MapFile{Data: data}
				if err := os.WriteFile(name, data, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			check := func(a Array, err error) {
				t.Helper()
				if checkError(t, a, err, row.wantErr); err == nil && a.Data[0] != row.want {
					t.Errorf("got %v, want %d", a.Data, row.want)
				}
				if got := errors.Is(err, fs.ErrNotExist); got != (row.files == nil) {
					t.Errorf("errors.Is(%v, fs.ErrNotExist): got %t", err, got)
				}
			}
			check(ReadFile("a"))
			check(ReadFS(fsys, "a"))
		})
	}
	dir := t.TempDir()
	if _, err := ReadFile(dir); err == nil || !strings.Contains(err.Error(), filepath.Base(dir)) {
		t.Errorf("a folder: got error %v", err)
	}
}

// lockedFS refuses to open any file.
type lockedFS struct{}

func (lockedFS) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
}

func TestReadFSKeepsOpenErrors(t *testing.T) {
	a, err := ReadFS(lockedFS{}, "a")
	checkError(t, a, err, "open a: permission denied")
}

// allocated returns how many bytes f allocates, freed ones included.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// checkError checks that err says want, or is nil if want is empty, and that
// nothing came with an error.
func checkError(t *testing.T, a Array, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if got != want {
		t.Errorf("error: got %q, want %q", got, want)
	}
	if err != nil && (a.Shape != nil || a.Data != nil) {
		t.Errorf("got %v with the error, want none", a.Shape)
	}
}
