package mnist

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

func TestReadImagesGzip(t *testing.T) {
	want := testImages(100)
	file := imageFile(want)
	for _, row := range []struct {
		name string
		file []byte
	}{
		{"one stream", compressed(t, file)},
		{"two streams", concat(compressed(t, file[:1000]), compressed(t, file[1000:]))},
		{"empty streams", concat(compressed(t, nil), compressed(t, file), compressed(t, nil))},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := ReadImages(iotest.HalfReader(bytes.NewReader(row.file)))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got %d bytes that differ from the %d written", len(got), len(want))
			}
		})
	}
}

func TestReadImagesGzipErrors(t *testing.T) {
	noise := make([]byte, 2*Rows*Cols) // it does not compress, so packed is as long as file
	rand.NewChaCha8([32]byte{}).Read(noise)
	file := imageFile(noise)
	packed := compressed(t, file)
	damaged := bytes.Clone(packed)
	damaged[len(damaged)-8]++ // the checksum is the first 4 of the last 8 bytes
	corrupt := bytes.Clone(packed)
	corrupt[10] |= 0x06 // bits 1 and 2 of the first block: its kind, of which 3 is none

	for _, row := range []struct {
		name    string
		file    []byte
		wantErr string
	}{
		{"magic bytes only", packed[:2], "gzip header: unexpected EOF"},
		{"nothing", compressed(t, nil), "header: unexpected EOF"},
		{"labels", compressed(t, labelFile([]uint8{1})), "magic number: got 0x00000801, want 0x00000803"},
		{"cut short", packed[:1200], "image 2 of 2: unexpected EOF"},
		{"no checksum", packed[:len(packed)-8], "after image 2 of 2: unexpected EOF"},
		{"wrong checksum", damaged, "after image 2 of 2: gzip: invalid checksum"},
		{"corrupt block", corrupt, "header: flate: corrupt input before offset 1"},
		{"trailing byte inside gzip", compressed(t, concat(file, []byte{0})),
			"after image 2 of 2: got more data, want the end"},
		{"trailing byte after gzip", concat(packed, []byte{0}),
			"after image 2 of 2: got more data after the gzip stream, want the end"},
		{"trailing bytes after gzip", concat(packed, file),
			"after image 2 of 2: got more data after the gzip stream, want the end"},
		{"trailing byte after two gzip streams", concat(compressed(t, file[:100]), compressed(t, file[100:]), []byte{0}),
			"after image 2 of 2: got more data after the gzip stream, want the end"},
		{"half a gzip header after gzip", concat(packed, packed[:5]), "after image 2 of 2: unexpected EOF"},
		{"gzip after gzip", concat(packed, packed), "after image 2 of 2: got more data, want the end"},
	} {
		t.Run(row.name, func(t *testing.T) {
			images, err := ReadImages(bytes.NewReader(row.file))
			if images != nil {
				t.Errorf("got %d bytes with the error, want none", len(images))
			}
			checkError(t, err, row.wantErr)
		})
	}
}
