package npz

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/pkg/errors"
)

func open(t testing.TB, file []byte) *File {
	t.Helper()
	f, err := Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// numpys are the bytes of a file that testdata/make.py wrote.
func numpys(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func get(t *testing.T, f *File, name string) Array {
	t.Helper()
	a, err := f.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestTypes: every type in either order of bytes, with the numbers of make.py.
func TestTypes(t *testing.T) {
	want := map[byte][]float64{
		'b': {0, 1, 1, 0, 1, 0}, 'i': {0, 1, -1, 100, -128, 127}, 'u': {0, 1, 2, 100, 254, 255},
		'f': {0, 1, -1.5, 0x1p-24, -65504, math.Inf(1)},
	}
	f := open(t, numpys(t, "types.npz"))
	if len(f.Names()) != 24 {
		t.Fatalf("got arrays %q, want 12 in two orders", f.Names())
	}
	for _, name := range f.Names() {
		a := get(t, f, name)
		order := "<"
		if name[1] == '1' {
			order = "|"
		}
		if a.Type != order+name[:2] || !slices.Equal(a.Shape, []int{2, 3}) || a.Len() != 6 {
			t.Errorf("%s: got type %s, shape %v", name, a.Type, a.Shape)
		}
		if diff := cmp.Diff(want[name[0]], a.Values()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestOrders: any order of the axes comes out with the last one fastest.
func TestOrders(t *testing.T) {
	var counting []byte
	for i := range uint32(24) {
		counting = binary.LittleEndian.AppendUint32(counting, i)
	}
	f := open(t, numpys(t, "orders.npz"))
	want := map[string]Array{
		"c":            {"<i4", []int{2, 3, 4}, counting},
		"fortran":      {"<i4", []int{2, 3, 4}, counting},
		"fortran_big":  {"<i4", []int{2, 3, 4}, counting},
		"column":       {"|u1", []int{5, 1}, []byte{0, 1, 2, 3, 4}},
		"scalar":       {"<f4", []int{}, []byte{0, 0, 0x20, 0x40}},
		"none":         {"|u1", []int{0, 28, 28}, nil},
		"none_fortran": {"<f4", []int{2, 0, 3}, nil},
		"ones":         {"|u1", []int{1000, 100}, bytes.Repeat([]byte{1}, 100000)},
	}
	got := map[string]Array{}
	for _, name := range f.Names() {
		got[name] = get(t, f, name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("arrays (-want +got):\n%s", diff)
	}
	if names := []string{"c", "fortran", "fortran_big", "column", "scalar", "none", "none_fortran", "ones"}; !slices.Equal(f.Names(), names) {
		t.Errorf("got names %q, want %q", f.Names(), names)
	}
	versions := open(t, numpys(t, "versions.npz"))
	for _, name := range []string{"v1", "v2", "v3"} {
		if diff := cmp.Diff(want["c"], get(t, versions, name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestRefused(t *testing.T) {
	f := open(t, numpys(t, "refused.npz"))
	const want = ", want booleans, integers or floats (b1, i1 to i8, u1 to u8, f2 to f8)"
	for name, wantErr := range map[string]string{
		"objects": `got Python objects (pickle) (type "|O")` + want,
		"records": `got records of several fields, want plain numbers`,
		"text":    `got text (type "<U2")` + want,
		"bytes":   `got text (type "|S2")` + want,
		"complex": `got complex numbers (type "<c8")` + want,
		"dates":   `got dates (type "<M8[s]")` + want,
		"void":    `got raw bytes or records (type "|V2")` + want,
	} {
		a, err := f.Read(name)
		checkError(t, a, err, fmt.Sprintf("array %q: ", name)+wantErr)
	}
	get(t, f, "good")
	a, err := f.Read("missing")
	checkError(t, a, err, `no array "missing"; the first of 8 are ["objects" "records" "text" "bytes" "complex" "dates" "void" "good"]`)
}

// npy is a .npy file of version 1; its header need not be true.
func npy(descr, fortran, shape, data string) string {
	return npyText(fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n", descr, fortran, shape), data)
}

func npyText(header, data string) string {
	return magic + "\x01\x00" + string(binary.LittleEndian.AppendUint16(nil, uint16(len(header)))) + header + data
}

// archive is a zip archive of one array a.
func archive(t testing.TB, method uint16, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateHeader(&zip.FileHeader{Name: "a.npy", Method: method})
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, content)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadErrors(t *testing.T) {
	for _, row := range []struct{ name, file, wantErr string }{
		{"nothing", "", "header: unexpected EOF"},
		{"no NumPy array", "<!DOCTYPE html>", `got a file that starts with "<!DOCT", want a NumPy array`},
		{"version 4", magic + "\x04\x00", "got version 4 of NumPy's format, want 1 to 3"},
		{"no length", magic + "\x02\x00\x01\x00", "header: unexpected EOF"},
		{"long header", magic + "\x02\x00\xff\xff\xff\xff", "header: got 4294967295 bytes, want at most 65536"},
		{"header cut short", magic + "\x01\x00\x40\x00{", "header: unexpected EOF"},
		{"too few values", npy("|u1", "False", "(3,)", "ab"), "shape [3] of type |u1: got 2 bytes, want 3"},
		{"too many values", npy("<f4", "False", "(1,)", "abcde"), "shape [1] of type <f4: got 5 bytes, want 4"},
		{"2^62 values", npy("<f8", "False", "(1073741824, 1073741824, 4)", ""), "shape [1073741824 1073741824 4]: got more than 9223372036854775807 bytes"},
		{"2^40 values", npy("<f8", "False", "(1099511627776,)", ""), "shape [1099511627776] of type <f8: got 0 bytes, want 8796093022208"},
		{"machine's order", npy("=f4", "False", "(1,)", "abcd"), `got type "=f4", want booleans, integers or floats (b1, i1 to i8, u1 to u8, f2 to f8)`},
		{"no order", npy("|f4", "False", "(1,)", "abcd"), `got type "|f4", want booleans, integers or floats (b1, i1 to i8, u1 to u8, f2 to f8)`},
		{"no type", npy("", "False", "(1,)", "abcd"), `got type "", want booleans, integers or floats (b1, i1 to i8, u1 to u8, f2 to f8)`},
		{"float of 16 bytes", npy("<f16", "False", "(1,)", ""), `got type "<f16", want booleans, integers or floats (b1, i1 to i8, u1 to u8, f2 to f8)`},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, method := range []uint16{zip.Store, zip.Deflate} {
				a, err := open(t, archive(t, method, row.file)).Read("a")
				checkError(t, a, err, `array "a": `+row.wantErr)
			}
		})
	}
}

func TestHeader(t *testing.T) {
	for text, want := range map[string]bool{
		`{'descr': '|u1', 'fortran_order': False, 'shape': (2,)}`:                               true,
		"{\"shape\":(2L,),'fortran_order' : True,\n'descr':'|u1'}   \n":                         true,
		`{'descr': '|u1', 'fortran_order': False, 'shape': (2)}`:                                false,
		`{'descr': '|u1', 'fortran_order': False, 'shape': (-2,)}`:                              false,
		`{'descr': '|u1', 'fortran_order': False, 'shape': (,)}`:                                false,
		`{'descr': '|u1', 'fortran_order': False, 'shape': (2,`:                                 false,
		`{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,)}`:            false,
		`{'descr': '|u1', 'fortran_order': False, 'shape': (` + strings.Repeat("1,", 65) + `)}`: false,
		`{'descr': '|u1', 'fortran_order': 0, 'shape': (2,)}`:                                   false,
		`{'descr': '|u1', 'shape': (2,)}`:                                                       false,
		`{'descr': '|u1', 'fortran_order': False, 'shape': (2,), 'shape': (2,)}`:                false,
		`{'descr': '|u1', 'fortran_order': False, 'shape': (2,), 'more': 1}`:                    false,
		`{'descr': '|u1' 'fortran_order': False, 'shape': (2,)}`:                                false,
		`{'descr': '\x75', 'fortran_order': False, 'shape': (2,)}`:                              false,
		`{'descr': '|u1', 'fortran_order': False, 'shape': (2,)} + 1`:                           false,
		`{'descr': '|u1`: false,
		`{`:              false,
		`{}`:             false,
		``:               false,
	} {
		_, err := open(t, archive(t, zip.Store, npyText(text, "ab"))).Read("a")
		if want != (err == nil) {
			t.Errorf("%s: got error %v", text, err)
		}
		if err != nil && !strings.Contains(err.Error(), "want a dictionary of descr, fortran_order and shape") {
			t.Errorf("%s: got error %v", text, err)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	good := archive(t, zip.Deflate, npy("|u1", "False", "(2,)", "ab"))
	var packed, other, twice bytes.Buffer
	gz := gzip.NewWriter(&packed)
	gz.Write(good)
	gz.Close()
	z := zip.NewWriter(&other)
	z.Create("mnist.npz")
	z.Close()
	z = zip.NewWriter(&twice)
	z.Create("a.npy")
	z.Create("a.npy")
	z.Close()
	for _, row := range []struct {
		file    string
		wantErr string
	}{
		{"", "not a NumPy archive (.npz)"},
		{"<html><title>403 Forbidden", "not a NumPy archive (.npz)"},
		{"\x93NUMPY\x01\x00", "not a NumPy archive (.npz)"},
		{packed.String(), "not a NumPy archive (.npz)"},
		{string(good[:len(good)-30]), "got a zip archive that is cut short or damaged, want a NumPy archive (.npz)"},
		{other.String(), `got a zip archive with "mnist.npz" and no arrays (.npy), want a NumPy archive (.npz)`},
		{twice.String(), `array "a" is there twice`},
	} {
		if _, err := Open(strings.NewReader(row.file), int64(len(row.file))); err == nil || err.Error() != row.wantErr {
			t.Errorf("%.40q: got error %v, want %s", row.file, err, row.wantErr)
		}
	}
	broken := errors.New("broken disk")
	if _, err := Open(readerAt{iotest.ErrReader(broken)}, 1000); !errors.Is(err, broken) {
		t.Errorf("got error %v, want %v", err, broken)
	}
}

type readerAt struct{ io.Reader }

func (r readerAt) ReadAt(p []byte, _ int64) (int, error) { return r.Read(p) }

// TestDamage: a change of the archive's own words, or of a value, is an error.
func TestDamage(t *testing.T) {
	for _, row := range []struct {
		name    string
		method  uint16
		damage  func(file []byte, central int)
		wantErr string
	}{
		{"a value", zip.Store, func(f []byte, central int) { f[bytes.IndexByte(f, '\n')+1]++ }, "after the values: zip: checksum error"},
		{"method", zip.Store, func(f []byte, central int) { f[central+10] = 12 }, "got compression method 12, want 0 (stored) or 8 (deflate)"},
		{"encrypted", zip.Store, func(f []byte, central int) { f[central+8] |= 1 }, "got encrypted data"},
		{"packed into more than the file", zip.Deflate, func(f []byte, central int) { f[central+23] = 0x7f }, "damaged: 70 bytes are said to be packed into 2130706"},
		{"unpacked to more than can be", zip.Deflate, func(f []byte, central int) { f[central+27] = 0x7f }, "damaged: 2130706"},
		{"stored, of two sizes", zip.Store, func(f []byte, central int) { f[central+24]++ }, "damaged: "},
		{"fewer bytes than said", zip.Deflate, func(f []byte, central int) { f[central+24]++ }, "shape [2] of type |u1: got 3 bytes, want 2"},
	} {
		t.Run(row.name, func(t *testing.T) {
			file := archive(t, row.method, npy("|u1", "False", "(2,)", "ab"))
			row.damage(file, bytes.Index(file, []byte("PK\x01\x02")))
			a, err := open(t, file).Read("a")
			if err == nil || !strings.HasPrefix(err.Error(), `array "a": `+row.wantErr) || a.Data != nil {
				t.Errorf("got %v and error %v, want %s", a, err, row.wantErr)
			}
		})
	}
}

// TestLyingHeaderTakesLittleMemory: neither header makes room for what is not
// there, even where both agree.
func TestLyingHeaderTakesLittleMemory(t *testing.T) {
	// Noise of 3 MB, said to be 2 GB, which deflate could do.
	const said = 2 << 30
	noise := make([]byte, 3<<20)
	for i, x := 0, uint32(1); i < len(noise); i++ {
		x = x*1664525 + 1013904223
		noise[i] = byte(x >> 24)
	}
	head := npy("|u1", "False", fmt.Sprintf("(%d,)", said), "")
	file := archive(t, zip.Deflate, head+string(noise))
	central := bytes.LastIndex(file, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(file[central+24:], uint32(said+len(head)))

	f := open(t, file)
	var err error
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = f.Read("a")
	runtime.ReadMemStats(&after)
	if err == nil || err.Error() != `array "a": values: unexpected EOF` {
		t.Errorf("got error %v", err)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > (growth+2)*uint64(len(noise))+1<<20 {
		t.Errorf("got %d bytes allocated for %d of data", took, len(noise))
	}
}

// TestHalf: every float of 16 bits, by the definition in binary digits.
func TestHalf(t *testing.T) {
	for bits := range 1 << 15 {
		exponent, fraction := bits>>10, bits&0x3ff
		want := float64(fraction) / 1024 / 16384
		if exponent > 0 {
			want = (1 + float64(fraction)/1024) * math.Pow(2, float64(exponent-15))
		}
		if exponent == 31 {
			want = math.Inf(1)
		}
		for sign := range 2 {
			got := Half(uint16(bits | sign<<15))
			switch {
			case exponent == 31 && fraction > 0:
				if !math.IsNaN(got) {
					t.Errorf("%04x: got %v, want NaN", bits, got)
				}
			case got != want*float64(1-2*sign) || math.Signbit(got) != (sign == 1):
				t.Errorf("%04x, sign %d: got %v, want %v", bits, sign, got, want)
			}
		}
	}
}

// TestNoArray: what is no array has no values, and does not panic.
func TestNoArray(t *testing.T) {
	for _, a := range []Array{{}, {Type: "|O", Data: []byte{1}}, {Type: "<f4", Data: []byte{1}}} {
		if v := a.Values(); len(v) > 0 {
			t.Errorf("%v: got values %v", a, v)
		}
	}
}

// FuzzRead: no file makes Open or Read panic or take more memory than a file of
// its length can need, and an array has the values that its shape needs.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"types.npz", "orders.npz", "versions.npz", "refused.npz"} {
		f.Add(numpys(f, name))
	}
	f.Add(archive(f, zip.Deflate, npy("<f8", "True", "(2, 3)", strings.Repeat("a", 48))))
	f.Fuzz(func(t *testing.T, file []byte) {
		z, err := Open(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		for _, name := range z.Names()[:min(len(z.Names()), 30)] {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			a, err := z.Read(name)
			runtime.ReadMemStats(&after)
			if took := after.TotalAlloc - before.TotalAlloc; took > uint64(2<<20+(growth+3)*deflateMost*len(file)) {
				t.Fatalf("got %d bytes allocated for a file of %d", took, len(file))
			}
			checkArray(t, a, err)
		}
	})
}

// FuzzArray is FuzzRead without an archive around the array.
func FuzzArray(f *testing.F) {
	f.Add([]byte(npy("<f8", "True", "(2, 3)", strings.Repeat("a", 48))))
	f.Add([]byte(npy(">i2", "False", "()", "ab")))
	f.Fuzz(func(t *testing.T, file []byte) {
		a, err := readArray(bytes.NewReader(file), uint64(len(file)))
		checkArray(t, a, err)
	})
}

func checkArray(t *testing.T, a Array, err error) {
	t.Helper()
	if err != nil {
		checkError(t, a, err, err.Error())
		return
	}
	want := 1
	for _, n := range a.Shape {
		want *= n
	}
	if got := len(a.Values()); got != want || len(a.Data) != want*int(a.Type[2]-'0') {
		t.Fatalf("got %d values and %d bytes for shape %v of %s", got, len(a.Data), a.Shape, a.Type)
	}
}

// checkError checks that err says want, and that nothing came with it.
func checkError(t *testing.T, a Array, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Errorf("error: got %v, want %s", err, want)
	}
	if a.Shape != nil || a.Data != nil {
		t.Errorf("got %v with the error, want none", a.Shape)
	}
}

// TestWrite: what is written is read, and its values are aligned as numpy's.
func TestWrite(t *testing.T) {
	want := []Named{
		{"b", Array{"<f4", []int{2, 1}, []byte("abcdefgh")}},
		{"a", Array{"|u1", []int{3}, []byte("abc")}},
		{"scalar", Array{"<f8", []int{}, []byte("abcdefgh")}},
		{"none", Array{"<i2", []int{0, 5}, nil}},
	}
	var file, again bytes.Buffer
	for _, b := range []*bytes.Buffer{&file, &again} {
		if err := Write(b, want); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(file.Bytes(), again.Bytes()) {
		t.Error("two files differ")
	}
	f := open(t, file.Bytes())
	if names := []string{"b", "a", "scalar", "none"}; !slices.Equal(f.Names(), names) {
		t.Errorf("got names %q, want %q", f.Names(), names)
	}
	for _, a := range want {
		if diff := cmp.Diff(a.Array, get(t, f, a.Name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", a.Name, diff)
		}
		h, err := f.Header(a.Name)
		if err != nil || h.Type != a.Type || !slices.Equal(h.Shape, a.Shape) || h.Data != nil {
			t.Errorf("%s: got header %v, error %v", a.Name, h, err)
		}
		if n := len(a.header()); n%64 != 0 {
			t.Errorf("%s: got values at byte %d, want a multiple of 64", a.Name, n)
		}
	}
	if _, err := f.Header("c"); err == nil || err.Error() != `no array "c"; the first of 4 are ["b" "a" "scalar" "none"]` {
		t.Errorf("got error %v", err)
	}
	broken := errors.New("broken disk")
	if err := Write(writerFunc(func([]byte) (int, error) { return 0, broken }), want); !errors.Is(err, broken) {
		t.Errorf("got error %v, want %v", err, broken)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestHalfBits: of the two floats of 16 bits around a number the nearer one is taken,
// and the even one of two as near. Half is the judge of what they stand for.
func TestHalfBits(t *testing.T) {
	check := func(x float64, want uint16) {
		t.Helper()
		for _, sign := range []uint16{0, 1 << 15} {
			x := float32(x)
			if sign != 0 {
				x = -x
			}
			if got := HalfBits(x); got != want|sign {
				t.Fatalf("%v: got %#04x, want %#04x", x, got, want|sign)
			}
		}
	}
	for low := range uint16(0x7c00) {
		a, b := Half(low), Half(low+1)
		if low == 0x7bff {
			b = 65536 // where the next one would be
		}
		even := low + low&1
		middle := float32((a + b) / 2)
		check(a, low)
		check(float64(math.Nextafter32(middle, 0)), low)
		check(float64(middle), even)
		check(float64(math.Nextafter32(middle, 1e6)), low+1)
	}
	check(math.SmallestNonzeroFloat32, 0)
	check(math.MaxFloat32, 0x7c00)
	check(math.Inf(1), 0x7c00)
	if got := HalfBits(float32(math.NaN())); !math.IsNaN(Half(got)) {
		t.Errorf("NaN: got %#04x", got)
	}
}
