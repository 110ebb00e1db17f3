package models

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"tapenet/graph"
)

func tiny(t testing.TB) *graph.Network {
	t.Helper()
	net, err := graph.Sequential{graph.Conv2d(2, 2), graph.Flatten, graph.Dense(3), graph.SoftMax}.Build(1, 3, 3)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// entry is one tensor of a file written by hand.
type entry struct {
	DType   string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"`
}

// handWritten is a safetensors file from its definition: 8 bytes length of the
// header, little-endian, the header as JSON, the data.
func handWritten(t testing.TB, header any, data []byte) []byte {
	t.Helper()
	h, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(h)))
	return append(append(file, h...), data...)
}

// raw is a file with a header that json.Marshal would not write.
func raw(header string, data int) []byte {
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...), make([]byte, data)...)
}

// flip is a copy of a file with one bit of one byte changed.
func flip(file []byte, at int) []byte {
	file = slices.Clone(file)
	file[at] ^= 1
	return file
}

func float32s(v ...float32) (b []byte) {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

// tinyHeader is the header of tiny's file, tensors in an order of its own.
func tinyHeader() map[string]entry {
	return map[string]entry{
		"dense1.weight": {"F32", []int{3, 8}, [2]int{0, 96}},
		"conv1.weight":  {"F32", []int{2, 1, 2, 2}, [2]int{96, 128}},
		"dense1.bias":   {"F32", []int{3}, [2]int{128, 140}},
		"conv1.bias":    {"F32", []int{2}, [2]int{140, 148}},
	}
}

func tinyData() []byte {
	var v []float32
	for i := range 37 {
		v = append(v, float32(i))
	}
	return float32s(v...)
}

// TestLoadNamesAndLayout reads a file laid out by hand as PyTorch would.
func TestLoadNamesAndLayout(t *testing.T) {
	net := tiny(t)
	w, err := Load(bytes.NewReader(handWritten(t, tinyHeader(), tinyData())), net)
	if err != nil {
		t.Fatal(err)
	}
	first := map[string]float32{"dense1.weight": 0, "conv1.weight": 24, "dense1.bias": 32, "conv1.bias": 35}
	for _, p := range net.Params {
		for i, got := range p.Of(w) {
			if want := first[p.Name] + float32(i); got != want {
				t.Errorf("%s, value %d: got %v, want %v", p.Name, i, got, want)
			}
		}
	}
}

func TestSaveLoadRoundTrip(t *testing.T) {
	for _, layers := range []graph.Sequential{OneLayer(), TwoLayer()} {
		net := build(t, layers)
		w := Init(net, 9)
		var a, b bytes.Buffer
		if err := Save(&a, net, w); err != nil {
			t.Fatal(err)
		}
		if err := Save(&b, net, w); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Error("two files of the same weights differ")
		}
		got, err := Load(&a, net)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, w) {
			t.Error("loaded weights differ from the saved ones")
		}
	}
}

func TestLoadErrors(t *testing.T) {
	net := tiny(t)
	edit := func(f func(h map[string]entry)) []byte {
		h := tinyHeader()
		f(h)
		return handWritten(t, h, tinyData())
	}
	good := handWritten(t, tinyHeader(), tinyData())
	other := new(bytes.Buffer)
	if err := Save(other, build(t, TwoLayer()), Init(build(t, TwoLayer()), 1)); err != nil {
		t.Fatal(err)
	}
	signed := new(bytes.Buffer)
	if err := Save(signed, net, Init(net, 1)); err != nil {
		t.Fatal(err)
	}
	nan := slices.Clone(tinyData())
	copy(nan[100:], float32s(float32(math.NaN())))
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "not a safetensors file"},
		{"text", []byte("these are not weights at all"), "not a safetensors file"},
		{"cut in the header", good[:20], "not a safetensors file"},
		{"cut in the data", good[:len(good)-1], "not a safetensors file"},
		{"longer", append(slices.Clone(good), 0), "not a safetensors file"},
		{"header of exabytes", append(binary.LittleEndian.AppendUint64(nil, 1<<62), good[8:]...), "not a safetensors file"},
		{"another network", other.Bytes(), "conv1.weight: got shape [16 1 5 5], want [2 1 2 2]"},
		{"missing tensor", handWritten(t, map[string]entry{"conv1.bias": {"F32", []int{2}, [2]int{0, 8}}}, make([]byte, 8)), `no tensor conv1.weight; got ["conv1.bias"]`},
		{"extra tensor", edit(func(h map[string]entry) { h["extra"] = entry{"F32", []int{0}, [2]int{148, 148}} }), "tensor extra is not of this network"},
		{"shape", edit(func(h map[string]entry) { h["dense1.weight"] = entry{"F32", []int{8, 3}, [2]int{0, 96}} }), "dense1.weight: got shape [8 3], want [3 8]"},
		{"type", edit(func(h map[string]entry) { h["dense1.weight"] = entry{"F16", []int{6, 8}, [2]int{0, 96}} }), "dense1.weight: got type F16, want F32"},
		{"overlap", edit(func(h map[string]entry) { h["conv1.bias"] = entry{"F32", []int{2}, [2]int{136, 144}} }), "not a safetensors file"},
		{"gap", edit(func(h map[string]entry) { h["conv1.bias"] = entry{"F32", []int{1}, [2]int{144, 148}} }), "not a safetensors file"},
		{"size overflow", edit(func(h map[string]entry) { h["conv1.bias"] = entry{"F32", []int{1 << 62, 1 << 62}, [2]int{140, 148}} }), "not a safetensors file"},
		{"a key twice", raw(`{"conv1.bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"conv1.bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8), `key "conv1.bias" stands twice`},
		{"a field twice", raw(`{"conv1.bias":{"dtype":"F32","dtype":"F64","shape":[1],"data_offsets":[0,8]}}`, 8), `key "dtype" stands twice`},
		{"deep", raw(strings.Repeat(`{"a":`, 100000)+"1"+strings.Repeat("}", 100000), 0), "nested deeper than 3"},
		{"damaged", flip(signed.Bytes(), signed.Len()-7), "damaged: the checksum is"},
		{"not a number", handWritten(t, tinyHeader(), nan), "conv1.weight: value 1 is NaN, want a finite number"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w, err := Load(bytes.NewReader(test.file), net)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q", err, test.want)
			}
			if w != nil {
				t.Error("got weights beside an error")
			}
		})
	}
	t.Run("endless", func(t *testing.T) {
		_, err := Load(zeros{}, net)
		if err == nil || !strings.Contains(err.Error(), "more than") {
			t.Errorf("got error %v", err)
		}
	})
	if err := Save(new(bytes.Buffer), net, make([]float32, 3)); err == nil {
		t.Error("Save took 3 weights")
	}
}

// zeros is a file without an end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func FuzzLoad(f *testing.F) {
	net := tiny(f)
	f.Add(handWritten(f, tinyHeader(), tinyData()))
	f.Add([]byte{})
	f.Add(handWritten(f, map[string]any{"__metadata__": map[string]string{"a": "b"}}, nil))
	f.Add(fmt.Append(binary.LittleEndian.AppendUint64(nil, 200), strings.Repeat("[", 200)))
	f.Fuzz(func(t *testing.T, file []byte) {
		w, err := Load(bytes.NewReader(file), net)
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := Save(&again, net, w); err != nil {
			t.Fatal(err)
		}
		if back, err := Load(&again, net); err != nil || !slices.Equal(back, w) {
			t.Fatalf("the weights of a good file do not survive Save and Load: %v", err)
		}
	})
}
