//go:build unix

package atomicfile

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// lay makes folders (which end with /), links (a -> b) and files below dir, and
// says $ for dir.
func lay(t *testing.T, dir string, entries ...string) {
	t.Helper()
	for _, e := range entries {
		e = strings.ReplaceAll(e, "$", dir)
		name, to, link := strings.Cut(e, " -> ")
		if !filepath.IsAbs(name) {
			name = dir + "/" + name
		}
		var err error
		switch {
		case link:
			err = os.Symlink(to, name)
		case strings.HasSuffix(name, "/"):
			err = os.MkdirAll(name, 0o755)
		default:
			err = os.WriteFile(name, []byte("old"), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// tree is what is below dir: files with their content, links with their text.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		name := strings.TrimPrefix(path, dir)
		switch {
		case err != nil:
			return err
		case d.Type()&fs.ModeSymlink != 0:
			to, err := os.Readlink(path)
			found[name] = "-> " + strings.ReplaceAll(to, dir, "$")
			return err
		case !d.IsDir():
			found[name] = content(t, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// chain is n links, of which the first is l0 and the last leads to end.
func chain(n int, end string) (links []string) {
	for i := range n - 1 {
		links = append(links, fmt.Sprintf("l%d -> l%d", i, i+1))
	}
	return append(links, fmt.Sprintf("l%d -> %s", n-1, end))
}

// TestLinksAreFollowedAsTheSystemDoes holds Write to what the system makes of
// the same path when it opens it to write: the same files, links and refusals.
func TestLinksAreFollowedAsTheSystemDoes(t *testing.T) {
	for _, test := range []struct {
		path   string
		layout []string
	}{
		{"a", nil},
		{"a", []string{"a"}},
		{"a", []string{"a -> b", "b"}},
		{"a", []string{"a -> missing"}},
		{"a", []string{"a -> b", "b -> missing"}},
		{"a", []string{"a -> $/b", "b -> $/sub/missing", "sub/"}},
		{"a", []string{"a -> sub//./missing", "sub/"}},
		{"a", []string{"a -> missing/"}},
		{"a", []string{"a -> missing/x"}},
		{"a", []string{"a -> missing/../x"}},
		{"a", []string{"a -> f/../x", "f"}},
		{"a", []string{"a -> folder", "folder/"}},
		{"a", []string{"a -> a"}},
		{"a", []string{"a -> b", "b -> a"}},
		{"d/link", []string{"real/deep/", "d -> real/deep", "real/deep/link -> ../y"}},
		{"d/link", []string{"real/deep/", "d -> real/deep", "real/deep/link -> ../y", "real/y -> ../z"}},
		{"d/link", []string{"real/deep/", "d -> e", "e -> $/real/deep/.", "real/deep/link -> ../../y"}},
		{"d/../x", []string{"real/deep/", "d -> real/deep"}},
		{"d/../x", []string{"real/deep/", "d -> real/deep", "real/x -> ../d/../w"}},
		{"missing/../x", nil},
		{"x/", nil},
		{"x/.", []string{"x"}},
		{"l0", chain(40, "end")},
		{"l0", chain(41, "end")},
		{"l0", append(chain(40, "end"), "end")},
		{"l0", append(chain(41, "end"), "end")},
		{"d/l0", append(chain(40, "end"), "d -> .")},
		{strings.Repeat("d/", 40) + "x", []string{"d -> ."}},
		{strings.Repeat("d/", 41) + "x", []string{"d -> ."}},
	} {
		system, ours := t.TempDir(), t.TempDir()
		lay(t, system, test.layout...)
		lay(t, ours, test.layout...)
		f, systemErr := os.OpenFile(system+"/"+test.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
		if systemErr == nil {
			f.WriteString("new")
			f.Close()
		}
		check := Check(ours + "/" + test.path)
		err := write(ours+"/"+test.path, text("new"))
		if (err == nil) != (systemErr == nil) || (check == nil) != (systemErr == nil) {
			t.Errorf("%s in %q: got %v, by Check %v; the system says %v", test.path, test.layout, err, check, systemErr)
		}
		if got, want := tree(t, ours), tree(t, system); !maps.Equal(got, want) {
			t.Errorf("%s in %q: got %q; the system made %q", test.path, test.layout, got, want)
		}
		// The same path, relative.
		t.Chdir(ours)
		if relative := write(test.path, text("new")); (relative == nil) != (systemErr == nil) {
			t.Errorf("%s in %q: got %v, want as by the absolute path: %v", test.path, test.layout, relative, err)
		}
		if got, want := tree(t, ours), tree(t, system); !maps.Equal(got, want) {
			t.Errorf("%s in %q, relative: got %q; the system made %q", test.path, test.layout, got, want)
		}
	}
}

func TestSame(t *testing.T) {
	dir := t.TempDir()
	lay(t, dir, "e/", "e2 -> e", "e/f", "f2 -> e/f", "e/z -> new", "l -> e2/z", "deep/er/", "up -> deep/er", "other/", "other/f")
	if err := os.Link(dir+"/e/f", dir+"/hard"); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"e/x", "e/x", true},
		{"e/x", "./e//x", true},
		{"e/x", dir + "/e/x", true},
		{"e/x", "e2/x", true},
		{"e/new", "e/z", true},
		{"e2/new", "l", true},
		{"e/f", "f2", true},
		{"e/f", "hard", true},
		{"f2", "hard", true},
		{"up/../x", "deep/x", true},
		{"missing/x", "missing/x", true},
		{"missing/x", "missing/../missing/x", true},
		{"e/x", "e/y", false},
		{"e/f", "e/x", false},
		{"e/f", "other/f", false},
		{"e/x", "other/x", false},
		{"up/../x", "x", false},
		{"missing/x", "missing/y", false},
		{"/dev/null", "/dev/null", false},
		{"/dev/stdout", "/dev/stdout", false},
		{"/dev/stdout", "/dev/fd/1", false},
	} {
		for _, ab := range [][2]string{{test.a, test.b}, {test.b, test.a}} {
			if got := Same(ab[0], ab[1]); got != test.want {
				t.Errorf("%s and %s: got %v, want %v", ab[0], ab[1], got, test.want)
			}
		}
	}
}
