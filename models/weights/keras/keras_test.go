package keras_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"tapenet/graph"
	"tapenet/models"
	"tapenet/models/weights"
	"tapenet/models/weights/keras"
)

// small is the network of testdata's files. Its weights say where they are.
func small(t testing.TB) (*graph.Network, []float32) {
	t.Helper()
	net := build(t, graph.Sequential{
		graph.Conv2d(2, 3), graph.Rectify, graph.MaxPool2D(2), graph.Flatten, graph.Dense(4), graph.SoftMax,
	}, 3, 6, 9)
	values := make([]float32, net.NumParams())
	conv, dense := net.Params[0].Of(values), net.Params[2].Of(values)
	i := 0
	for f := range 2 {
		for c := range 3 {
			for y := range 3 {
				for x := range 3 {
					conv[i] = float32(y*64 + x*16 + c*4 + f)
					i++
				}
			}
		}
	}
	i = 0
	for m := range 4 {
		for c := range 2 { // of the pooled image (2, 2, 3)
			for y := range 2 {
				for x := range 3 {
					dense[i] = float32(y*64 + x*16 + c*4 + m)
					i++
				}
			}
		}
	}
	for _, p := range []graph.Param{net.Params[1], net.Params[3]} {
		for i := range p.Of(values) {
			p.Of(values)[i] = 200 + float32(i)
		}
	}
	return net, values
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func load(file []byte, net *graph.Network) ([]float32, error) {
	return weights.Import(bytes.NewReader(file), int64(len(file)), net)
}

// TestReadKeras: files that Keras wrote have the weights at our places.
func TestReadKeras(t *testing.T) {
	net, want := small(t)
	for _, name := range []string{"fresh.weights.h5", "adam.weights.h5", "adam.keras", "old.weights.h5", "float16.weights.h5", "bfloat16.weights.h5", "float64.weights.h5"} {
		if got, err := load(fixture(t, name), net); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got error %v, values %v", name, err, got)
		}
	}
}

// TestReadErrors: what is not read is said in one line, with what to do in Keras if
// that would help: not if the file is of another network.
func TestReadErrors(t *testing.T) {
	net, _ := small(t)
	fresh := fixture(t, "fresh.weights.h5")
	edit := func(at int, b byte) []byte {
		file := slices.Clone(fresh)
		file[at] = b
		return file
	}
	const advice = `; in Keras 3, model.save_weights("net.weights.h5") writes a file that can be read`
	other := func(layers ...graph.Layer) *graph.Network { return build(t, layers, 3, 6, 9) }
	for name, test := range map[string]struct {
		file []byte
		net  *graph.Network
		want string
	}{
		"legacy":  {fixture(t, "legacy.h5"), net, `not the weights of Keras 3: got ["model_weights/conv2d`},
		"latest":  {fixture(t, "latest.weights.h5"), net, "got HDF5 with superblock 3, want 0"},
		"chunked": {fixture(t, "chunked.weights.h5"), net, `conv1.weight: "layers/conv2d/vars/0": its data is not in one piece: chunked, compressed or elsewhere`},
		"big":     {fixture(t, "big.weights.h5"), net, `conv1.weight: "layers/conv2d/vars/0": got values of another type (float, 4 bytes), want little-endian numbers`},
		"extra":   {fixture(t, "extra.weights.h5"), net, `got weights of other layers: ["layers/batch_normalization/vars/0" "layers/batch_normalization/vars/1" "layers/batch_normalization/vars/2" "layers/batch_normalization/vars/3"]`},
		"cut":     {fresh[:len(fresh)-1], net, fmt.Sprintf("cut short: got %d bytes, want %d", len(fresh)-1, len(fresh))},
		"start":   {fresh[:90], net, "damaged HDF5: 96 bytes at 0 are past its end at 90"},
		"offsets": {edit(13, 4), net, "got HDF5 with offsets of 4 and lengths of 8 bytes, want 8 and 8"},
		"base":    {edit(24, 8), net, "damaged HDF5: it starts at byte 8"},
		"conv":    {fresh, other(graph.Conv2d(3, 3), graph.Rectify, graph.MaxPool2D(2), graph.Flatten, graph.Dense(4)), "layers/conv2d/vars/0 (conv1.weight): got shape [3 3 3 2], want [3 3 3 3]"},
		"dense":   {fresh, other(graph.Conv2d(2, 3), graph.MaxPool2D(3), graph.Flatten, graph.Dense(4)), "layers/dense/vars/0 (dense1.weight): got shape [12 4], want [4 4]"},
		"fewer":   {fresh, other(graph.Flatten, graph.Dense(4)), "layers/dense/vars/0 (dense1.weight): got shape [12 4], want [162 4]"},
		"more":    {fresh, other(graph.Conv2d(2, 3), graph.MaxPool2D(2), graph.Flatten, graph.Dense(4), graph.Dense(4)), `no layers/dense_1/vars/0 (dense2.weight); got ["layers/conv2d/vars/0" "layers/conv2d/vars/1" "layers/dense/vars/0" "layers/dense/vars/1"]`},
		"no bias": {bytes.Replace(fresh, []byte("0\x00\x00\x00\x00\x00\x00\x001\x00"), []byte("0\x00\x00\x00\x00\x00\x00\x002\x00"), 1), net, `no layers/conv2d/vars/1 (conv1.bias); got ["layers/conv2d/vars/0" "layers/conv2d/vars/2" `},
	} {
		got, err := load(test.file, test.net)
		advised := !slices.Contains([]string{"extra", "conv", "dense", "fewer", "more", "no bias"}, name)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.HasSuffix(err.Error(), advice) != advised || strings.Contains(err.Error(), "\n") || got != nil {
			t.Errorf("%s: got error %v, want %s, and advice: %v", name, err, test.want, advised)
		}
	}
}

