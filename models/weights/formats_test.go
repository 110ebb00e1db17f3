package weights

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/pkg/errors"

	"tapenet/graph"
	"tapenet/models"
	"tapenet/models/weights/npz"
)

func export(t testing.TB, name string, net *graph.Network, values []float32) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := Export(&file, name, net, values); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func imported(file []byte, net *graph.Network) ([]float32, error) {
	return Import(bytes.NewReader(file), int64(len(file)), net)
}

// TestRoundTrip goes through all formats and back: the last file is the first.
func TestRoundTrip(t *testing.T) {
	rgb, err := graph.Sequential{graph.Conv2d(4, 3), graph.Rectify, graph.Conv2d(3, 3), graph.Flatten, graph.Dense(5), graph.SoftMax}.Build(3, 9, 8)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := graph.Sequential{graph.Rectify, graph.Dense(4), graph.Flatten, graph.Dense(3), graph.SoftMax}.Build(5)
	if err != nil {
		t.Fatal(err)
	}
	for name, net := range map[string]*graph.Network{
		"one layer": build(t, models.OneLayer(10)), "two layer": build(t, models.TwoLayer(7)), "rgb": rgb, "rows": rows,
		"no parameters": build(t, graph.Sequential{graph.MaxPool2D(2), graph.Flatten, graph.SoftMax}),
	} {
		values := models.Init(net, 1)
		copy(values[min(3, len(values)):], []float32{float32(math.Copysign(0, -1)), math.SmallestNonzeroFloat32})
		first := export(t, "a.safetensors", net, values)
		file := first
		for _, next := range []string{"a.weights.h5", "b.npz", "c.keras", "d.safetensors"} {
			values, err := imported(file, net)
			if err != nil {
				t.Fatalf("%s, before %s: %v", name, next, err)
			}
			file = export(t, next, net, values)
			if !bytes.Equal(file, export(t, next, net, values)) {
				t.Errorf("%s: two files %s differ", name, next)
			}
		}
		if !bytes.Equal(file, first) {
			t.Errorf("%s: other bits after all formats", name)
		}
	}
}

// TestNPZ: an .npz file has the names that Load takes, of any float type and order.
func TestNPZ(t *testing.T) {
	net := tiny(t)
	values := models.Init(net, 1)
	for i := range values {
		values[i] = float32(int(1024*values[i])) / 1024 // exact in 16 bits
	}
	numpys, err := os.ReadFile("testdata/numpy.npz")
	if err != nil {
		t.Fatal(err)
	}
	counting := make([]float32, len(values))
	for i := range counting {
		counting[i] = float32(i)
	}
	if got, err := imported(numpys, net); err != nil || !slices.Equal(got, counting) {
		t.Errorf("NumPy's: got %v, error %v", got, err)
	}
	arrays := func(change func(all []npz.Named) []npz.Named) []byte {
		var all []npz.Named
		for _, p := range net.Params {
			all = append(all, npz.Named{Name: p.Name, Array: npz.Array{Type: "<f4", Shape: p.Shape, Data: float32s(p.Of(values)...)}})
		}
		var file bytes.Buffer
		if err := npz.Write(&file, change(all)); err != nil {
			t.Fatal(err)
		}
		return file.Bytes()
	}
	prefix := arrays(func(all []npz.Named) []npz.Named {
		for i := range all {
			all[i].Name = "module." + all[i].Name
		}
		return all
	})
	if got, err := imported(prefix, net); err != nil || !slices.Equal(got, values) {
		t.Errorf("a prefix: got %v, error %v", got, err)
	}
	for want, file := range map[string][]byte{
		"no tensor conv1.bias; got [": arrays(func(all []npz.Named) []npz.Named { return slices.Delete(all, 1, 2) }),
		`got tensors that are not of this network: ["a"]; it has [`: arrays(func(all []npz.Named) []npz.Named {
			return append(all, npz.Named{Name: "a", Array: npz.Array{Type: "|u1", Shape: []int{1}, Data: []byte{1}}})
		}),
		"conv1.weight: got shape [2 4], want [2 1 2 2]": arrays(func(all []npz.Named) []npz.Named { all[0].Shape = []int{2, 4}; return all }),
		`conv1.weight: got type "<i4", want F32, F16`:   arrays(func(all []npz.Named) []npz.Named { all[0].Type = "<i4"; return all }),
		"conv1.bias: value 0 is NaN, want a finite": arrays(func(all []npz.Named) []npz.Named {
			all[1].Data = float32s(float32(math.NaN()), 0)
			return all
		}),
		"got 1005 arrays, want at most 1004": arrays(func(all []npz.Named) []npz.Named {
			for i := range 1001 {
				all = append(all, npz.Named{Name: fmt.Sprint(i), Array: npz.Array{Type: "|u1", Shape: []int{0}}})
			}
			return all
		}),
	} {
		got, err := imported(file, net)
		if err == nil || !strings.HasPrefix(err.Error(), want) || got != nil || errors.As(err, new(MismatchError)) {
			t.Errorf("got %v, error %v, want %s", got, err, want)
		}
	}
}

