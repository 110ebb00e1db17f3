package hdf5

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/pkg/errors"
)

func open(file []byte) (*File, error) { return Open(bytes.NewReader(file), int64(len(file))) }

func written(t testing.TB, datasets map[string]Dataset, groups ...string) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := Write(&file, datasets, groups...); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// content is what a file holds, read back.
func content(t testing.TB, f *File) map[string]Dataset {
	t.Helper()
	all := map[string]Dataset{}
	for _, path := range f.Paths() {
		d, err := f.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		all[path] = d
	}
	return all
}

// few are datasets of all types.
func few() map[string]Dataset {
	return map[string]Dataset{
		"a":       {"F32", []int{2, 1}, []byte("abcdefgh")},
		"g/b":     {"F64", []int{}, []byte("abcdefgh")},
		"g/h/F16": {"F16", []int{3}, []byte("abcdef")},
		"g/h/I32": {"I32", []int{1, 1}, []byte("abcd")},
		"g/i/I64": {"I64", []int{0, 5}, []byte{}},
		"g/i/V2":  {"V2", []int{1}, []byte("ab")},
	}
}

// TestRoundTrip: what is written is read, with more names in a group than the
// smallest tree has room for.
func TestRoundTrip(t *testing.T) {
	many := few()
	for i := range 3000 {
		many[fmt.Sprint("many/", i)] = Dataset{"F16", []int{1}, []byte{byte(i), byte(i >> 8)}}
	}
	for name, want := range map[string]map[string]Dataset{"few": few(), "many": many, "none": {}} {
		file := written(t, want, "empty", "g/empty")
		if !bytes.Equal(file, written(t, want, "g/empty", "empty")) {
			t.Errorf("%s: two files differ", name)
		}
		f, err := open(file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if f.sum == "" {
			t.Errorf("%s: no checksum", name)
		}
		if diff := cmp.Diff(want, content(t, f)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	f, err := open(written(t, few()))
	if err != nil {
		t.Fatal(err)
	}
	if d, ok := f.Header("g/h/F16"); !ok || d.Type != "F16" || !slices.Equal(d.Shape, []int{3}) || d.Data != nil {
		t.Errorf("got header %v, %v", d, ok)
	}
	if _, ok := f.Header("g/h"); ok {
		t.Error("a group has a header")
	}
	if _, err := f.Read("g/h"); err == nil || err.Error() != `no dataset "g/h"` {
		t.Errorf("got error %v", err)
	}
}

func TestWriteErrors(t *testing.T) {
	for want, d := range map[string]Dataset{
		`g/a: got type "F8"`: {"F8", nil, nil},
		"g/a: damaged HDF5: got 3 bytes for shape [1] of F32, want 4": {"F32", []int{1}, []byte("abc")},
	} {
		if err := Write(io.Discard, map[string]Dataset{"g/a": d}); err == nil || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
	broken := errors.New("broken disk")
	if err := Write(writerFunc(func([]byte) (int, error) { return 0, broken }), few()); !errors.Is(err, broken) {
		t.Errorf("got error %v, want %v", err, broken)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestOpenErrors changes a file: one group with one dataset, so that every part is
// there once or, of two groups, the last is the first one's.
func TestOpenErrors(t *testing.T) {
	good := written(t, map[string]Dataset{"g/a": {"F32", []int{1}, []byte("abcd")}})
	root := u64(good[64:]) // the header of the first group
	for name, test := range map[string]struct {
		change func(f []byte) []byte
		want   string
	}{
		"none":       {func(f []byte) []byte { return nil }, "damaged HDF5: 96 bytes at 0 are past its end at 0"},
		"text":       {func(f []byte) []byte { return bytes.Repeat([]byte("text"), 100) }, "not an HDF5 file"},
		"superblock": {func(f []byte) []byte { f[8] = 2; return f }, "got HDF5 with superblock 2, want 0"},
		"lengths":    {func(f []byte) []byte { f[14] = 4; return f }, "got HDF5 with offsets of 8 and lengths of 4 bytes, want 8 and 8"},
		"cut":        {func(f []byte) []byte { return f[:len(f)-1] }, "cut short: got "},
		"value":      {func(f []byte) []byte { f[bytes.Index(f, []byte("abcd"))]++; return f }, "damaged: the checksum is "},
		"sum":        {func(f []byte) []byte { f[bytes.Index(f, []byte("sha256"))+40]++; return f }, "damaged: the checksum is "},
		"name": {func(f []byte) []byte {
			copy(f[bytes.Index(f, []byte("a\x00\x00\x00\x00\x00\x00\x00")):], "b")
			return f
		}, "damaged: the checksum is "},
		"no name":       {func(f []byte) []byte { f[bytes.Index(f, []byte("a\x00\x00\x00\x00\x00\x00\x00"))] = 0; return f }, `damaged HDF5: "/g" has a name ""`},
		"slash":         {func(f []byte) []byte { f[bytes.Index(f, []byte("a\x00\x00\x00\x00\x00\x00\x00"))] = '/'; return f }, `damaged HDF5: "/g" has a name "/"`},
		"names":         {func(f []byte) []byte { f[bytes.Index(f, []byte("HEAP"))]++; return f }, "damaged HDF5: no names at byte "},
		"tree":          {func(f []byte) []byte { f[bytes.Index(f, []byte("TREE"))]++; return f }, "damaged HDF5: no tree at byte "},
		"leaf":          {func(f []byte) []byte { f[bytes.Index(f, []byte("SNOD"))]++; return f }, "damaged HDF5: no tree at byte "},
		"many names":    {func(f []byte) []byte { f[bytes.Index(f, []byte("SNOD"))+7] = 0xff; return f }, "damaged HDF5: 2611240 bytes at "},
		"far name":      {func(f []byte) []byte { f[bytes.Index(f, []byte("SNOD"))+9] = 1; return f }, `damaged HDF5: a name of "/g" is past their end`},
		"object":        {func(f []byte) []byte { f[root] = 2; return f }, "got HDF5 with an object of version 2, or damaged, want version 1"},
		"large message": {func(f []byte) []byte { f[root+16+3] = 1; return f }, "damaged HDF5: a message of 272 bytes has room for 120"},
		"no group":      {func(f []byte) []byte { f[root+16]++; return f }, "damaged: the checksum is "},
		"small group":   {func(f []byte) []byte { f[root+16+2] = 8; return f }, `damaged HDF5: "": groups are too deep, or one has no names`},
		"a circle": {func(f []byte) []byte { // the group is its own child
			at := bytes.Index(f, []byte("SNOD")) + 16
			copy(f[at:], binary.LittleEndian.AppendUint64(nil, root))
			return f
		}, "damaged HDF5: its parts overlap, or groups are in a circle"},
		"a tree in a circle": {func(f []byte) []byte {
			at := bytes.Index(f, []byte("TREE"))
			copy(f[at+32:], binary.LittleEndian.AppendUint64(nil, uint64(at)))
			return f
		}, "damaged HDF5: no tree at byte "},
		"no shape": {func(f []byte) []byte { f[bytes.Index(f, []byte("\x01\x01\x00\x00\x00\x00\x00\x00\x01"))] = 3; return f }, `damaged HDF5: "g/a" is not as it was written`},
	} {
		f, err := open(test.change(slices.Clone(good)))
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || f != nil {
			t.Errorf("%s: got error %v, want %s", name, err, test.want)
		}
	}
	broken := errors.New("broken disk")
	if _, err := Open(readerAt{iotest.ErrReader(broken)}, 1000); !errors.Is(err, broken) {
		t.Errorf("got error %v, want %v", err, broken)
	}
}

type readerAt struct{ io.Reader }

func (r readerAt) ReadAt(p []byte, _ int64) (int, error) { return r.Read(p) }

// TestLongNames: many names that end in one long text do not each take its length.
func TestLongNames(t *testing.T) {
	names := map[string]Dataset{}
	for i := range 200 {
		names[strings.Repeat("x", 900)+fmt.Sprint(i)] = Dataset{"F16", []int{1}, []byte("ab")}
	}
	if f, err := open(written(t, names)); err != nil || len(f.Paths()) != 200 {
		t.Fatalf("got error %v", err)
	}
	_, err := open(written(t, map[string]Dataset{strings.Repeat("x", 1001): {"F16", []int{1}, []byte("ab")}}))
	if err == nil || !strings.HasPrefix(err.Error(), `damaged HDF5: "" has a name "xxx`) {
		t.Errorf("1001 letters: got error %v", err)
	}
}

// TestWithoutChecksum: damage that a file without a checksum does not notice is
// that of one dataset.
func TestWithoutChecksum(t *testing.T) {
	file := bytes.Replace(written(t, few()), []byte("sha256"), []byte("sha000"), 1)
	for name, test := range map[string]struct{ old, new, want string }{
		"type":    {types["I32"].text, "\x11" + types["I32"].text[1:], `"g/h/I32": got values of another type (float, 4 bytes), want little-endian numbers`},
		"class":   {types["V2"].text, "\x19" + types["V2"].text[1:], `"g/i/V2": got values of another type (class 9, 2 bytes)`},
		"chunked": {"\x03\x01", "\x03\x02", `"a": its data is not in one piece`},
		"shape":   {"\x01\x01\x00\x00\x00\x00\x00\x00\x03", "\x01\x01\x00\x00\x00\x00\x00\x00\x04", `"g/h/F16": damaged HDF5: got 6 bytes for shape [4] of F16, want 8`},
		"axes":    {"\x01\x01\x00\x00\x00\x00\x00\x00\x03", "\x01\x09\x00\x00\x00\x00\x00\x00\x03", `"g/h/F16": damaged HDF5: a shape of 9 axes in 16 bytes`},
	} {
		changed := bytes.Replace(slices.Clone(file), []byte(test.old), []byte(test.new), 1)
		f, err := open(changed)
		if err != nil || len(f.Paths()) != len(few()) {
			t.Errorf("%s: got error %v", name, err)
			continue
		}
		bad, wrong := 0, error(nil)
		for _, path := range f.Paths() {
			if _, err := f.Read(path); err != nil {
				bad, wrong = bad+1, err
			}
		}
		if bad != 1 || !strings.HasPrefix(wrong.Error(), test.want) {
			t.Errorf("%s: got %d errors, %v, want %s", name, bad, wrong, test.want)
		}
	}
}

// FuzzOpen: no file makes Open or Read panic or take more memory than a few times
// its length, and what is read survives Write.
func FuzzOpen(f *testing.F) {
	f.Add(written(f, few(), "empty"))
	f.Add(bytes.Replace(written(f, few()), []byte("sha256"), []byte("sha000"), 1))
	f.Add(written(f, nil))
	f.Fuzz(func(t *testing.T, file []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		h, err := open(file)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > uint64(1<<20+100*len(file)) {
			t.Fatalf("got %d bytes allocated for a file of %d", took, len(file))
		}
		if err != nil {
			return
		}
		all, total := map[string]Dataset{}, 0
		for _, path := range h.Paths() {
			if d, err := h.Read(path); err == nil && total < 1<<24 {
				all[path], total = d, total+len(d.Data)
			}
		}
		again, err := open(written(t, all))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(all, content(t, again)); diff != "" {
			t.Fatal(diff)
		}
	})
}
