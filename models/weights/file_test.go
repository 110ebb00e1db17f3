package weights

import (
	"bytes"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nlpodyssey/safetensors"

	"tapenet/models"
)

// TestWriteWithoutWords: Write takes nil for no words, and does not change the
// caller's.
func TestWriteWithoutWords(t *testing.T) {
	net := tiny(t)
	weights := models.Init(net, 1)
	given := map[string]string{"a": "b"}
	for _, meta := range []map[string]string{nil, {}, given} {
		want := maps.Clone(meta)
		var file bytes.Buffer
		if err := (File{Meta: meta, Vectors: map[string][]float32{"": weights}}).Write(&file, net); err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(meta, want) {
			t.Errorf("Write changed the caller's words to %v", meta)
		}
		got, err := Read(&file, net, "")
		if err != nil {
			t.Fatal(err)
		}
		delete(got.Meta, checksumKey)
		if !got.Signed || !slices.Equal(got.Vectors[""], weights) || !maps.Equal(got.Meta, want) {
			t.Errorf("words %v: got %v", meta, got)
		}
	}
	var file bytes.Buffer
	if err := (File{}).Write(&file, net); err != nil {
		t.Fatal(err)
	}
	if got, err := Read(&file, net); err != nil || !got.Signed || len(got.Vectors) > 0 {
		t.Errorf("the zero value: got %v, error %v", got, err)
	}
}

// TestWriteErrors: Write refuses what Read could not read back.
func TestWriteErrors(t *testing.T) {
	net := tiny(t)
	v := make([]float32, net.NumParams())
	nan, infinite := slices.Clone(v), slices.Clone(v)
	large := slices.Clone(v)
	large[35] = -65520
	nan[1], infinite[36] = float32(math.NaN()), float32(math.Inf(-1))
	words := map[string]string{}
	for i := range maxWords {
		words[strconv.Itoa(i)] = ""
	}
	for _, test := range []struct {
		file File
		want string
	}{
		{File{Vectors: map[string][]float32{"": v[1:]}}, "got 36 values, want one for each of 37 parameters"},
		{File{Vectors: map[string][]float32{"\xff": v}}, `prefix "\xff" is not UTF-8`},
		{File{Meta: map[string]string{"a": "\xff"}}, `word "a" is not UTF-8`},
		{File{Meta: map[string]string{"\xff": "a"}}, `word "\xff" is not UTF-8`},
		{File{Vectors: map[string][]float32{"": nan}}, "conv1.weight: value 1 is NaN, want a finite number"},
		{File{Vectors: map[string][]float32{"m.": infinite}}, "m.dense1.bias: value 2 is -Inf, want a finite number"},
		{File{Half: true, Vectors: map[string][]float32{"m.": large}}, "m.dense1.bias: value 1 is -65520, want at most 65504 for F16"},
		{File{Meta: words}, "got 1001 words with the checksum, want at most 1000"},
		{File{Meta: map[string]string{"a": strings.Repeat("a", maxHeader)}}, "safetensors: got a header of "},
	} {
		var file bytes.Buffer
		if err := test.file.Write(&file, net); err == nil || !strings.HasPrefix(err.Error(), test.want) || file.Len() > 0 {
			t.Errorf("got error %v and %d bytes, want %s", err, file.Len(), test.want)
		}
	}
}

// TestChecksumCovers changes a signed file in ways that only the checksum can
// tell.
func TestChecksumCovers(t *testing.T) {
	net := tiny(t)
	a, b := models.Init(net, 1), models.Init(net, 2)
	var file bytes.Buffer
	words := map[string]string{"key": "ab", "klm": "cd"}
	if err := (File{Meta: words, Vectors: map[string][]float32{"a.": a, "b.": b}}).Write(&file, net); err != nil {
		t.Fatal(err)
	}
	read := func(file string, prefixes ...string) error {
		_, err := Read(strings.NewReader(file), net, prefixes...)
		return err
	}
	if err := read(file.String(), "a.", "b."); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][]string{
		"the names of tensors":       {`"a.`, `"A.`, `"b.`, `"B.`},
		"two tensors' names":         {`"a.`, `"b.`, `"b.`, `"a.`},
		"a word":                     {`"ab"`, `"aB"`},
		"a word's name":              {`"key"`, `"kex"`},
		"the border of two words":    {`"ab"`, `"abk"`, `"klm"`, `"lm"`},
		"the border of key and word": {`"key":"ab"`, `"keya":"b"`},
	} {
		changed := strings.NewReplacer(change...).Replace(file.String())
		if len(changed) != file.Len() || changed == file.String() {
			t.Fatalf("%s: the change does not fit", name)
		}
		prefixes := []string{"a.", "b."}
		if strings.Contains(changed, `"A.`) {
			prefixes = []string{"A.", "B."}
		}
		if err := read(changed, prefixes...); err == nil || !strings.Contains(err.Error(), "damaged: the checksum is") {
			t.Errorf("%s changed: got error %v", name, err)
		}
	}
}

