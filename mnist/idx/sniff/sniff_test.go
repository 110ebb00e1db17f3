package sniff

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/gob"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
	"unicode"
)

// made is what f writes.
func made(f func(*bytes.Buffer)) string {
	var b bytes.Buffer
	f(&b)
	return b.String()
}

func zipOf(name string) string {
	return made(func(b *bytes.Buffer) {
		w := zip.NewWriter(b)
		w.Create(name)
		w.Close()
	})
}

func TestDescribe(t *testing.T) {
	const unknown = `a file of an unknown kind, which starts with `
	for _, row := range []struct{ start, what, advice string }{
		{"", "an empty file", "copy or download it again"},
		{"\x00\x00\x00", "a file that starts with nothing but zeros", "copy or download it again"},
		{made(func(b *bytes.Buffer) { gzip.NewWriter(b).Close() }), "a gzip file", "decompress it with gunzip"},
		{zipOf("train-images.idx3-ubyte"), `a zip archive with "train-images.idx3-ubyte"`, unpack},
		{zipOf("x_train.npy"), `a NumPy archive (.npz, a zip archive with "x_train.npy")`, unpack},
		{zipOf("net/data.pkl"), "a PyTorch file (a zip archive with a pickle)", unpack},
		{made(func(b *bytes.Buffer) { zip.NewWriter(b).Close() }), "a zip archive", unpack},
		{"PK\x03\x04\x14", "a zip archive", unpack},
		{made(func(b *bytes.Buffer) {
			w := tar.NewWriter(b)
			w.WriteHeader(&tar.Header{Name: "a"})
			w.Close()
		}), "a tar archive", "unpack it with tar"},
		{made(func(b *bytes.Buffer) { png.Encode(b, image.NewGray(image.Rect(0, 0, 2, 2))) }), "a picture (PNG)", ""},
		{made(func(b *bytes.Buffer) { jpeg.Encode(b, image.NewGray(image.Rect(0, 0, 2, 2)), nil) }), "a picture (JPEG)", ""},
		{"RIFF\x10\x00\x00\x00WEBPVP8 ", "a picture (WebP)", ""},
		{"\x00\x00\x00\x24ftypheic\x00\x00\x00\x00mif1", "a picture (HEIC)", ""},
		{"\x00\x00\x00\x20ftypavif", "a picture (AVIF)", ""},
		{"\x00\x00\x00\x18ftypmp42", "a film", ""},
		{"BM\x36\x30\x00\x00\x00\x00\x00\x00\x36", "a picture (BMP)", ""},
		{"BMW is a car", `text that starts with "BMW is a car"`, ""},
		{"8BPS\x00\x01", "a picture (Photoshop)", ""},
		{"RIFF\x10\x00\x00\x00WAVEfmt ", unknown + `"RIFF\x10\x00\x00\x00"`, ""},
		{"\x93NUMPY\x01\x00", "a NumPy array (.npy)", ""},
		{"MATLAB 5.0 MAT-file, Platform: PCWIN64", "a MATLAB file (.mat)", ""},
		{"MATLAB 7.3 MAT-file, Platform: PCWIN64", "a MATLAB file (.mat, HDF5)", ""},
		{"\x89HDF\r\n\x1a\n\x00", "an HDF5 file", ""},
		{"PAR1\x15", "a Parquet file", ""},
		{"version https://git-lfs.github.com/spec/v1\noid sha256:4d", "a Git LFS pointer, which stands for the file", "fetch the file with git lfs pull"},
		{"\x80\x04\x95\x10", "a Python pickle", ""},
		{"\x40\x00\x00\x00\x00\x00\x00\x00{\"conv1\":", "a safetensors file", ""},
		{"\x03\x08\x00\x00\x60\xea\x00\x00", "a little-endian IDX file", "its numbers must be big-endian"},
		{"\x1f\xef\xbf\xbd\x08", "a gzip file that was copied as text, which destroyed it", again},
		{"<!DOCTYPE html>\n<html><head><TITLE lang=en>403\n  Forbidden</TITLE>", `a web page (HTML) that says "403 Forbidden"`, again},
		{"\ufeff\r\n <html><body><p>No <b>such</b> file</p>", `a web page (HTML) that says "No such file"`, again},
		{"<html><head><title></title></head><body><h1>Sign in</h1>", `a web page (HTML) that says "Sign in"`, again},
		{"<html><h1>Oops</h1><title>Gone</title>", `a web page (HTML) that says "Gone"`, again},
		{"<html>", "a web page (HTML)", again},
		{"<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "a picture (SVG)", ""},
		{"<rss/>", "an XML page", again},
		{"Pictures of cats, dogs, and a horse\n", `text that starts with "Pictures of cats, dogs, and a horse"`, ""},
		{"<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message>", `an XML page that says "AccessDenied"`, again},
		{`{"message": "Not Found"}`, `JSON text that starts with "{\"message\": \"Not Found\"}"`, ""},
		{"label,1x1,1x2\r\n5,0,0\r\n", `CSV text that starts with "label,1x1,1x2"`, ""},
		{"5\t0\t0\n", `CSV text that starts with "5\t0\t0"`, ""},
		{"Not Found\n", `text that starts with "Not Found"`, ""},
		{"größer", `text that starts with "größer"`, ""},
		{"a\x1b]0;pwn\x07", unknown + `"a\x1b]0;pwn"`, ""},
		{"abc\x7f", unknown + `"abc\x7f"`, ""},
		{"<html><title>\x1b[2J\u202e</title>", `a web page (HTML) that says "\x1b[2J\u202e"`, again},
		{strings.Repeat("x", 4096), `text that starts with "` + strings.Repeat("x", 60) + `"`, ""},
		{"\xff\xfea\x00", "text in UTF-16", ""},
		{made(func(b *bytes.Buffer) { gob.NewEncoder(b).Encode(1e9) }), unknown, ""},
	} {
		what, advice := Describe([]byte(row.start))
		if what != row.what && !(row.what == unknown && strings.HasPrefix(what, unknown)) || advice != row.advice {
			t.Errorf("%.80q: got %s: %s, want %s: %s", row.start, what, advice, row.what, row.advice)
		}
	}
}

// FuzzDescribe: whatever a file starts with, the words are short and printable.
func FuzzDescribe(f *testing.F) {
	for _, s := range []string{"<title", "<!doctype><title>\xff", "PK\x03\x04", zipOf("\x1b"), "\ufeff", "<h1>\u202e"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, start []byte) {
		what, advice := Describe(start)
		bad := func(r rune) bool { return !unicode.IsPrint(r) }
		if what == "" || len(what) > 800 || strings.IndexFunc(what+advice, bad) >= 0 {
			t.Errorf("%q: got %q: %q", start, what, advice)
		}
	})
}

func ExampleDescribe() {
	what, advice := Describe([]byte("<html><head><title>404 Not Found</title>"))
	fmt.Printf("got %s: %s\n", what, advice)
	// Output: got a web page (HTML) that says "404 Not Found": download it again
}
