package weights

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"tapenet/graph"
	"tapenet/models"
)

// renamed is tiny's header with other names of the tensors.
func renamed(names map[string]string) map[string]entry {
	h := map[string]entry{}
	for name, e := range tinyHeader() {
		h[names[name]] = e
	}
	return h
}

func prefixed(prefix string) map[string]entry {
	names := map[string]string{}
	for name := range tinyHeader() {
		names[name] = prefix + name
	}
	return renamed(names)
}

func numbered(prefix, conv, dense string) map[string]entry {
	return renamed(map[string]string{
		"conv1.weight": prefix + conv + ".weight", "conv1.bias": prefix + conv + ".bias",
		"dense1.weight": prefix + dense + ".weight", "dense1.bias": prefix + dense + ".bias",
	})
}

// with is a header with one more tensor, of 8 bytes after tiny's data.
func with(h map[string]entry, name string) map[string]entry {
	h[name] = entry{"I64", []int{}, [2]int{148, 156}}
	return h
}

// TestNamesFromElsewhere: names with a prefix, and other layers in an order that
// their numbers and kinds tell, are the network's.
func TestNamesFromElsewhere(t *testing.T) {
	net := tiny(t)
	want, err := Load(bytes.NewReader(handWritten(t, tinyHeader(), tinyData())), net)
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("a.", 1<<18)
	for name, h := range map[string]map[string]entry{
		"DataParallel": prefixed("module."), "torch.compile": prefixed("_orig_mod."), "both": prefixed("module._orig_mod."),
		"a dot": prefixed("."), "long": prefixed(long), "like a layer": prefixed("dense1."),
		"Sequential": numbered("", "0", "2"), "from 9 to 10": numbered("", "9", "10"), "nested": numbered("module.net.", "1", "20"),
		"below zero": numbered("", "-1", "2"), "two Sequentials": numbered("module.", "features.3", "classifier.0"),
		"kinds": numbered("", "features", "classifier"), "no dot": prefixed("module"),
		"one name": numbered("", "conv1", "fc2"), "one name after a prefix": numbered("module.", "layer.7", "dense1"),
	} {
		got, err := Load(bytes.NewReader(handWritten(t, h, tinyData())), net)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got error %.300v, values %v", name, err, got)
		}
	}
	for name, test := range map[string]struct {
		header map[string]entry
		want   string
	}{
		"a counter":   {with(prefixed("module."), "module.bn1.num_batches_tracked"), `got tensors that are not of this network: ["module.bn1.num_batches_tracked"]; it has ["module.conv1.bias"`},
		"shape":       {numbered("", "2", "0"), `no tensor conv1.weight; got ["0.bias" "0.weight" "2.bias" "2.weight"]`},
		"more layers": {with(numbered("", "0", "2"), "1.num_batches_tracked"), `got 3 layers with parameters, want 2: ["conv1" "dense1"]; got ["0.bias" "0.weight" "1.num`},
		"no layer":    {with(tinyHeader(), "n"), `got tensors that are not of this network: ["n"]`},
		"no bias":     {renamed(map[string]string{"conv1.weight": "0.weight", "conv1.bias": "0.b", "dense1.weight": "2.weight", "dense1.bias": "2.bias"}), `no tensor "0.bias" (conv1.bias); got ["0.b" `},
	} {
		data := append(tinyData(), make([]byte, 8)...)
		_, err := Load(bytes.NewReader(handWritten(t, test.header, data)), net)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want %s", name, err, test.want)
		}
	}
}

// TestOrder: dense layers have no order but that of their numbers, which may be
// anywhere in their names.
func TestOrder(t *testing.T) {
	net, err := graph.Sequential{graph.Dense(2), graph.Dense(2), graph.Dense(2), graph.SoftMax}.Build(2)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		names [3]string
		ok    bool
	}{
		{[3]string{"fc1", "fc2", "fc10"}, true},
		{[3]string{"9", "10", "100"}, true},
		{[3]string{"block2.1.fc", "block10.0.fc", "block10.9.fc"}, true},
		{[3]string{"m.dense1", "m.fc0", "m.fc1"}, true},
		{[3]string{"dense3", "dense2", "dense1"}, false}, // by their names
		{[3]string{"first", "second", "third"}, false},
		{[3]string{"a.0", "a.1", "b.0"}, false},
	} {
		h, want := map[string]entry{}, []float32(nil)
		var data []byte
		for i, name := range test.names {
			at := len(data)
			h[name+".weight"], h[name+".bias"] = entry{"F32", []int{2, 2}, [2]int{at, at + 16}}, entry{"F32", []int{2}, [2]int{at + 16, at + 24}}
			values := slices.Repeat([]float32{float32(1 + i)}, 6)
			data, want = append(data, float32s(values...)...), append(want, values...)
		}
		got, err := Load(bytes.NewReader(handWritten(t, h, data)), net)
		if ok := slices.Equal(got, want); ok != test.ok {
			t.Errorf("%q: got %v, error %v", test.names, got, err)
		}
	}
}

