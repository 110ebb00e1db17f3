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
		{"labels", labelFile([]uint8{7, 255, 1}), Array{Uint8, []int{3}, []uint8{7, 255, 1}}},
		{"points", file([]uint8{1, 2, 3, 4, 5, 6}, 0x802, 3, 2), Array{Uint8, []int{3, 2}, []uint8{1, 2, 3, 4, 5, 6}}},
		{"images, more than firstChunk", imageFile(testImages(100)), Array{Uint8, []int{100, 28, 28}, testImages(100)}},
		{"colours", file(make([]uint8, 5*3*2*2), 0x804, 5, 3, 2, 2), Array{Uint8, []int{5, 3, 2, 2}, make([]uint8, 60)}},
		{"no images", imageFile(nil), Array{Uint8, []int{0, 28, 28}, nil}},
		{"floats of no rows", file(nil, 0xe04, 5, 0, 28, 28), Array{Float64, []int{5, 0, 28, 28}, nil}},
		{"labels of 32 bits", file([]uint8{0, 0, 1, 2, 0, 0, 0, 3}, 0xc01, 2), Array{Int32, []int{2}, []uint8{0, 0, 1, 2, 0, 0, 0, 3}}},
		{"floats, more than firstChunk", file(make([]uint8, 9000*2*4), 0xd02, 9000, 2), Array{Float32, []int{9000, 2}, make([]uint8, 72000)}},
		{"images of no rows", file(nil, 0x803, 5, 0, 28), Array{Uint8, []int{5, 0, 28}, nil}},
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
		{"empty file", nil, "got an empty file, want an IDX file: copy or download it again"},
		{"half a magic number", images[:2], "header: unexpected EOF"},
		{"one byte", images[:1], "header: unexpected EOF"},
		{"no axes", file([]uint8{1}, 0x800), "got an IDX file of 0 axes, want 1 to 4"},
		{"five axes", file([]uint8{1}, 0x805, 1, 1, 1, 1, 1), "got an IDX file of 5 axes, want 1 to 4"},
		{"unknown type", file(make([]byte, 4), 0xa01, 1), "got an IDX file of unknown type 0x0a, want uint8 (0x08), int8 (0x09), int16 (0x0b), int32 (0x0c), float32 (0x0d) or float64 (0x0e)"},
		{"first bytes not 0", file(nil, 0x10803), `got a file of an unknown kind, which starts with "\x00\x01\b\x03", want an IDX file`},
		{"zeros", make([]byte, 5000), "got a file that starts with nothing but zeros, want an IDX file: copy or download it again"},
		{"web page", []byte("<html><title>404 Not Found</title></html>"), `got a web page (HTML) that says "404 Not Found", want an IDX file: download it again`},
		{"header little-endian", []byte{3, 8, 0, 0, 2, 0, 0, 0}, "got a little-endian IDX file, want an IDX file: its numbers must be big-endian"},
		{"lengths little-endian", file([]uint8{1, 2, 3, 4, 5, 6}, 0x802, 3<<24, 2<<24), "got an IDX file whose lengths [3 2] are little-endian, want big-endian"},
		{"lengths of images little-endian", file(testImages(2), 0x803, 2<<24, 28<<24, 28<<24), "got an IDX file whose lengths [2 28 28] are little-endian, want big-endian"},
		{"lengths of many images little-endian", file(make([]byte, 9000*3136), 0xd03, 0x28230000, 28<<24, 28<<24), "got an IDX file whose lengths [9000 28 28] are little-endian, want big-endian"},
		{"lengths little-endian, a value too few", file([]uint8{1, 2, 3, 4, 5}, 0x802, 3<<24, 2<<24), "item 1 of 50331648: unexpected EOF"},
		{"header of images cut short", images[:15], "header: unexpected EOF"},
		{"header of labels cut short", labels[:7], "header: unexpected EOF"},
		{"overflow", file(nil, 0x804, 1<<31, 1<<31, 2, 1), "shape [2147483648 2147483648 2 1]: got more than 9223372036854775807 bytes of values"},
		{"no data", images[:16], "item 1 of 2: unexpected EOF"},
		{"second image missing", images[:16+imageSize], "item 2 of 2: unexpected EOF"},
		{"last byte of a float missing", file(make([]uint8, 23), 0xe01, 3), "item 3 of 3: unexpected EOF"},
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

// endless has no end, and fails the test if much of it is read.
type endless struct {
	t    *testing.T
	read int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.read += len(p); e.read > 1<<20 {
		e.t.Fatal("reads on and on")
	}
	return len(p), nil
}

// TestImpossibleLengthsAreNotRead: nothing is looked for after lengths that no
// file can have, in either order of bytes.
func TestImpossibleLengthsAreNotRead(t *testing.T) {
	const wantErr = "got more than 9223372036854775807 bytes of values"
	for _, n := range []uint32{0xffffffff, 0x10000000} {
		_, err := Read(io.MultiReader(bytes.NewReader(file(nil, 0x803, n, n, n)), &endless{t: t}))
		if err == nil || !strings.HasSuffix(err.Error(), wantErr) {
			t.Errorf("got error %v, want %s", err, wantErr)
		}
	}
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

func TestValues(t *testing.T) {
	for _, row := range []struct {
		array Array
		want  []float64
	}{
		{Array{Data: []uint8{0, 255}}, []float64{0, 255}},
		{Array{Type: Uint8, Data: []uint8{128}}, []float64{128}},
		{Array{Type: Int8, Data: []uint8{127, 128, 255}}, []float64{127, -128, -1}},
		{Array{Type: Int16, Data: []uint8{1, 2, 0xff, 0xfe, 0}}, []float64{258, -2}},
		{Array{Type: Int32, Data: []uint8{0x7f, 0xff, 0xff, 0xff, 0x80, 0, 0, 0}}, []float64{1<<31 - 1, -1 << 31}},
		{Array{Type: Float32, Data: []uint8{0x3f, 0xc0, 0, 0, 0, 0, 0, 1}}, []float64{1.5, 0x1p-149}},
		{Array{Type: Float64, Data: []uint8{0xbf, 0xf0, 0, 0, 0, 0, 0, 1}}, []float64{-1 - 0x1p-52}},
		{Array{Type: Float64}, []float64{}},
		{Array{Type: 0x0a, Data: []uint8{1}}, nil},
	} {
		if diff := cmp.Diff(row.want, row.array.Values()); diff != "" {
			t.Errorf("%v % x (-want +got):\n%s", row.array.Type, row.array.Data, diff)
		}
	}
}
