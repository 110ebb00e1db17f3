package weights

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/nlpodyssey/safetensors"

	"tapenet/graph"
	"tapenet/models"
)

// saved is what Save writes for tiny, as text.
func saved(t testing.TB) string {
	t.Helper()
	net := tiny(t)
	var file bytes.Buffer
	if err := Save(&file, net, models.Init(net, 1)); err != nil {
		t.Fatal(err)
	}
	return file.String()
}

// TestSaveSaysItsNetwork: the words are those of the format, and another reader
// sees them.
func TestSaveSaysItsNetwork(t *testing.T) {
	file := []byte(saved(t))
	_, header, err := safetensors.ReadMetadata(file)
	if err != nil {
		t.Fatal(err)
	}
	got := header.Metadata()
	delete(got, checksumKey)
	want := map[string]string{
		"format": "pt", "tapenet.input": "1, 3, 3",
		"tapenet.layers": "Conv2d(2, 2), Flatten, Dense(3), SoftMax",
	}
	if !maps.Equal(got, want) {
		t.Errorf("got words %q, want %q", got, want)
	}
}

func TestOpen(t *testing.T) {
	row, err := graph.Sequential{graph.Rectify, graph.Dense(4), graph.Dense(2)}.Build(5)
	if err != nil {
		t.Fatal(err)
	}
	bare, err := graph.Sequential{graph.MaxPool2D(2), graph.Flatten, graph.SoftMax}.Build(3, 4, 4)
	if err != nil {
		t.Fatal(err)
	}
	modern, err := graph.Sequential{
		graph.Conv2d(2, 3).Pad(1).Stride(2), graph.MaxPool2D(3).Same().Stride(2), graph.Dropout(0.1), graph.Flatten, graph.Dense(2),
	}.Build(1, 9, 8)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]*graph.Network{
		"padding, stride, Dropout": modern,
		"one layer":                build(t, models.OneLayer(10)), "two layer": build(t, models.TwoLayer(7)), "rows": row, "no parameters": bare,
	} {
		w := models.Init(want, 9)
		var file bytes.Buffer
		if err := Save(&file, want, w); err != nil {
			t.Fatal(err)
		}
		net, got, err := Open(&file)
		if err != nil || !slices.Equal(got, w) || !slices.Equal(net.Sequential(), want.Sequential()) || !slices.Equal(net.In, want.In) {
			t.Errorf("%s: got network %+v, error %v", name, net, err)
		}
	}
}

// TestOpenErrors changes what a good file says of its network, and keeps its
// length.
func TestOpenErrors(t *testing.T) {
	file := saved(t)
	for name, test := range map[string]struct{ old, new, want string }{
		"no layers":       {"tapenet.layers", "tapenet.player", `the file does not say which network it is of: no word "tapenet.layers"`},
		"no input":        {"tapenet.input", "tapenet.imput", `tapenet.input: got "", want numbers such as 1, 28, 28`},
		"no list":         {"Flatten, Dense(3)", "Flatten, Dense[3]", `tapenet.layers: 1:29: layer 3: got "[", want '('`},
		"no shape":        {`"1, 3, 3"`, `"1, 3 x3"`, `tapenet.input: got "1, 3 x3", want numbers such as 1, 28, 28`},
		"many axes":       {`"1, 3, 3"`, `"1,1,3,3"`, "the file's network: input: got shape (1, 1, 3, 3), want (C, H, W) or (D)"},
		"no pixels":       {`"1, 3, 3"`, `"1, 0, 3"`, "the file's network: input: got shape (1, 0, 3)"},
		"no fit":          {"Conv2d(2, 2)", "Conv2d(2, 4)", "the file's network: layer 1, Conv2d(2, 4): a filter of 4x4 does not fit into 3x3 pixels"},
		"other tensors":   {"Dense(3)", "Dense(4)", "dense1.weight: got shape [3 8], want [4 8]"},
		"another network": {" SoftMax", " Rectify", "damaged: the checksum is"},
	} {
		changed := strings.Replace(file, test.old, test.new, 1)
		if len(changed) != len(file) || changed == file {
			t.Fatalf("%s: the change does not fit", name)
		}
		net, w, err := Open(strings.NewReader(changed))
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || net != nil || w != nil {
			t.Errorf("%s: got network %v, error %v, want %s", name, net, err, test.want)
		}
	}
}

