package weights

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/nlpodyssey/safetensors"

	"tapenet/graph"
	"tapenet/models"
)

func build(t *testing.T, s graph.Sequential) *graph.Network {
	t.Helper()
	net, err := s.Build(1, 28, 28)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

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
	for _, layers := range []graph.Sequential{models.OneLayer(10), models.TwoLayer(10)} {
		net := build(t, layers)
		w := models.Init(net, 9)
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
	if err := Save(other, build(t, models.TwoLayer(10)), models.Init(build(t, models.TwoLayer(10)), 1)); err != nil {
		t.Fatal(err)
	}
	signed := new(bytes.Buffer)
	if err := Save(signed, net, models.Init(net, 1)); err != nil {
		t.Fatal(err)
	}
	nan := slices.Clone(tinyData())
	copy(nan[100:], float32s(float32(math.NaN())))
	infinite := slices.Clone(tinyData())
	copy(infinite[96:], float32s(float32(math.Inf(-1))))
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "not a safetensors file"},
		{"text", []byte("these are not weights at all"), "not a safetensors file"},
		{"cut in the header", good[:20], "header: unexpected EOF"},
		{"cut in the data", good[:len(good)-1], "cut short: got 147 bytes of data, want 148"},
		{"longer", append(slices.Clone(good), 0), "got more than 148 bytes of data"},
		{"header of exabytes", append(binary.LittleEndian.AppendUint64(nil, 1<<62), good[8:]...), "not a safetensors file"},
		{"another network", other.Bytes(), "the file is of another network: got input (1, 28, 28), want (1, 3, 3)"},
		{"another network that does not say so", edit(func(h map[string]entry) { h["conv1.weight"] = entry{"F32", []int{16, 1, 5, 5}, [2]int{96, 128}} }), "conv1.weight: got shape [16 1 5 5], want [2 1 2 2]"},
		{"missing tensor", handWritten(t, map[string]entry{"conv1.bias": {"F32", []int{2}, [2]int{0, 8}}}, make([]byte, 8)), `no tensor conv1.weight; got ["conv1.bias"]`},
		{"extra tensor", edit(func(h map[string]entry) { h["extra"] = entry{"F32", []int{0}, [2]int{148, 148}} }), `got tensors that are not of this network: ["extra"]; it has ["conv1.bias" "conv1.weight" "dense1.bias" "dense1.weight"]`},
		{"shape", edit(func(h map[string]entry) { h["dense1.weight"] = entry{"F32", []int{8, 3}, [2]int{0, 96}} }), "dense1.weight: got shape [8 3], want [3 8]"},
		{"type", edit(func(h map[string]entry) { h["dense1.weight"] = entry{"I32", []int{3, 8}, [2]int{0, 96}} }), `dense1.weight: got type "I32", want F32, F16, BF16 or F64`},
		{"size of another type", edit(func(h map[string]entry) { h["dense1.weight"] = entry{"F16", []int{3, 8}, [2]int{0, 96}} }), `dense1.weight: got data at bytes 0 to 96, want 0 to 48`},
		{"extra tensors", edit(func(h map[string]entry) { h["extra"] = entry{"I64", []int{}, [2]int{148, 156}}; h["more"] = h["extra"] }), `got tensors that are not of this network: ["extra" "more"]; it has ["conv1.bias" "conv1.weight" "dense1.bias" "dense1.weight"]`},
		{"overlap", edit(func(h map[string]entry) { h["conv1.bias"] = entry{"F32", []int{2}, [2]int{136, 144}} }), "conv1.bias: got data at bytes 136 to 144, want 140 to 148"},
		{"gap", edit(func(h map[string]entry) { h["conv1.bias"] = entry{"F32", []int{2}, [2]int{144, 152}} }), "conv1.bias: got data at bytes 144 to 152, want 140 to 148"},
		{"longer than its shape", edit(func(h map[string]entry) { h["conv1.bias"] = entry{"F32", []int{2}, [2]int{140, 152}} }), "conv1.bias: got data at bytes 140 to 152, want 140 to 148"},
		{"size overflow", edit(func(h map[string]entry) { h["conv1.bias"] = entry{"F32", []int{1 << 62, 1 << 62}, [2]int{140, 148}} }), "conv1.bias: got shape [4611686018427387904 4611686018427387904], want [2]"},
		{"a key twice", raw(`{"conv1.bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"conv1.bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8), `header: "conv1.bias" is there twice`},
		{"a field twice", raw(`{"conv1.bias":{"dtype":"F32","dtype":"F64","shape":[1],"data_offsets":[0,8]}}`, 8), `header: "conv1.bias": "dtype" is there twice`},
		{"a word twice", raw(`{"__metadata__":{"a":"1","a":"1"}}`, 0), `header: "__metadata__": "a" is there twice`},
		{"all words twice", raw(`{"__metadata__":{},"__metadata__":{}}`, 0), `header: "__metadata__" is there twice`},
		{"a list", raw(`[]`, 0), "not a safetensors file"},
		{"no header", raw("", 100), "not a safetensors file"},
		{"two headers", raw(`{}{}`, 0), "header: got more than one JSON object"},
		{"no JSON", raw(`{"conv1.bias":F32}`, 0), `header: "conv1.bias": invalid character 'F'`},
		{"longer than its length", raw(`{"conv1.bias"`, 0), `header: "conv1.bias": unexpected EOF`},
		{"unknown field", raw(`{"a":{"dtype":"F32","kind":1}}`, 0), `header: "a": "kind": want dtype, shape or data_offsets`},
		{"a field missing", raw(`{"a":{"dtype":"F32","shape":[]}}`, 0), `header: "a": want dtype, shape and data_offsets`},
		{"type of no string", raw(`{"a":{"dtype":null}}`, 0), `header: "a": "dtype": got null, want a string`},
		{"shape of no list", raw(`{"a":{"shape":"2"}}`, 0), `header: "a": "shape": got "2", want [`},
		{"shape of strings", raw(`{"a":{"shape":["2"]}}`, 0), `header: "a": "shape": got "2", want a whole number from 0 to`},
		{"shape of a fraction", raw(`{"a":{"shape":[2.5]}}`, 0), `header: "a": "shape": got 2.5, want a whole number from 0 to`},
		{"shape of a list", raw(`{"a":{"shape":[[2]]}}`, 0), `header: "a": "shape": got [, want a whole number from 0 to`},
		{"shape below 0", raw(`{"a":{"shape":[-2]}}`, 0), `header: "a": "shape": got -2, want a whole number from 0 to`},
		{"shape beyond 64 bits", raw(`{"a":{"shape":[18446744073709551616]}}`, 0), `got 18446744073709551616, want a whole number from 0 to`},
		{"one offset", raw(`{"a":{"data_offsets":[0]}}`, 0), `header: "a": "data_offsets": got 1 numbers, want 2`},
		{"end before start", edit(func(h map[string]entry) { h["conv1.bias"] = entry{"F32", []int{2}, [2]int{148, 140}} }), "conv1.bias: got data at bytes 148 to 140, want 140 to 148"},
		{"word of no string", raw(`{"__metadata__":{"epoch":3}}`, 0), `header: "__metadata__": "epoch": got 3, want a string`},
		{"control characters", raw(`{"\u001b]0;title\u0007":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}`, 0), `no tensor conv1.weight; got ["\x1b]0;title\a"]`},
		{"damaged", flip(signed.Bytes(), signed.Len()-7), "damaged: the checksum is"},
		{"not a number", handWritten(t, tinyHeader(), nan), "conv1.weight: value 1 is NaN, want a finite number"},
		{"minus infinity", handWritten(t, tinyHeader(), infinite), "conv1.weight: value 0 is -Inf, want a finite number"},
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
		if err == nil || !strings.Contains(err.Error(), "not a safetensors file") {
			t.Errorf("got error %v", err)
		}
		endless := io.MultiReader(bytes.NewReader(good), zeros{})
		if _, err = Load(endless, net); err == nil || !strings.Contains(err.Error(), "got more than 148 bytes of data") {
			t.Errorf("after a good file: got error %v", err)
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
	f.Add(handWritten(f, map[string]any{
		"0.weight": entry{"F16", []int{2, 1, 2, 2}, [2]int{0, 16}}, "0.bias": entry{"F16", []int{2}, [2]int{16, 20}},
		"3.weight": entry{"BF16", []int{3, 8}, [2]int{20, 68}}, "3.bias": entry{"F64", []int{3}, [2]int{68, 92}},
	}, make([]byte, 92)))
	f.Add(handWritten(f, map[string]any{
		"__metadata__":       map[string]string{"format": Checkpoint},
		"module.conv1.bias":  entry{"F32", []int{2}, [2]int{0, 8}},
		"module.conv1.extra": entry{"I64", []int{}, [2]int{8, 16}},
	}, make([]byte, 16)))
	initial := models.Init(net, 5)
	f.Fuzz(func(t *testing.T, file []byte) {
		some, part, partErr := LoadPartial(bytes.NewReader(file), net, initial)
		for _, p := range net.Params {
			if partErr == nil && !slices.Contains(part.Taken, p.Name) && !slices.Equal(p.Of(some), p.Of(initial)) {
				t.Fatalf("%s is not taken, and changed", p.Name)
			}
		}
		w, err := Load(bytes.NewReader(file), net)
		if err != nil {
			return
		}
		if partErr != nil || len(part.Taken) != len(net.Params) || !slices.Equal(w, some) {
			t.Fatalf("Load takes all, LoadPartial %v, error %v", part, partErr)
		}
		if _, err := safetensors.Deserialize(file); err != nil {
			t.Fatalf("another reader refuses the file: %v", err)
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

// TestWords: the words of a file are read without its tensors.
func TestWords(t *testing.T) {
	net, err := graph.Sequential{graph.Dense(2)}.Build(1)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := (File{Meta: map[string]string{"a": "1", "b": "é"}, Vectors: map[string][]float32{"": make([]float32, 4)}}).Write(&file, net); err != nil {
		t.Fatal(err)
	}
	file.Truncate(file.Len() - 16) // all values
	got, err := Words(bytes.NewReader(file.Bytes()))
	if err != nil || got["a"] != "1" || got["b"] != "é" || len(got) != 3 {
		t.Errorf("got %v, error %v; want two words and a checksum", got, err)
	}
	if got, err := Words(strings.NewReader("PK\x03\x04")); err == nil {
		t.Errorf("of a .npz file: got %v", got)
	}
}
