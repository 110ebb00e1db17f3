package weights

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

// repeat is a JSON object or list of n parts; part gives the i-th.
func repeat(start, end string, n int, part func(i int) string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = part(i)
	}
	return start + strings.Join(parts, ",") + end
}

// TestHostileHeaders: a header with a million of anything is refused in one short
// line, and takes no more memory than the bounds allow.
func TestHostileHeaders(t *testing.T) {
	const many = 1_000_000
	net := tiny(t)
	empty := func(name string) string {
		return fmt.Sprintf(`"%s":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`, name)
	}
	for _, test := range []struct{ name, header, want string }{
		{"tensors", repeat("{", "}", many, func(i int) string { return empty(fmt.Sprint(i)) }), "got a header of 57888891 bytes, want at most 16777216"},
		{"tensors in 16 MB", repeat("{", "}", 250_000, func(i int) string { return empty(fmt.Sprint(i)) }), "more than 1012 tensors"},
		{"tensors that one could name", repeat("{", "}", 1000, func(i int) string { return empty(fmt.Sprint(i)) }), `no tensor conv1.weight; got ["0" "1" "10" "100" "101" "102" "103" "104" "105" "106"] and 990 more`},
		{"words", repeat(`{"__metadata__":{`, "}}", many, func(i int) string { return fmt.Sprintf(`"%d":""`, i) }), "more than 1000 words"},
		{"fields", repeat(`{"a":{`, "}}", many, func(i int) string { return fmt.Sprintf(`"%d":0`, i) }), "want dtype, shape or data_offsets"},
		{"dimensions", repeat(`{"a":{"shape":[`, "]}}", many, func(int) string { return "1" }), "more than 8 numbers"},
		{"offsets", repeat(`{"a":{"data_offsets":[`, "]}}", many, func(int) string { return "1" }), "more than 8 numbers"},
		{"levels", strings.Repeat(`{"a":`, many) + "1" + strings.Repeat("}", many), "want dtype, shape or data_offsets"},
		{"lists", `{"a":{"shape":` + strings.Repeat("[", many) + strings.Repeat("]", many) + "}}", "got [, want a whole number"},
		{"levels of words", `{"__metadata__":` + strings.Repeat(`{"a":`, many) + "1" + strings.Repeat("}", many) + "}", "got {, want a string"},
		{"letters in a name", "{" + empty(strings.Repeat("x", many)) + "}", strings.Repeat("x", 60) + `"`},
		{"letters with a backslash", "{" + empty(strings.Repeat(`\u001b`, many)) + "}", strings.Repeat(`\x1b`, 60) + `"`},
		{"letters in a type", `{"conv1.weight":{"dtype":"` + strings.Repeat("F", many) + `","shape":[0],"data_offsets":[0,0]}}`, strings.Repeat("F", 60) + `"`},
		{"letters of a number", `{"a":{"shape":[` + strings.Repeat("1", many) + "]}}", strings.Repeat("1", 60) + ", want a whole number"},
		{"letters that are blanks", "{" + strings.Repeat(" ", many), "unexpected EOF"},
		{"letters in a checksum", `{"__metadata__":{"sha256":"` + strings.Repeat("e", many) + `"},"conv1.weight":{}}`, "want dtype"},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := raw(test.header, 0)
			var err error
			got := allocated(func() { _, err = Load(bytes.NewReader(file), net) })
			if err == nil || !strings.Contains(err.Error(), test.want) || len(err.Error()) > 500 || strings.Contains(err.Error(), "\n") {
				t.Errorf("got error %.1000v, want %s", err, test.want)
			}
			most := uint64(2 << 20) // for as many tensors or words as a header may have
			if strings.HasPrefix(test.name, "letters") {
				most += uint64(5 * len(file)) // the decoder's buffer doubles until they fit, and they are copied
			}
			if got > most {
				t.Errorf("got %d bytes allocated for a file of %d, want at most %d", got, len(file), most)
			}
		})
	}
}

