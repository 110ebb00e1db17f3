package idx

import (
	"bytes"
	"compress/gzip"
	"math/rand/v2"
	"testing"
	"testing/iotest"
)

func compressed(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadGzip(t *testing.T) {
	want := testImages(100)
	images := imageFile(want)
	for _, row := range []struct {
		name string
		file []byte
	}{
		{"one stream", compressed(t, images)},
		{"two streams", concat(compressed(t, images[:1000]), compressed(t, images[1000:]))},
		{"zeros after the end", concat(compressed(t, images), make([]byte, 9000))},
		{"a zero after two streams", concat(compressed(t, images[:1000]), compressed(t, images[1000:]), []byte{0})},
		{"empty streams", concat(compressed(t, nil), compressed(t, images), compressed(t, nil))},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := Read(iotest.HalfReader(bytes.NewReader(row.file)))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Data, want) {
				t.Errorf("got %d bytes that differ from the %d written", len(got.Data), len(want))
			}
		})
	}
}

func TestReadGzipErrors(t *testing.T) {
	noise := make([]byte, 2*imageSize) // it does not compress, so packed is as long as images
	rand.NewChaCha8([32]byte{}).Read(noise)
	images := imageFile(noise)
	packed := compressed(t, images)
	damaged := bytes.Clone(packed)
	damaged[len(damaged)-8]++ // the checksum is the first 4 of the last 8 bytes
	corrupt := bytes.Clone(packed)
	corrupt[10] |= 0x06 // bits 1 and 2 of the first block: its kind; there is no kind 3

	for _, row := range []struct {
		name    string
		file    []byte
		wantErr string
	}{
		{"magic bytes only", packed[:2], "gzip header: unexpected EOF"},
		{"nothing", compressed(t, nil), "got an empty file in gzip, want an IDX file: copy or download it again"},
		{"not IDX", compressed(t, []byte("text")), `got text that starts with "text" in gzip, want an IDX file`},
		{"gzip in gzip", compressed(t, packed), "got gzip in gzip, want an IDX file: decompress it once with gunzip"},
		{"cut short", packed[:1200], "item 2 of 2: unexpected EOF"},
		{"no checksum", packed[:len(packed)-8], "after item 2 of 2: unexpected EOF"},
		{"wrong checksum", damaged, "after item 2 of 2: gzip: invalid checksum"},
		{"corrupt block", corrupt, "header: flate: corrupt input before offset 1"},
		{"trailing byte inside gzip", compressed(t, concat(images, []byte{0})),
			"after item 2 of 2: got more data, want the end"},
		{"trailing byte after gzip", concat(packed, []byte{1}),
			"after item 2 of 2: got more data after the gzip stream, want the end"},
		{"zeros and more after gzip", concat(packed, make([]byte, 5000), []byte{1}),
			"after item 2 of 2: got more data after the gzip stream, want the end"},
		{"gzip after zeros after gzip", concat(packed, []byte{0}, packed),
			"after item 2 of 2: got more data after the gzip stream, want the end"},
		{"trailing bytes after gzip", concat(packed, images),
			"after item 2 of 2: got more data after the gzip stream, want the end"},
		{"trailing byte after two gzip streams", concat(compressed(t, images[:100]), compressed(t, images[100:]), []byte{1}),
			"after item 2 of 2: got more data after the gzip stream, want the end"},
		{"half a gzip header after gzip", concat(packed, packed[:5]), "after item 2 of 2: unexpected EOF"},
		{"gzip after gzip", concat(packed, packed), "after item 2 of 2: got more data, want the end"},
	} {
		t.Run(row.name, func(t *testing.T) {
			a, err := Read(bytes.NewReader(row.file))
			checkError(t, a, err, row.wantErr)
		})
	}
}
