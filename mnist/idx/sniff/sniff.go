// Package sniff says in words what kind of file starts with some bytes, for
// errors about a file that is not of the kind it should be: a web page in place of
// a download, an archive that nobody unpacked, data of another program.
package sniff

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/pkg/errors"
)

// kinds are the files that always start with the same bytes.
var kinds = []struct{ start, what, advice string }{
	{"\x1f\x8b", "a gzip file", "decompress it with gunzip"},
	{"\x1f\x9d", "a compressed file (.Z)", "decompress it with uncompress"},
	{"BZh", "a bzip2 file", "decompress it with bunzip2"},
	{"\xfd7zXZ\x00", "an xz file", "decompress it with unxz"},
	{"\x28\xb5\x2f\xfd", "a zstd file", "decompress it with unzstd"},
	{"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", unpack},
	{"Rar!\x1a\x07", "a RAR archive", unpack},
	{"\x1f\xef\xbf\xbd", "a gzip file that was copied as text, which destroyed it", again},
	{"\x89PNG\r\n\x1a\n", "a picture (PNG)", ""},
	{"\xff\xd8\xff", "a picture (JPEG)", ""},
	{"GIF8", "a picture (GIF)", ""},
	{"II*\x00", "a picture (TIFF)", ""},
	{"MM\x00*", "a picture (TIFF)", ""},
	{"8BPS", "a picture (Photoshop)", ""},
	{"P5\n", "a picture (PGM)", ""},
	{"P6\n", "a picture (PPM)", ""},
	{"%PDF-", "a PDF document", ""},
	{"\x93NUMPY", "a NumPy array (.npy)", ""},
	{"MATLAB 7.3 MAT-file", "a MATLAB file (.mat, HDF5)", ""},
	{"MATLAB ", "a MATLAB file (.mat)", ""},
	{"\x89HDF\r\n\x1a\n", "an HDF5 file", ""},
	{"PAR1", "a Parquet file", ""},
	{"ARROW1", "an Arrow file", ""},
	{"SQLite format 3\x00", "an SQLite database", ""},
	{"\x7fELF", "a program", ""},
	{"version https://git-lfs.github.com/spec/", "a Git LFS pointer, which stands for the file", "fetch the file with git lfs pull"},
	{"\xff\xfe", "text in UTF-16", ""},
	{"\xfe\xff", "text in UTF-16", ""},
}

const (
	unpack = "unpack it"
	again  = "download it again"
)

// Describe says what kind of file has the given start, with an article, such as
// "a zip archive", and what can be done about it, "" if nothing is known. 4 KB
// are enough. Whatever it repeats of the file is printable.
func Describe(start []byte) (what, advice string) {
	s := string(start)
	if strings.Trim(s, "\x00") == "" {
		if s == "" {
			return "an empty file", "copy or download it again"
		}
		return "a file that starts with nothing but zeros", "copy or download it again"
	}
	for _, k := range kinds {
		if strings.HasPrefix(s, k.start) {
			return k.what, k.advice
		}
	}
	switch {
	case len(s) >= 4 && s[:2] == "PK" && (s[2:4] == "\x03\x04" || s[2:4] == "\x05\x06" || s[2:4] == "\x07\x08"):
		return describeZip(s), unpack
	case len(s) >= 12 && s[:4] == "RIFF" && s[8:12] == "WEBP":
		return "a picture (WebP)", ""
	case len(s) >= 12 && s[4:8] == "ftyp":
		return describeMedia(s[8:12]), ""
	case len(s) >= 10 && s[:2] == "BM" && s[6:10] == "\x00\x00\x00\x00":
		return "a picture (BMP)", ""
	case len(s) >= 262 && s[257:262] == "ustar":
		return "a tar archive", "unpack it with tar"
	case len(s) >= 4 && s[2] == 0 && s[3] == 0 && s[1] >= 8 && s[1] <= 14 && s[0] >= 1 && s[0] <= 4:
		return "a little-endian IDX file", "its numbers must be big-endian"
	case s[0] == 0x80 && len(s) >= 2 && s[1] >= 2 && s[1] <= 5:
		return "a Python pickle", ""
	case len(s) > 9 && s[7] == 0 && s[8:10] == `{"`:
		return "a safetensors file", ""
	}
	if body := strings.TrimLeft(strings.TrimPrefix(s, "\ufeff"), " \t\r\n\f"); text(body) {
		return describeText(body)
	}
	return fmt.Sprintf("a file of an unknown kind, which starts with %q", s[:min(len(s), 8)]), ""
}