// allocated is how many bytes f allocates, freed ones included.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestOtherFormats: a file that starts in another way is said to be of another
// format, and of which.
func TestOtherFormats(t *testing.T) {
	net := tiny(t)
	length := func(n uint64) string { return string(binary.LittleEndian.AppendUint64(nil, n)) }
	zipped := func(name string) string { // the first entry, uncompressed
		return "PK\x03\x04" + strings.Repeat("\x00", 22) + string(rune(len(name))) + "\x00\x00\x00" + name + strings.Repeat("\x00", 100)
	}
	for name, test := range map[string]struct{ file, want string }{
		"nothing":              {"", "it is empty"},
		"7 bytes":              {strings.Repeat("\x00", 7), "it has only 7 bytes"},
		"a length alone":       {length(100), "it has only 8 bytes"},
		"100 MB and one":       {length(longestHeader+1) + "{}", "it does not start with a header"},
		"letters follow":       {length(10) + "0123456789", "it does not start with a header"},
		"a blank follows":      {length(3) + " {}", "it does not start with a header"},
		"PyTorch":              {zipped("archive/data.pkl"), "it is PyTorch's .pt or .pth (a zip); in Python, safetensors.torch.save_file("},
		"PyTorch before 1.6":   {"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.", "it is a pickle, as PyTorch's old .pt or .pth; in Python, safetensors.torch.save_file("},
		"pickle":               {"\x80\x05\x95\x10\x00\x00\x00\x00\x00\x00\x00}\x94", "it is a pickle"},
		"npz":                  {zipped("conv1.weight.npy"), "it is NumPy's .npz, which is read only as a whole and for a known network"},
		"Keras 3":              {zipped("metadata.json") + zipped("config.json") + zipped("model.weights.h5"), "it is Keras's .keras (a zip), which is read only as a whole and for a known network"},
		"Keras 3, large":       {zipped("metadata.json") + zipped("config.json") + strings.Repeat("x", 1<<20), "it is Keras's .keras (a zip), which is read only as a whole and for a known network"},
		"zip":                  {zipped("net.safetensors"), "it is a zip"},
		"zip of nothing":       {"PK\x05\x06" + strings.Repeat("\x00", 18), "it is a zip"},
		"Keras's HDF5":         {"\x89HDF\r\n\x1a\n" + strings.Repeat("\x00", 100), "it is HDF5, as Keras's .weights.h5, which is read only as a whole and for a known network"},
		"npy":                  {"\x93NUMPY\x01\x00v\x00{'descr': '<f4'", "it is NumPy's .npy"},
		"gzip":                 {"\x1f\x8b\x08\x08" + strings.Repeat("\x00", 100), "it is gzip; unpack it"},
		"GGUF":                 {"GGUF\x03\x00\x00\x00" + strings.Repeat("\x00", 100), "it is GGUF"},
		"ONNX of PyTorch":      {"\x08\x08\x12\x07pytorch\x1a\x052.1.0:\xe9\x05", "it is ONNX, as it seems"},
		"ONNX without a maker": {"\x08\x07:\xe9\x05\x0a\x10", "it is ONNX, as it seems"},
		"page":                 {"\n<!DOCTYPE html>\n<html><head><title>404</title>", "it is a web page; download the file itself"},
		"page with a mark":     {"\ufeff<HTML lang=\"en\">\u00e9", "it is a web page; download the file itself"},
		"Git LFS":              {"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "it is a Git LFS pointer; git lfs pull fetches the file"},
		"index of shards":      {"{\n  \"metadata\": {\"total_size\": 88184},\n  \"weight_map\": {\"conv1.bias\": \"a.safetensors\"}}", "it is the index of a model in several files (weight_map); make one of them"},
		"JSON":                 {`{"a": 1, "b": 2}`, `it is text: "{\"a\": 1, \"b\": 2}"`},
		"Russian, cut":         {"x" + strings.Repeat("щ", 3000), `it is text: "x` + strings.Repeat("щ", 59) + `"`},
		"Latin-1":              {strings.Repeat("\xe9", 100), "it does not start with a header"},
		"escapes":              {"\x1b]0;title\a" + strings.Repeat("x", 100), "it does not start with a header"},
	} {
		_, err := Load(strings.NewReader(test.file), net)
		if want := "not a safetensors file: " + test.want; err == nil || !strings.HasPrefix(err.Error(), want) ||
			len(err.Error()) > len(want) && !strings.Contains(err.Error(), "torch") {
			t.Errorf("%s: got error %v, want %s", name, err, want)
		}
	}
	if _, err := Load(strings.NewReader(length(longestHeader)+"{}"), net); err == nil || err.Error() != "got a header of 100000000 bytes, want at most 16777216" {
		t.Errorf("the longest header of the format: got error %v", err)
	}
}

// TestReadErrors: a failing disk must not look like another format or a file
// that is cut.
func TestReadErrors(t *testing.T) {
	broken := errors.New("broken disk")
	net := tiny(t)
	file := handWritten(t, tinyHeader(), tinyData())
	for _, at := range []int{0, 5, 8, 9, 50, len(file) - 148, len(file) - 20, len(file)} {
		_, err := Load(io.MultiReader(bytes.NewReader(file[:at]), iotest.ErrReader(broken)), net)
		if !errors.Is(err, broken) {
			t.Errorf("after %d bytes: got error %v, want %v", at, err, broken)
		}
	}
}