// TestOtherLayersAreRefused: a file has more layers than the network.
func TestOtherLayersAreRefused(t *testing.T) {
	net := build(t, graph.Sequential{graph.Conv2d(2, 3), graph.Rectify}, 3, 6, 9)
	_, err := load(fixture(t, "fresh.weights.h5"), net)
	if want := `got weights of other layers: ["layers/dense/vars/0" "layers/dense/vars/1"]`; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got error %v, want %s", err, want)
	}
}

// TestLayouts reads back what is written for networks of every kind, and holds
// the places of a few values against Keras's definition.
func TestLayouts(t *testing.T) {
	for _, s := range samples(t) {
		for ending := range writers {
			file := written(t, ending, s.net, s.values)
			if got, err := load(file, s.net); err != nil || !slices.Equal(got, s.values) {
				t.Errorf("%s%s: got error %v", s.name, ending, err)
			}
			if !bytes.Equal(file, written(t, ending, s.net, s.values)) {
				t.Errorf("%s%s: two files differ", s.name, ending)
			}
		}
	}
	net, values := small(t)
	file := written(t, ".weights.h5", net, values)
	for what, run := range map[string][]float32{
		"a kernel's filters and channels":    {0, 1, 4, 5, 8, 9, 16, 17},
		"a dense layer's units and channels": {0, 1, 2, 3, 4, 5, 6, 7, 16},
	} {
		b, _ := binary.Append(nil, binary.LittleEndian, run)
		if !bytes.Contains(file, b) {
			t.Errorf("%s are not side by side", what)
		}
	}
	bare := build(t, graph.Sequential{graph.MaxPool2D(2), graph.Flatten, graph.SoftMax}, 3, 4, 4)
	for ending := range writers {
		if got, err := load(written(t, ending, bare, nil), bare); err != nil || len(got) != 0 {
			t.Errorf("no parameters, %s: got %v, error %v", ending, got, err)
		}
	}
}

