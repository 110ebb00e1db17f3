package result

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEveryField: whatever field is missing, null, there twice, or written in
// other letters, the error names it.
func TestEveryField(t *testing.T) {
	text := write(t, settings, []Run{sound(1, 1), sound(2, 7)})
	var file any
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	paths := map[string]bool{}
	// each calls change for every field below v, whose path it is.
	var each func(v any, path string, change func(object map[string]any, name, path string))
	each = func(v any, path string, change func(map[string]any, string, string)) {
		switch v := v.(type) {
		case []any:
			for i := range v {
				each(v[i], fmt.Sprintf("%s[%d]", path, i), change)
			}
		case map[string]any:
			for name := range v {
				at := strings.TrimPrefix(path+"."+name, ".")
				change(v, name, at)
				each(v[name], at, change)
			}
		}
	}
	refused := func(what, path, want string) {
		text, err := json.Marshal(file)
		if err != nil {
			t.Fatal(err)
		}
		if what == "twice" {
			text = bytes.Replace(text, []byte(`"twice":`), fmt.Appendf(nil, "%q:", path[strings.LastIndex(path, ".")+1:]), 1)
		}
		_, err = Read(bytes.NewReader(text), settings, labels)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s %s: got error %v, want %q", path, what, err, want)
		}
	}
	each(file, "", func(object map[string]any, name, path string) {
		paths[path] = true
		value := object[name]
		missing, null := path+": missing", path+": got null, want a value"
		switch path {
		case "format":
			missing, null = `got format ""`, `got format ""`
		case "sha256":
			missing = `the file says ""`
		}
		delete(object, name)
		refused("missing", path, missing)
		object[strings.ToUpper(name)] = value
		parent := strings.TrimSuffix(path[:len(path)-len(name)], ".")
		unknown := func(other string) string {
			return strings.TrimPrefix(fmt.Sprintf("%s: unknown field %q", parent, other), ": ")
		}
		refused("in capitals", path, unknown(strings.ToUpper(name)))
		delete(object, strings.ToUpper(name))
		object[name] = nil
		refused("null", path, null)
		object[name] = value
		object["twice"] = value
		refused("twice", path, path+": is there twice")
		delete(object, "twice")
		object["another"] = value
		refused("beside another", path, unknown("another"))
		delete(object, "another")
	})
	if n := len(paths); n != 1+1+1+4+1+2*(7+3+3+2+2+2+2*5+2) || !paths["runs[1].mistakes[0].pTruth"] {
		t.Errorf("changed %d fields", n)
	}
	if got, err := Read(bytes.NewReader(text), settings, labels); err != nil || len(got) != 2 {
		t.Errorf("unchanged: got %d runs, error %v", len(got), err)
	}
}

// TestNullInList: a null in a list is not read as 0.
func TestNullInList(t *testing.T) {
	r := sound(1, 1)
	r.Filters.Kernels[0][2] = 12345
	text := string(write(t, settings, []Run{r}))
	_, err := Read(strings.NewReader(strings.Replace(text, "12345", "null", 1)), settings, labels)
	if want := "runs[0].filters.kernels[0][2]: got null, want a value"; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %q", err, want)
	}
}

// TestFlippedBytes: a file with a changed byte is refused, or has the same runs.
func TestFlippedBytes(t *testing.T) {
	want := []Run{sound(1, 1), sound(2, 7)}
	text := write(t, settings, want)
	rng := rand.New(rand.NewPCG(5, 6))
	refused := 0
	for at := range text {
		for range 3 {
			bad := bytes.Clone(text)
			bad[at] ^= byte(1 + rng.IntN(255))
			got, err := Read(bytes.NewReader(bad), settings, labels)
			switch {
			case err != nil && strings.Contains(err.Error(), "\n"):
				t.Errorf("byte %d is %q: the error has several lines: %v", at, bad[at], err)
			case err != nil:
				refused++
			case !reflect.DeepEqual(got, want):
				t.Errorf("byte %d is %q, was %q:\n%s", at, bad[at], text[at], cmp.Diff(want, got))
			}
		}
	}
	// What is left is white space that stayed white space.
	if refused < len(text)*29/10 {
		t.Errorf("%d of %d changes were refused", refused, 3*len(text))
	}
}

// TestFormatBefore: a file from before there was a checksum is read, and its
// fields and numbers are checked.
func TestFormatBefore(t *testing.T) {
	var file map[string]any
	if err := json.Unmarshal(write(t, settings, []Run{sound(1, 1)}), &file); err != nil {
		t.Fatal(err)
	}
	delete(file, "sha256")
	file["format"] = formatBefore
	readAgain := func() ([]Run, error) {
		text, err := json.Marshal(file)
		if err != nil {
			t.Fatal(err)
		}
		return Read(bytes.NewReader(text), settings, labels)
	}
	got, err := readAgain()
	if diff := cmp.Diff([]Run{sound(1, 1)}, got); err != nil || diff != "" {
		t.Errorf("error %v; want (-) got (+):\n%s", err, diff)
	}
	run := file["runs"].([]any)[0].(map[string]any)
	delete(run["test"].(map[string]any), "loss")
	if _, err := readAgain(); err == nil || err.Error() != "runs[0].test.loss: missing" {
		t.Errorf("without a loss: got error %v", err)
	}
	run["test"].(map[string]any)["loss"] = 1e308
	if _, err := readAgain(); err == nil || !strings.Contains(err.Error(), "got accuracy 0.5 and loss 1e+308") {
		t.Errorf("with a loss of 1e308: got error %v", err)
	}
}