// TestLibraryReadsOurs: another reader finds in our file what was written.
func TestLibraryReadsOurs(t *testing.T) {
	net := tiny(t)
	words := map[string]string{"quote": "\"<\u2028\n", "format": "pt"}
	vectors := map[string][]float32{"": models.Init(net, 1), "adam.m.": models.Init(net, 2)}
	var file bytes.Buffer
	if err := (File{Meta: words, Vectors: vectors}).Write(&file, net); err != nil {
		t.Fatal(err)
	}
	got, err := safetensors.Deserialize(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	_, header, err := safetensors.ReadMetadata(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	meta := header.Metadata()
	if delete(meta, checksumKey); !maps.Equal(meta, words) {
		t.Errorf("got words %q, want %q", meta, words)
	}
	if got.Len() != len(vectors)*len(net.Params) {
		t.Errorf("got tensors %q", got.Names())
	}
	for prefix, v := range vectors {
		for _, p := range net.Params {
			view, ok := got.Tensor(prefix + p.Name)
			if !ok || view.DType() != safetensors.F32 || !bytes.Equal(view.Data(), float32s(p.Of(v)...)) || len(view.Shape()) != len(p.Shape) {
				t.Errorf("%s%s: got %v", prefix, p.Name, view)
			}
			for i, n := range view.Shape() {
				if n > math.MaxInt || int(n) != p.Shape[i] {
					t.Errorf("%s%s: got shape %v, want %v", prefix, p.Name, view.Shape(), p.Shape)
				}
			}
		}
	}
}

// TestHalfFile: a file of F16 has the nearest values, which Read and another reader
// find in it, and a checksum that is right.
func TestHalfFile(t *testing.T) {
	net := tiny(t)
	want := models.Init(net, 1)
	want[0], want[36] = 65504, -1e-9
	var file bytes.Buffer
	if err := (File{Half: true, Vectors: map[string][]float32{"": want}}).Write(&file, net); err != nil {
		t.Fatal(err)
	}
	theirs, err := safetensors.Deserialize(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range net.Params {
		if view, ok := theirs.Tensor(p.Name); !ok || view.DType() != safetensors.F16 || len(view.Data()) != 2*p.Size {
			t.Errorf("%s: got %v", p.Name, view)
		}
	}
	got, err := Read(&file, net, "")
	if err != nil || !got.Signed {
		t.Fatalf("got signed %v, error %v", got.Signed, err)
	}
	for i, x := range got.Vectors[""] {
		// Half of the last of 11 digits, or of the smallest number.
		if off := math.Abs(float64(x) - float64(want[i])); off > max(math.Abs(float64(want[i]))*0x1p-11, 0x1p-25) {
			t.Errorf("value %d is %v, want %v", i, x, want[i])
		}
	}
}

// TestDataIsAligned: however long the header, the data starts at a multiple of
// 8 bytes.
func TestDataIsAligned(t *testing.T) {
	net := tiny(t)
	for n := range 8 {
		var file bytes.Buffer
		if err := (File{Meta: map[string]string{"a": strings.Repeat("x", n)}}).Write(&file, net); err != nil {
			t.Fatal(err)
		}
		length, _, err := safetensors.ReadMetadata(file.Bytes())
		if err != nil || (8+length)%8 != 0 {
			t.Errorf("a word of %d letters: error %v, a header of %d bytes, want a multiple of 8", n, err, length)
		}
	}
}