// TestEveryByte changes each byte of a file in turn: it is refused, or read as it
// was.
func TestEveryByte(t *testing.T) {
	net := build(t, graph.Sequential{graph.Conv2d(2, 2), graph.Flatten, graph.Dense(3), graph.SoftMax}, 1, 3, 3)
	want := models.Init(net, 1)
	for ending := range writers {
		file := written(t, ending, net, want)
		for at := range file {
			change := []byte{1, 6, 0x20, 0x80, 0xff}[at%5]
			file[at] ^= change
			if got, err := load(file, net); err == nil && !slices.Equal(got, want) {
				t.Fatalf("%s: byte %d of %d changed by %#x: read as other values", ending, at, len(file), change)
			}
			file[at] ^= change
		}
	}
}

// TestZip: of a .keras file, the weights alone count, and are no larger than the
// network needs.
func TestZip(t *testing.T) {
	net, values := small(t)
	file := written(t, ".keras", net, values)
	bad := bytes.Replace(file, []byte(`"units":4`), []byte(`"units":5`), 1)
	if got, err := load(bad, net); err != nil || !slices.Equal(got, values) {
		t.Errorf("another config.json: got error %v", err)
	}
	at := bytes.Index(file, []byte("\x89HDF")) + 1000
	file[at]++
	if _, err := load(file, net); err == nil || !strings.HasPrefix(err.Error(), "model.weights.h5: zip: checksum error") {
		t.Errorf("damaged: got error %v", err)
	}
	if _, err := keras.Read(bytes.NewReader([]byte("PK\x05\x06"+strings.Repeat("\x00", 18))), 22, net); err == nil || !strings.HasPrefix(err.Error(), "not a .keras file: got a zip of [], want model.weights.h5") {
		t.Errorf("an empty zip: got error %v", err)
	}
	large := bomb(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := load(large, net)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 150<<20 {
		t.Errorf("a bomb: got %d MB allocated", took>>20)
	}
	if err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("model.weights.h5: got more than %d bytes", 4*8*net.NumParams()+16<<20)) {
		t.Errorf("a bomb: got error %v", err)
	}
	values[3] = float32(math.Inf(1))
	if err := weights.Export(new(bytes.Buffer), "x.keras", net, values); err == nil || err.Error() != "conv1.weight: value 3 is +Inf, want a finite number" {
		t.Errorf("an infinite value: got error %v", err)
	}
}

// bomb is a .keras file of 100 kB whose weights are 100 MB of zeros.
func bomb(t *testing.T) []byte {
	t.Helper()
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	w, err := z.Create("model.weights.h5")
	if err == nil {
		_, err = w.Write(make([]byte, 100<<20))
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// TestPaddingThatKerasLacks: zeros before a pool do no harm where nothing is below
// them; elsewhere they would win, and only the weights can be written.
func TestPaddingThatKerasLacks(t *testing.T) {
	pool := graph.MaxPool2D(3).Pad(1).Stride(2)
	for _, test := range []struct {
		layers graph.Sequential
		want   string
	}{
		{graph.Sequential{pool}, "pool1, MaxPool2D(3).Pad(1).Stride(2): Keras has no such padding for a pool: use Same, or put Rectify before it"},
		{graph.Sequential{graph.Rectify, graph.Conv2d(2, 3).Same(), graph.MaxPool2D(2), pool}, "pool2, MaxPool2D(3).Pad(1).Stride(2): Keras has"},
		{graph.Sequential{graph.Conv2d(2, 3).Same(), graph.Rectify, graph.MaxPool2D(2), graph.Dropout(0.5), pool}, ""},
		{graph.Sequential{graph.MaxPool2D(3).Pad(1).Stride(1)}, ""}, // Keras's "same"
	} {
		net := build(t, test.layers, 1, 8, 8)
		err := keras.WriteModel(new(bytes.Buffer), net, models.Init(net, 1))
		if (err == nil) != (test.want == "") || err != nil && !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%v: got error %v, want %s", test.layers, err, test.want)
		}
		written(t, ".weights.h5", net, models.Init(net, 1))
	}
}