// TestHalf holds every pattern of F16 and BF16 against the formula, in float64.
func TestHalf(t *testing.T) {
	for dtype, exponentBits := range map[string]int{"F16": 5, "BF16": 8} {
		fractionBits := 15 - exponentBits
		bias := 1<<(exponentBits-1) - 1
		for h := range 1 << 16 {
			exponent, fraction := h>>fractionBits&(1<<exponentBits-1), float64(h&(1<<fractionBits-1))
			want := math.Ldexp(fraction, 1-bias-fractionBits)
			switch {
			case exponent == 1<<exponentBits-1 && fraction == 0:
				want = math.Inf(1)
			case exponent == 1<<exponentBits-1:
				want = math.NaN()
			case exponent > 0:
				want = math.Ldexp(1+math.Ldexp(fraction, -fractionBits), exponent-bias)
			}
			if h>>15 == 1 {
				want = -want
			}
			got := decoders[dtype].value(binary.LittleEndian.AppendUint16(nil, uint16(h)))
			if got != want && !(math.IsNaN(got) && math.IsNaN(want)) || math.Signbit(got) != math.Signbit(want) && got == got || float64(float32(got)) != got && got == got {
				t.Fatalf("%s %#04x: got %v, want %v", dtype, h, got, want)
			}
		}
	}
}

// typed is tiny's file with values in a type, each of the four tensors in turn
// beginning with the given bytes, and 0 after them.
func typed(t testing.TB, meta map[string]string, dtype string, size int, first []byte) []byte {
	t.Helper()
	h, start, data := map[string]any{}, 0, []byte(nil)
	if meta != nil {
		h[metadataKey] = meta
	}
	for _, p := range tiny(t).Params {
		end := start + size*p.Size
		h[p.Name] = entry{dtype, p.Shape, [2]int{start, end}}
		data = append(data, append(slices.Clone(first), make([]byte, end-start-len(first))...)...)
		start = end
	}
	return handWritten(t, h, data)
}

