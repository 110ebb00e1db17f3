package sealed

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// value is what these tests keep.
type value struct {
	Name string `json:"name"`
	More *int   `json:"more,omitempty"`
}

// TestRoundTrip: what is read is what was written.
func TestRoundTrip(t *testing.T) {
	for _, want := range []value{{}, {Name: "<\"a\">\n"}, {"b", new(3)}} {
		var b bytes.Buffer
		if err := Write(&b, "test 1", want); err != nil {
			t.Fatal(err)
		}
		got, err := Read[value](&b, "test 1")
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("error %v; want (-) got (+):\n%s", err, diff)
		}
	}
}

// TestText: the checksum is that of the file without it, of whatever text, so that
// files stay readable, and anybody can check one.
func TestText(t *testing.T) {
	const name = `"sha256": "`
	for _, format := range []string{"test 1", name} {
		var b bytes.Buffer
		if err := Write(&b, format, value{Name: name}); err != nil {
			t.Fatal(err)
		}
		escaped := strings.ReplaceAll(format, `"`, `\"`)
		const file = "{\n\t\"format\": \"%s\",\n\t\"sha256\": \"%s\",\n\t\"value\": {\n\t\t\"name\": \"\\\"sha256\\\": \\\"\"\n\t}\n}"
		sum := fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, file, escaped, "")))
		if diff := cmp.Diff(fmt.Sprintf(file, escaped, sum)+"\n", b.String()); diff != "" {
			t.Errorf("want (-) got (+):\n%s", diff)
		}
	}
}

// TestRead: another format is an error that names both, and so is any other bit.
func TestRead(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, "test 1", value{Name: "a"}); err != nil {
		t.Fatal(err)
	}
	if _, err := Read[value](bytes.NewReader(b.Bytes()), "test 2"); err == nil || err.Error() != `got format "test 1", want "test 2"` {
		t.Errorf("got error %v", err)
	}
	for at := range b.Bytes() {
		for bit := range 8 {
			text := bytes.Clone(b.Bytes())
			text[at] ^= 1 << bit
			if _, err := Read[value](bytes.NewReader(text), "test 1"); err == nil {
				t.Errorf("a damaged file was read:\n%s", text)
			}
		}
	}
}

// TestTag: equal values have one, others do not; it is safe in a name.
func TestTag(t *testing.T) {
	a := map[string]string{"x": "1", "y": "2"}
	if got := Tag(a); got != Tag(map[string]string{"y": "2", "x": "1"}) || len(got) != 12 || strings.Trim(got, "0123456789abcdef") != "" {
		t.Errorf("got %s", got)
	}
	if a["x"] = "2"; Tag(a) == Tag(map[string]string{"x": "1", "y": "2"}) {
		t.Error("two values have one tag")
	}
}
