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
		{"tensors in 16 MB", repeat("{", "}", 250_000, func(i int) string { return empty(fmt.Sprint(i)) }), "more than 1004 tensors"},
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

// TestHeaderOfOtherFormat: a file that starts in another way is said to be of
// another format.
func TestHeaderOfOtherFormat(t *testing.T) {
	net := tiny(t)
	const none = "not a safetensors file: it does not start with a header"
	length := func(n uint64) []byte { return binary.LittleEndian.AppendUint64(nil, n) }
	for name, file := range map[string][]byte{
		"zip":             append([]byte("PK\x03\x04"), make([]byte, 100)...),
		"HDF5":            append([]byte("\x89HDF\r\n\x1a\n"), make([]byte, 100)...),
		"JSON":            []byte(`{"a": 1, "b": 2}`),
		"7 bytes":         make([]byte, 7),
		"a length alone":  length(100),
		"100 MB and one":  append(length(longestHeader+1), "{}"...),
		"letters follow":  append(length(10), "0123456789"...),
		"a blank follows": append(length(3), " {}"...),
	} {
		if _, err := Load(bytes.NewReader(file), net); err == nil || err.Error() != none {
			t.Errorf("%s: got error %v, want %s", name, err, none)
		}
	}
	if _, err := Load(bytes.NewReader(append(length(longestHeader), "{}"...)), net); err == nil || err.Error() != "got a header of 100000000 bytes, want at most 16777216" {
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