// Unexpected returns an error that says what r is in place of what is wanted.
func Unexpected(r io.Reader, want string) error {
	start := make([]byte, 4096)
	n, err := io.ReadFull(r, start)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return errors.WithStack(err)
	}
	what, advice := Describe(start[:n])
	if advice != "" {
		advice = ": " + advice
	}
	return errors.Errorf("got %s, want %s%s", what, want, advice)
}

// describeMedia tells the pictures of phones from films, by the brand of a file.
func describeMedia(brand string) string {
	switch brand {
	case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1":
		return "a picture (HEIC)"
	case "avif", "avis":
		return "a picture (AVIF)"
	}
	return "a film"
}

// describeZip tells NumPy's archives from others by the name of the first file.
func describeZip(s string) string {
	name := ""
	if len(s) >= 30 {
		n := int(s[26]) + int(s[27])<<8
		name = s[30:min(len(s), 30+n)]
	}
	switch {
	case name == "":
		return "a zip archive"
	case strings.HasSuffix(name, ".npy"):
		return fmt.Sprintf("a NumPy archive (.npz, a zip archive with %.60q)", name)
	case strings.HasSuffix(name, "/data.pkl"):
		return "a PyTorch file (a zip archive with a pickle)"
	}
	return fmt.Sprintf("a zip archive with %.60q", name)
}

// text is whether s has characters, nearly all in UTF-8, and no control characters
// but those that a terminal's text may have.
func text(s string) bool {
	control := func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\r\n\f\x1b", r) || r == 0x7f }
	cut := strings.ToValidUTF8(s, "") // the last character may be cut
	return cut != "" && len(s)-len(cut) < 4+len(s)/8 && strings.IndexFunc(cut, control) < 0
}

// describeText is Describe for text that starts with something visible.
func describeText(s string) (what, advice string) {
	lower := bytes.ToLower([]byte(s)) // of the same length for ASCII, which the marks are
	has := func(mark string) bool { return bytes.Contains(lower, []byte(mark)) }
	line, _, _ := strings.Cut(s, "\n")
	line = strings.TrimRight(line, "\r")
	quoted := fmt.Sprintf("%.60q", line)
	says := ""
	if title := title(s); title != "" {
		says = fmt.Sprintf(" that says %.60q", title)
	}
	separators := func(mark string) int { return strings.Count(line, mark) - strings.Count(line, mark+" ") } // not those of a sentence
	switch {
	case s[0] == '<' && has("<svg"):
		return "a picture (SVG)", ""
	case s[0] == '<' && (has("<html") || has("<!doctype") || has("<head") || has("<body") || has("<title") || has("<script")):
		return "a web page (HTML)" + says, again
	case s[0] == '<':
		return "an XML page" + says, again
	case s[0] == '{' || s[0] == '[':
		return "JSON text that starts with " + quoted, ""
	case separators(",") > 1 || separators(";") > 1 || strings.Count(line, "\t") > 1:
		return "CSV text that starts with " + quoted, ""
	}
	return "text that starts with " + quoted, ""
}

// title is the title of a page, or its first words if there is none.
func title(page string) string {
	for _, tag := range []string{"title", "h1", "code", "message"} {
		at := indexFold(page, "<"+tag)
		if at < 0 {
			continue
		}
		if _, rest, ok := strings.Cut(page[at:], ">"); ok {
			text, _, _ := strings.Cut(rest, "<")
			if words := strings.Join(strings.Fields(text), " "); words != "" {
				return words
			}
		}
	}
	var words []string
	for _, part := range strings.Split(page, "<") {
		if _, text, ok := strings.Cut(part, ">"); ok {
			words = append(words, strings.Fields(text)...)
		}
	}
	return strings.Join(words, " ")
}

// indexFold is strings.Index that takes capital letters of s for small ones.
func indexFold(s, small string) int {
	for i := 0; i+len(small) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(small)], small) {
			return i
		}
	}
	return -1
}