// TestLoadComparesNetworks: the error is the first difference of the networks,
// before any of the tensors'. Spacing is no difference.
func TestLoadComparesNetworks(t *testing.T) {
	net := tiny(t)
	words := func(layers, input string) string {
		return fmt.Sprintf(`{"__metadata__":{"tapenet.layers":%q,"tapenet.input":%q}}`, layers, input)
	}
	const is = "the file is of another network: "
	for _, test := range []struct{ layers, input, want string }{
		{"Conv2d(2,2),Flatten,Dense(3),SoftMax", "1,3,3", "no tensor conv1.weight"},
		{"Conv2d(2, 2), Flatten, Dense(3), SoftMax", "3, 3, 3", is + "got input (3, 3, 3), want (1, 3, 3)"},
		{"Flatten", "9", is + "got input (9), want (1, 3, 3)"},
		{"Conv2d(2, 2), Rectify, Flatten, Dense(3), SoftMax", "1, 3, 3", is + "layer 2, got Rectify, want Flatten"},
		{"Conv2d(2, 2), Flatten, Dense(30), SoftMax", "1, 3, 3", is + "layer 3, got Dense(30), want Dense(3)"},
		{"Conv2d(2, 2), Flatten, Dense(3)", "1, 3, 3", is + "layer 4, got the end, want SoftMax"},
		{"Conv2d(2, 2), Flatten, Dense(3), SoftMax, Dense(3)", "1, 3, 3", is + "layer 5, got Dense(3), want the end"},
		{"Conv4d(2, 2)", "1, 3, 3", `tapenet.layers: 1:1: layer 1: got "Conv4d"`},
		{"", "1, 3, 3", "tapenet.layers: "},
		{"Conv2d(4, 4)", "1, 3, 3", "the file's network: layer 1, Conv2d(4, 4): a filter"},
		{"Conv2d(2, 2)", "all", `tapenet.input: got "all"`},
	} {
		_, err := Load(bytes.NewReader(raw(words(test.layers, test.input), 0)), net)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s on (%s): got error %v, want %s", test.layers, test.input, err, test.want)
		}
	}
}

// TestOpenAllocatesForTheFile: a network of 2^28 parameters costs nothing as
// long as its values are not there.
func TestOpenAllocatesForTheFile(t *testing.T) {
	const units = 1 << 27
	header := func(layers, input string) string {
		return fmt.Sprintf(`{"__metadata__":{"tapenet.layers":%q,"tapenet.input":%q},
			"dense1.weight":{"dtype":"F32","shape":[%d,2],"data_offsets":[0,%d]},
			"dense1.bias":{"dtype":"F32","shape":[%[3]d],"data_offsets":[%[4]d,%d]}}`, layers, input, units, units*8, units*12)
	}
	const layers = "Dense(134217728)"
	for _, test := range []struct{ name, header, want string }{
		{"parameters", header(layers, "2"), "cut short: got 1000 bytes of data, want 1610612736"},
		{"more parameters", header(layers, "3"), "the file's network: layer 1, Dense(134217728): too large"},
		{"layers", header(strings.Repeat("Rectify,", 1<<20), "2"), "tapenet.layers: got more than 1000 layers"},
		{"letters of a layer", header(strings.Repeat("x", 1<<20), "2"), `tapenet.layers: 1:1: layer 1: got "xxx`},
		{"blanks", header(strings.Repeat(" ", 1<<20), "2"), "tapenet.layers: 1:1048577: layer 1: got the end"},
		{"axes", header(layers, strings.Repeat("1,", 1<<20)), `tapenet.input: got "1,1,1,`},
	} {
		file := raw(test.header, 1000)
		var err error
		got := allocated(func() { _, _, err = Open(bytes.NewReader(file)) })
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || len(err.Error()) > 500 {
			t.Errorf("%s: got error %.1000v, want %s", test.name, err, test.want)
		}
		// The buffers of the decoder and of Parse double until the longest word fits.
		if most := uint64(1<<20 + 11*len(file)); got > most {
			t.Errorf("%s: got %d bytes allocated for a file of %d, want at most %d", test.name, got, len(file), most)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte(saved(f)))
	f.Add(raw(`{"__metadata__":{"tapenet.layers":"Flatten","tapenet.input":"4"}}`, 0))
	f.Add(raw(`{"__metadata__":{"tapenet.layers":"Dense(1)","tapenet.input":"1"},"dense1.weight":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},"dense1.bias":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8))
	f.Fuzz(func(t *testing.T, file []byte) {
		net, w, err := Open(bytes.NewReader(file))
		if err != nil {
			return
		}
		if len(w) != net.NumParams() {
			t.Fatalf("got %d values for %d parameters", len(w), net.NumParams())
		}
		if again, err := Load(bytes.NewReader(file), net); err != nil || !slices.Equal(again, w) {
			t.Fatalf("Open takes the file, Load does not: %v", err)
		}
	})
}
