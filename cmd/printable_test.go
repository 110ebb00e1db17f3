package cmd

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"tapenet/models"
	"tapenet/models/weights"
)

// hostile renames a terminal's window, clears its screen, forges a line, and
// writes from right to left.
const hostile = "\x1b]0;pwn\x07\x1b[2J\u009b2J\x7f\r\nonelayer: all is well\u202e"

// TestPrintable: no text from a file or the command line reaches a terminal with
// its control characters, and each error is one line.
func TestPrintable(t *testing.T) {
	data, dir := smallData(t), t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	base := []string{"-data", data, "-epochs", "1", "-verbose", "0"}
	must(t, "twolayer", append(base, "-checkpoint", in("good"), "-save", in("weights"))...)
	write(t, in("file"+hostile), nil)

	header := func(name string, change func(map[string]any)) string {
		path := in(name)
		write(t, path, withHeader(t, read(t, in("weights")), change))
		return path
	}
	extra := header("extra", func(h map[string]any) {
		h[hostile] = map[string]any{"dtype": "F32", "shape": []int{0}, "data_offsets": []int{4 * 22046, 4 * 22046}}
	})
	renamed := header("renamed", func(h map[string]any) {
		h[hostile] = h["conv1.weight"]
		delete(h, "conv1.weight")
	})
	dtype := header("dtype", func(h map[string]any) { h["conv1.weight"].(map[string]any)["dtype"] = hostile })
	sum := header("sum", func(h map[string]any) { h["__metadata__"].(map[string]any)["sha256"] = hostile })

	tests := []struct {
		name    string
		command string
		args    []string
		status  int
	}{
		{"a tensor too many", "twolayer", []string{"-init", extra}, 1},
		{"another tensor", "twolayer", []string{"-init", renamed}, 1},
		{"a type", "twolayer", []string{"-init", dtype}, 1},
		{"a checksum", "twolayer", []string{"-init", sum}, 1},
		{"the path of weights", "twolayer", []string{"-init", in(hostile)}, 1},
		{"the path of data", "onelayer", []string{"-data", in(hostile)}, 1},
		{"a path to save to", "onelayer", []string{"-save", in(hostile) + "/x"}, 1},
		{"the name of a flag", "onelayer", []string{"-" + hostile}, 2},
		{"a value", "onelayer", []string{"-batch", hostile}, 2},
		{"an argument", "onelayer", []string{hostile}, 2},
		{"the path of a photo", "predict", []string{in(hostile)}, 1},
		{"the path of a picture", "graph", []string{"-o", in(hostile) + "/x.svg"}, 1},
		{"the path of an export", "export", []string{"-o", in(hostile) + "/x.onnx"}, 1},
		{"the path of weights to export", "export", []string{"-weights", in(hostile), "-o", in("x.onnx")}, 1},
		{"a tensor too many to export", "export", []string{"-weights", extra, "-o", in("x.onnx")}, 1},
		{"the path of results", "compare", []string{"-data", data, "-o", in("file" + hostile)}, 1},
		{"the path of a sweep", "sweep", []string{"-data", data, "-o", in("file" + hostile)}, 1},
		{"a grid", "sweep", []string{"-grid", in(hostile)}, 1},
		{"a folder of a sweep to merge", "sweep", []string{"-merge", in(hostile)}, 1},
		{"a folder to merge", "compare", []string{"-data", data, "-o", in("out"), "-merge", in(hostile)}, 1},
	}
	for _, word := range []string{"network", "data", "ops", "kernels"} {
		path := in("checkpoint-" + word)
		write(t, path, withSetting(t, read(t, in("good")), word, hostile))
		status := 1
		if word == "kernels" { // a notice
			status = 0
		}
		tests = append(tests, struct {
			name, command string
			args          []string
			status        int
		}{"the checkpoint's " + word, "twolayer", append(base, "-checkpoint", path, "-resume"), status})
	}
	for _, test := range tests {
		stdout, stderr, status := run(t, test.command, test.args...)
		line, ended := strings.CutSuffix(stderr, "\n")
		if status != test.status || !ended || !strings.HasPrefix(line, test.command+": ") || !strings.Contains(line, `\x1b]0;pwn\a\x1b[2J`) {
			t.Errorf("%s: got exit status %d and %q, want %d and a line that shows what was hidden", test.name, status, stderr, test.status)
		}
		if i := strings.IndexFunc(line+strings.ReplaceAll(stdout, "\n", ""), unprintable); i >= 0 || !utf8.ValidString(stdout+stderr) {
			t.Errorf("%s: control characters in %q or %q", test.name, stderr, stdout)
		}
	}
}

// unprintable reports whether a rune may change how a terminal shows others.
func unprintable(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }

// withHeader is a safetensors file with another header.
func withHeader(t *testing.T, file []byte, change func(map[string]any)) []byte {
	t.Helper()
	n := binary.LittleEndian.Uint64(file)
	var header map[string]any
	if err := json.Unmarshal(file[8:8+n], &header); err != nil {
		t.Fatal(err)
	}
	change(header)
	text, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, bytes.Repeat([]byte(" "), -len(text)&7)...) // aligned to 8 bytes
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...), file[8+n:]...)
}

// withSetting is a checkpoint of twolayer with another word among its settings,
// and the checksum that belongs to it.
func withSetting(t *testing.T, file []byte, name, word string) []byte {
	t.Helper()
	net, err := models.TwoLayer(10).Build(1, 28, 28)
	if err != nil {
		t.Fatal(err)
	}
	tensors, err := weights.Read(bytes.NewReader(file), net, "", "adam.m.", "adam.v.")
	if err != nil {
		t.Fatal(err)
	}
	was := tensors.Meta["settings"]
	text, err := json.Marshal(word)
	if err != nil {
		t.Fatal(err)
	}
	field := regexp.MustCompile(`"` + name + `":"[^"]*"`)
	tensors.Meta["settings"] = field.ReplaceAllLiteralString(was, `"`+name+`":`+string(text))
	if tensors.Meta["settings"] == was {
		t.Fatalf("the checkpoint's settings have no %s", name)
	}
	var out bytes.Buffer
	if err := tensors.Write(&out, net); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