// TestTypes: values of any float type become float32, or an error that names
// them.
func TestTypes(t *testing.T) {
	net := tiny(t)
	bits64 := func(x float64) []byte { return binary.LittleEndian.AppendUint64(nil, math.Float64bits(x)) }
	for _, test := range []struct {
		dtype string
		first []byte
		value float32
		want  string // the error, or ""
	}{
		{"F16", []byte{0x00, 0x3c}, 1, ""},
		{"F16", []byte{0x01, 0x80}, -0x1p-24, ""},
		{"F16", []byte{0x00, 0x7c}, 0, "conv1.weight: value 0 is +Inf, want a finite number"},
		{"F16", []byte{0x01, 0x7c}, 0, "conv1.weight: value 0 is NaN, want a finite number"},
		{"BF16", []byte{0x49, 0x40}, 3.140625, ""},
		{"BF16", []byte{0x80, 0xff}, 0, "conv1.weight: value 0 is -Inf, want a finite number"},
		{"F32", float32s(1e-45), 1e-45, ""},
		{"F64", bits64(0.1), 0.1, ""},
		{"F64", bits64(1 + 0x1p-24), 1, ""}, // a tie, to even
		{"F64", bits64(1 + 0x1p-24 + 0x1p-50), 1 + 0x1p-23, ""},
		{"F64", bits64(1e-300), 0, ""},
		{"F64", bits64(math.MaxFloat32 + 1), math.MaxFloat32, ""},
		{"F64", bits64(-1e39), 0, "conv1.weight: value 0 is -1e+39, want a float32: at most 3.4028234663852886e+38"},
		{"F64", bits64(math.NaN()), 0, "conv1.weight: value 0 is NaN, want a finite number"},
	} {
		file := typed(t, nil, test.dtype, map[string]int{"F16": 2, "BF16": 2, "F32": 4, "F64": 8}[test.dtype], test.first)
		got, err := Load(bytes.NewReader(file), net)
		if test.want != "" {
			if err == nil || err.Error() != test.want {
				t.Errorf("%s %x: got error %v, want %s", test.dtype, test.first, err, test.want)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range net.Params {
			if v := p.Of(got); v[0] != test.value || v[1] != 0 {
				t.Errorf("%s %x: %s is %v, want %v first", test.dtype, test.first, p.Name, v, test.value)
			}
		}
	}
}

// TestOpenRewritten: a file that another program made of ours opens if it has our
// words, even with the checksum of before.
func TestOpenRewritten(t *testing.T) {
	words := map[string]string{layersKey: "Conv2d(2, 2), Flatten, Dense(3), SoftMax", inputKey: "1, 3, 3"}
	copied := maps.Clone(words)
	copied[checksumKey] = "of before"
	under := func(prefix string, meta map[string]string) []byte {
		h := map[string]any{metadataKey: meta}
		for name, e := range prefixed(prefix) {
			h[name] = e
		}
		return handWritten(t, h, tinyData())
	}
	for name, file := range map[string][]byte{
		"half": typed(t, words, "F16", 2, nil), "half, copied words": typed(t, copied, "BF16", 2, nil),
		"prefix": under("module.", words), "prefix, copied words": under("module.", copied),
	} {
		net, w, err := Open(bytes.NewReader(file))
		if err != nil || net.Sequential().String() != words[layersKey] || len(w) != 37 {
			t.Errorf("%s: got network %v, error %v", name, net, err)
		}
	}
	if _, _, err := Open(bytes.NewReader(under("", copied))); err == nil || !strings.HasPrefix(err.Error(), "damaged: ") {
		t.Errorf("our names and types with another checksum: got error %v", err)
	}
}

// TestEveryByte changes each byte of a file with a checksum in turn: it is refused,
// or read as it was.
func TestEveryByte(t *testing.T) {
	file, net := saved(t), tiny(t)
	want := models.Init(net, 1)
	for at := range file {
		for _, change := range []byte{1, 6, 0x20, 0x80, 0xff} {
			bad := []byte(file)
			bad[at] ^= change
			if got, err := Load(bytes.NewReader(bad), net); err == nil && !slices.Equal(got, want) {
				t.Fatalf("byte %d of %d changed by %#x: read as other values", at, len(file), change)
			}
		}
	}
}

// TestLoadOfCheckpoint: the weights of a checkpoint are taken, and Adam's moments
// belong to it.
func TestLoadOfCheckpoint(t *testing.T) {
	net := tiny(t)
	w := models.Init(net, 1)
	checkpoint := func(format string, prefixes ...string) []byte {
		f := File{Meta: map[string]string{FormatKey: format}, Vectors: map[string][]float32{"": w}}
		for i, prefix := range prefixes {
			f.Vectors[prefix] = models.Init(net, uint64(2+i))
		}
		var file bytes.Buffer
		if err := f.Write(&file, net); err != nil {
			t.Fatal(err)
		}
		return file.Bytes()
	}
	good := checkpoint(Checkpoint, AdamM, AdamV)
	if got, err := Load(bytes.NewReader(good), net); err != nil || !slices.Equal(got, w) {
		t.Errorf("got %v, error %v", got, err)
	}
	got, part, err := LoadPartial(bytes.NewReader(good), net, make([]float32, 37))
	if err != nil || !slices.Equal(got, w) || len(part.Taken) != 4 || len(part.Left)+len(part.Unused) > 0 {
		t.Errorf("in part: got %v, %v, error %v", got, part, err)
	}
	other, err := graph.Sequential{graph.Conv2d(2, 2), graph.Flatten, graph.SoftMax}.Build(1, 3, 3)
	if err != nil {
		t.Fatal(err)
	}
	_, part, err = LoadPartial(bytes.NewReader(good), other, models.Init(other, 1))
	if want := []string{"dense1.bias", "dense1.weight"}; err != nil || len(part.Taken) != 2 || !slices.Equal(part.Unused, want) {
		t.Errorf("in part, without the dense layer: got %v, error %v", part, err)
	}
	for want, file := range map[string][]byte{
		`got tensors that are not of this network: ["adam.m.conv1.bias" `: checkpoint("pt", AdamM, AdamV),
		"no tensor adam.v.conv1.weight":                                   checkpoint(Checkpoint, AdamM),
		`got tensors that are not of this network: ["adam.x.conv1.bias" `: checkpoint(Checkpoint, AdamM, AdamV, "adam.x."),
		"damaged: the checksum is":                                        flip(good, len(good)-7),
		"cut short: got 443 bytes of data":                                good[:len(good)-1],
	} {
		if _, err := Load(bytes.NewReader(file), net); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
}

// TestLoadPartial: what fits by name and shape is the file's, the rest as it was.
func TestLoadPartial(t *testing.T) {
	net := tiny(t)
	whole, err := Load(bytes.NewReader(handWritten(t, tinyHeader(), tinyData())), net)
	if err != nil {
		t.Fatal(err)
	}
	other, err := graph.Sequential{graph.Conv2d(2, 2), graph.Flatten, graph.Dense(5), graph.SoftMax}.Build(1, 3, 3)
	if err != nil {
		t.Fatal(err)
	}
	var saved bytes.Buffer
	otherValues := models.Init(other, 3)
	if err := Save(&saved, other, otherValues); err != nil {
		t.Fatal(err)
	}
	edit := func(f func(h map[string]entry)) []byte {
		h := tinyHeader()
		f(h)
		return handWritten(t, h, append(tinyData(), make([]byte, 8)...))
	}
	const conv, dense = "conv1.weight conv1.bias", "dense1.weight dense1.bias"
	shape := []string{"dense1.weight: got shape [5 8], want [3 8]", "dense1.bias: got shape [5], want [3]"}
	for name, test := range map[string]struct {
		file         []byte
		from         []float32 // the values that are taken
		taken        string
		left, unused []string
	}{
		"all":             {handWritten(t, tinyHeader(), tinyData()), whole, conv + " " + dense, nil, nil},
		"another network": {saved.Bytes(), otherValues, conv, shape, nil},
		"another name": {edit(func(h map[string]entry) {
			h["fc.weight"] = h["dense1.weight"]
			delete(h, "dense1.weight")
			with(h, "n")
		}), whole, conv + " dense1.bias", []string{"no tensor dense1.weight"}, []string{"fc.weight", "n"}},
		"another type":  {edit(func(h map[string]entry) { h["dense1.weight"] = entry{"I32", []int{3, 8}, [2]int{0, 96}}; with(h, "n") }), whole, conv + " dense1.bias", []string{`dense1.weight: got type "I32", want F32, F16, BF16 or F64`}, []string{"n"}},
		"moments alone": {edit(func(h map[string]entry) { with(h, "adam.m.x") }), whole, conv + " " + dense, nil, []string{"adam.m.x"}},
		"a prefix":      {handWritten(t, with(prefixed("module."), "module.n"), append(tinyData(), make([]byte, 8)...)), whole, conv + " " + dense, nil, []string{"module.n"}},
		"a prefix, one missing": {edit(func(h map[string]entry) {
			clear(h)
			maps.Copy(h, with(prefixed("a."), "n"))
			h["a.x"] = h["a.conv1.weight"]
			delete(h, "a.conv1.weight")
		}), whole, "conv1.bias " + dense, []string{`no tensor "a.conv1.weight" (conv1.weight)`}, []string{"a.x", "n"}},
		"a Sequential": {edit(func(h map[string]entry) {
			clear(h)
			maps.Copy(h, numbered("", "0", "2"))
			h["2.bias"] = entry{"F32", []int{5}, [2]int{128, 140}}
			h["2.n"] = entry{"I64", []int{}, [2]int{148, 156}}
		}), whole, conv + " dense1.weight", []string{`"2.bias" (dense1.bias): got shape [5], want [3]`}, []string{"2.n"}},
		"another kind": {edit(func(h map[string]entry) { // as a BatchNorm of 3 values
			h["bn1.bias"], h["bn1.weight"] = h["dense1.bias"], entry{"F32", []int{24}, h["dense1.weight"].Offsets}
			delete(h, "dense1.bias")
			delete(h, "dense1.weight")
			with(h, "n")
		}), whole, conv, []string{"no tensor dense1.weight", "no tensor dense1.bias"}, []string{"bn1.bias", "bn1.weight", "n"}},
	} {
		initial := models.Init(net, 8)
		got, part, err := LoadPartial(bytes.NewReader(test.file), net, initial)
		if err != nil || strings.Join(part.Taken, " ") != test.taken || !slices.Equal(part.Left, test.left) || !slices.Equal(part.Unused, test.unused) {
			t.Errorf("%s: got %q, error %v", name, part, err)
			continue
		}
		if !slices.Equal(initial, models.Init(net, 8)) {
			t.Errorf("%s: the caller's values changed", name)
		}
		for _, p := range net.Params {
			want := initial
			if slices.Contains(part.Taken, p.Name) {
				want = test.from
			}
			if !slices.Equal(p.Of(got), p.Of(want)) {
				t.Errorf("%s: %s: got %v, want %v", name, p.Name, p.Of(got), p.Of(want))
			}
		}
	}
	_, part, err := LoadPartial(bytes.NewReader(saved.Bytes()), net, models.Init(net, 8))
	if want := "taken: conv1.weight, conv1.bias; not taken: dense1.weight: got shape [5 8], want [3 8]; dense1.bias: got shape [5], want [3]"; part.String() != want || err != nil {
		t.Errorf("got %v, error %v, want %s", part, err, want)
	}
	part.Unused = slices.Repeat([]string{"\x1b"}, 12)
	if want := `; unused: [` + strings.Repeat(`"\x1b" `, 9) + `"\x1b"] and 2 more`; !strings.HasSuffix(part.String(), want) {
		t.Errorf("got %v, want %s at the end", part, want)
	}
}

func TestLoadPartialErrors(t *testing.T) {
	net := tiny(t)
	nan := tinyData()
	copy(nan[100:], float32s(float32(math.NaN())))
	one := func(name, dtype string, shape []int, start, end int) []byte {
		return handWritten(t, map[string]entry{name: {dtype, shape, [2]int{start, end}}, "conv1.bias": {"F32", []int{2}, [2]int{0, 8}}}, make([]byte, 16))
	}
	signed := saved(t)
	for name, test := range map[string]struct {
		file []byte
		want string
	}{
		"none":          {handWritten(t, map[string]entry{"a": {"F32", []int{2}, [2]int{0, 8}}}, make([]byte, 8)), `no tensor fits this network: no tensor conv1.weight; no tensor conv1.bias; no tensor dense1.weight; got ["a"]`},
		"no shape":      {handWritten(t, map[string]entry{"conv1.bias": {"F32", []int{3}, [2]int{0, 12}}}, make([]byte, 12)), `no tensor fits this network: no tensor conv1.weight; conv1.bias: got shape [3], want [2]; no tensor dense1.weight; got ["conv1.bias"]`},
		"a Sequential":  {handWritten(t, map[string]entry{"0.bias": {"F32", []int{2}, [2]int{0, 8}}}, make([]byte, 8)), "got 1 layers with parameters, want 2"},
		"not a number":  {handWritten(t, tinyHeader(), nan), "conv1.weight: value 1 is NaN"},
		"damaged":       {flip([]byte(signed), len(signed)-7), "damaged: the checksum is"},
		"cut":           {one("a", "U8", []int{9}, 8, 17), "cut short: got 16 bytes of data, want 17"},
		"cut in ours":   {one("a", "U8", []int{9}, 8, 16)[:100], `header: "conv1.bias": "shape": unexpected EOF`},
		"longer":        {one("a", "U8", []int{7}, 8, 15), "got more than 15 bytes of data"},
		"a gap":         {one("a", "U8", []int{7}, 9, 16), `"a": got data at bytes 9 to 16, want 8 to 16`},
		"an overlap":    {one("a", "U8", []int{7}, 7, 16), `"a": got data at bytes 7 to 16, want 8 to 16`},
		"backwards":     {one("a", "U8", []int{7}, 8, 7), `"a": got data at bytes 8 to 7, want 8 to 8`},
		"exabytes":      {one("a", "U8", []int{math.MaxInt}, 8, math.MaxInt), "cut short: got 16 bytes of data, want 9223372036854775807"},
		"not ours":      {[]byte("PK\x03\x04 and so on"), "not a safetensors file: it is a zip"},
		"overlap twice": {one("conv1.weight", "F32", []int{2, 1, 2, 2}, 0, 32), "conv1.weight: got data at bytes 0 to 32, want 8 to 40"},
	} {
		w, part, err := LoadPartial(bytes.NewReader(test.file), net, make([]float32, 37))
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || w != nil || part.Taken != nil {
			t.Errorf("%s: got %v, %v, error %v, want %s", name, w, part, err, test.want)
		}
	}
	if _, _, err := LoadPartial(bytes.NewReader(handWritten(t, tinyHeader(), tinyData())), net, make([]float32, 36)); fmt.Sprint(err) != "got 36 initial values, want 37" {
		t.Errorf("36 initial values: got error %v", err)
	}
}

// TestPartialSkipsTheRest: what is not taken costs no memory.
func TestPartialSkipsTheRest(t *testing.T) {
	const large = 64 << 20
	net := tiny(t)
	file := handWritten(t, map[string]entry{"conv1.bias": {"F32", []int{2}, [2]int{0, 8}}, "large": {"U8", []int{large}, [2]int{8, 8 + large}}}, make([]byte, 8+large))
	var err error
	got := allocated(func() { _, _, err = LoadPartial(bytes.NewReader(file), net, make([]float32, 37)) })
	if err != nil || got > 1<<20 {
		t.Errorf("got %d bytes allocated, error %v", got, err)
	}
}