// TestNPZEveryByte changes each byte of an .npz file in turn: it is refused, or
// read as it was.
func TestNPZEveryByte(t *testing.T) {
	net := tiny(t)
	want := models.Init(net, 1)
	file := export(t, "a.npz", net, want)
	for at := range file {
		for _, change := range []byte{1, 6, 0x20, 0x80, 0xff} {
			if got, err := imported(flipped(file, at, change), net); err == nil && !slices.Equal(got, want) {
				t.Fatalf("byte %d of %d changed by %#x: read as other values", at, len(file), change)
			}
		}
	}
}

func flipped(file []byte, at int, change byte) []byte {
	file = slices.Clone(file)
	file[at] ^= change
	return file
}

func TestImportErrors(t *testing.T) {
	net := tiny(t)
	other := build(t, models.OneLayer(10))
	cut := export(t, "a.npz", net, models.Init(net, 1))
	for want, file := range map[string][]byte{
		"not a safetensors file: it is empty":                                  nil,
		"not a safetensors file: it has only 3 bytes":                          []byte("abc"),
		"not a safetensors file: it is PyTorch's .pt or .pth (a zip); in Py":   zipOf(t, "archive/data.pkl"),
		"not a safetensors file: it is a zip":                                  zipOf(t, "readme.txt"),
		"got a zip archive that is cut short or damaged":                       cut[:len(cut)-10],
		"the file is of another network: got input (1, 28, 28), want":          export(t, "a.safetensors", other, models.Init(other, 1)),
		"layers/conv2d/vars/0 (conv1.weight): got shape [5 5 1 16], want [2 2": export(t, "a.keras", other, models.Init(other, 1)),
	} {
		if got, err := imported(file, net); err == nil || !strings.HasPrefix(err.Error(), want) || got != nil {
			t.Errorf("got %v, error %v, want %s", got, err, want)
		}
	}
	broken := errors.New("broken disk")
	if _, err := Import(readerAt{iotest.ErrReader(broken)}, 1000, net); !errors.Is(err, broken) {
		t.Errorf("got error %v, want %v", err, broken)
	}
	for _, name := range []string{"a.h5", "a.onnx", "safetensors", ""} {
		err := Export(new(bytes.Buffer), name, net, models.Init(net, 1))
		if want := fmt.Sprintf("got the name %q, want one that ends in .safetensors, .npz, .weights.h5, .keras", name); err == nil || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
	for _, ending := range Endings() {
		if err := Export(new(bytes.Buffer), ending, net, make([]float32, 3)); err == nil || err.Error() != "got 3 values, want one for each of 37 parameters" {
			t.Errorf("%s: got error %v", ending, err)
		}
	}
}

type readerAt struct{ io.Reader }

func (r readerAt) ReadAt(p []byte, _ int64) (int, error) { return r.Read(p) }

// zipOf is a zip archive of one empty file.
func zipOf(t *testing.T, name string) []byte {
	t.Helper()
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	_, err := z.Create(name)
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// FuzzImport: no file makes Import panic or take more memory than a file of its
// length can need, and what it takes survives every format.
func FuzzImport(f *testing.F) {
	net := tiny(f)
	values := models.Init(net, 1)
	for _, ending := range Endings() {
		f.Add(export(f, ending, net, values))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got, err := imported(file, net)
		runtime.ReadMemStats(&after)
		// Of a zip, the weights take at most 16 MB and a few times that to read.
		if took := after.TotalAlloc - before.TotalAlloc; took > uint64(100<<20+200*len(file)) {
			t.Fatalf("got %d bytes allocated for a file of %d", took, len(file))
		}
		if err != nil {
			return
		}
		for _, ending := range Endings() {
			if again, err := imported(export(t, ending, net, got), net); err != nil || !slices.Equal(again, got) {
				t.Fatalf("%s: got %v, error %v, want %v", ending, again, err, got)
			}
		}
	})
}
