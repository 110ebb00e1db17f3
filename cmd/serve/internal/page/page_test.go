package page

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"testing"

	"tapenet/models/pretrained"
)

// What the files of all tabs may weigh. The weights of OneLayer, which the page asks
// for, are 928 KB.
const (
	maxBytes   = 124 << 10
	maxGzipped = 52 << 10 // each file compressed alone
)

// TestBudget holds the page to its size: it loads at once, and can be read.
func TestBudget(t *testing.T) {
	raw, gzipped := 0, 0
	for name, text := range files(t) {
		var b bytes.Buffer
		w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(text)
		w.Close()
		t.Logf("%-14s %6d bytes, %5d gzipped", name, len(text), b.Len())
		raw, gzipped = raw+len(text), gzipped+b.Len()
	}
	t.Logf("%-14s %6d bytes, %5d gzipped", "all", raw, gzipped)
	if raw > maxBytes || gzipped > maxGzipped {
		t.Errorf("got %d bytes, %d gzipped, want at most %d and %d", raw, gzipped, maxBytes, maxGzipped)
	}
}

// forbidden is what the Content-Security-Policy blocks, or what would ask another
// host. The namespace of SVG is a name and asks nobody.
var forbidden = map[string]*regexp.Regexp{
	"a style attribute":    regexp.MustCompile(`(?i)\sstyle\s*=\s*["']`),
	"a handler in markup":  regexp.MustCompile(`(?i)<[^>]*\son\w+\s*=`),
	"markup from a string": regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write`),
	"code from a string":   regexp.MustCompile(`\beval\(|new Function\(`),
	"an inline script":     regexp.MustCompile(`(?i)<script>|<script [^>]*>[^<]|<style`),
	"another host":         regexp.MustCompile(`(?i)(?:src|href)\s*=\s*["']?(?:https?:)?//|url\(\s*["']?(?:https?:)?//|(?:import|fetch|EventSource)\b[^;\n]*["'` + "`" + `](?:https?:)?//`),
	"an address":           regexp.MustCompile(`https?://`),
}

var allowed = regexp.MustCompile(`http://www\.w3\.org/2000/svg|(?m)^\s*//.*$`)

// TestNothingForbidden keeps the files within the Content-Security-Policy.
func TestNothingForbidden(t *testing.T) {
	for name, text := range files(t) {
		text = allowed.ReplaceAll(text, nil)
		for what, pattern := range forbidden {
			if m := pattern.Find(text); m != nil {
				t.Errorf("%s has %s: %q", name, what, m)
			}
		}
	}
}

var reference = regexp.MustCompile(`(?:href="|src="|from "\./|import\(["'` + "`" + `]\./|import "\./)([\w-]+\.(?:css|js))["'` + "`" + `]`)

// TestReferences asks for the page and every file that a file names.
func TestReferences(t *testing.T) {
	handler := Handler()
	types := map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", "": "text/html; charset=utf-8"}
	for name, text := range files(t) {
		for _, target := range append([]string{""}, names(text)...) {
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/"+target, nil))
			if got, want := w.Header().Get("Content-Type"), types[path.Ext(target)]; w.Code != http.StatusOK || got != want {
				t.Errorf("%s names /%s: got status %d and %q, want 200 and %q", name, target, w.Code, got, want)
			}
		}
	}
}

// TestDrawn holds the help's sentence to what is measured of the drawn digits.
func TestDrawn(t *testing.T) {
	one, of := pretrained.Drawn("onelayer")
	two, _ := pretrained.Drawn("twolayer")
	want := fmt.Sprintf("Of %d drawn digits that no network was trained on, OneLayer reads %d and TwoLayer %d.", of, one, two)
	if !bytes.Contains(files(t)["index.html"], []byte(want)) {
		t.Errorf("index.html lacks the sentence %q", want)
	}
}

// names are the files that a text refers to.
func names(text []byte) []string {
	var found []string
	for _, m := range reference.FindAllSubmatch(text, -1) {
		found = append(found, string(m[1]))
	}
	return found
}

// files are the embedded files by name.
func files(t *testing.T) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := fs.WalkDir(static, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		all[strings.TrimPrefix(name, "static/")], err = fs.ReadFile(static, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
