package mnist

import (
	"bytes"
	"encoding/binary"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/pkg/errors"
)

// testImages returns n images, (n, 28, 28), of which the first is all 1, the second all 2, and so on.
func testImages(n int) []uint8 {
	var images []uint8
	for i := range n {
		images = append(images, bytes.Repeat([]uint8{uint8(i + 1)}, Rows*Cols)...)
	}
	return images
}

// idx returns an IDX file of the given header, which need not be true, and data.
func idx(data []uint8, header ...uint32) []byte {
	var file []byte
	for _, field := range header {
		file = binary.BigEndian.AppendUint32(file, field)
	}
	return append(file, data...)
}

func imageFile(images []uint8) []byte {
	return idx(images, 0x803, uint32(len(images)/784), 28, 28)
}

func labelFile(labels []uint8) []byte {
	return idx(labels, 0x801, uint32(len(labels)))
}

// concat joins parts into a new slice, so that table rows can be made from one file without writing to it.
func concat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestReadImages(t *testing.T) {
	want := testImages(100) // 78,400 bytes, more than firstChunk
	got, err := ReadImages(iotest.HalfReader(bytes.NewReader(imageFile(want))))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got %d bytes that differ from the %d written", len(got), len(want))
	}
}

func TestReadLabels(t *testing.T) {
	want := []uint8{7, 0, 9, 1}
	got, err := ReadLabels(bytes.NewReader(labelFile(want)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
}

func TestReadLabelsTakesMaxCount(t *testing.T) {
	got, err := ReadLabels(bytes.NewReader(labelFile(make([]uint8, MaxCount))))
	if err != nil || len(got) != MaxCount {
		t.Errorf("got %d labels and error %v, want %d and none", len(got), err, MaxCount)
	}
}

func TestReadImagesErrors(t *testing.T) {
	file := imageFile(testImages(2))
	for _, row := range []struct {
		name    string
		file    []byte
		wantErr string
	}{
		{"empty file", nil, "header: unexpected EOF"},
		{"half a magic number", file[:2], "header: unexpected EOF"},
		{"labels", labelFile([]uint8{1}), "magic number: got 0x00000801, want 0x00000803"},
		{"header cut short", file[:15], "header: unexpected EOF"},
		{"rows", idx(testImages(1), 0x803, 1, 27, 28), "image size: got 27x28, want 28x28"},
		{"columns", idx(testImages(1), 0x803, 1, 28, 32), "image size: got 28x32, want 28x28"},
		{"no images", imageFile(nil), "image count: got 0, want 1 to 524288"},
		{"too many", idx(nil, 0x803, 524289, 28, 28), "image count: got 524289, want 1 to 524288"},
		{"4 billion", idx(nil, 0x803, 0xffffffff, 28, 28), "image count: got 4294967295, want 1 to 524288"},
		{"no data", file[:16], "image 1 of 2: unexpected EOF"},
		{"second image missing", file[:16+784], "image 2 of 2: unexpected EOF"},
		{"last byte missing", file[:len(file)-1], "image 2 of 2: unexpected EOF"},
		{"cut short after firstChunk", idx(testImages(90), 0x803, 100, 28, 28), "image 91 of 100: unexpected EOF"},
		{"trailing byte", concat(file, []byte{0}), "after image 2 of 2: got more data, want the end"},
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

func TestReadLabelsErrors(t *testing.T) {
	file := labelFile([]uint8{3, 1, 4})
	for _, row := range []struct {
		name    string
		file    []byte
		wantErr string
	}{
		{"images", imageFile(testImages(1)), "magic number: got 0x00000803, want 0x00000801"},
		{"header cut short", file[:7], "header: unexpected EOF"},
		{"no labels", labelFile(nil), "label count: got 0, want 1 to 524288"},
		{"too many", idx(nil, 0x801, 524289), "label count: got 524289, want 1 to 524288"},
		{"last label missing", file[:len(file)-1], "label 3 of 3: unexpected EOF"},
		{"trailing byte", concat(file, []byte{1}), "after label 3 of 3: got more data, want the end"},
		{"label over 9", labelFile([]uint8{3, 10, 4}), "label 2 of 3: got 10, want 0 to 9"},
	} {
		t.Run(row.name, func(t *testing.T) {
			labels, err := ReadLabels(bytes.NewReader(row.file))
			if labels != nil {
				t.Errorf("got %d labels with the error, want none", len(labels))
			}
			checkError(t, err, row.wantErr)
		})
	}
}

// A failing disk must not look like a file that is too short.
func TestReadImagesKeepsReadErrors(t *testing.T) {
	broken := errors.New("broken disk")
	file := imageFile(testImages(2))
	packed := compressed(t, file)
	for _, row := range []struct {
		name    string
		before  []byte
		wantErr string
	}{
		{"at once", nil, "header: broken disk"},
		{"in the header", file[:8], "header: broken disk"},
		{"in an image", file[:1000], "image 2 of 2: broken disk"},
		{"at the end", file, "after image 2 of 2: broken disk"},
		{"at the end of gzip", packed, "after image 2 of 2: broken disk"},
		{"a byte after gzip", concat(packed, []byte{0}), "after image 2 of 2: broken disk"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := ReadImages(io.MultiReader(bytes.NewReader(row.before), iotest.ErrReader(broken)))
			checkError(t, err, row.wantErr)
			if !errors.Is(err, broken) {
				t.Errorf("errors.Is(%v, broken): got false, want true", err)
			}
		})
	}
}

// TimeoutReader fails once, at the second byte, and would then go on.
func TestReadImagesKeepsPassingErrors(t *testing.T) {
	file := imageFile(testImages(1))
	_, err := ReadImages(iotest.TimeoutReader(iotest.OneByteReader(bytes.NewReader(file))))
	checkError(t, err, "header: timeout")
}

func TestLyingHeaderTakesLittleMemory(t *testing.T) {
	const slack = 256 << 10 // firstChunk, the buffers of bufio and gzip, the error and its stack
	million := make([]byte, 1e6)
	for _, row := range []struct {
		name string
		file []byte
		want uint64
	}{
		{"4 billion images", idx(nil, 0x803, 0xffffffff, 28, 28), slack},
		{"4 billion labels", idx(nil, 0x801, 0xffffffff), slack},
		{"4 billion images in gzip", compressed(t, idx(million, 0x803, 0xffffffff, 28, 28)), slack},
		{"most images, none there", idx(nil, 0x803, MaxCount, 28, 28), slack},
		{"most labels, none there", idx(nil, 0x801, MaxCount), slack},
		{"most images, 1 MB there", idx(million, 0x803, MaxCount, 28, 28), (growth+2)*1e6 + slack},
		{"most images, 1 MB there in gzip", compressed(t, idx(million, 0x803, MaxCount, 28, 28)), (growth+2)*1e6 + slack},
	} {
		t.Run(row.name, func(t *testing.T) {
			read := ReadImages
			if strings.Contains(row.name, "labels") {
				read = ReadLabels
			}
			var err error
			got := allocated(func() { _, err = read(bytes.NewReader(row.file)) })
			if err == nil {
				t.Error("got no error")
			}
			if got > row.want {
				t.Errorf("got %d bytes allocated for a file of %d, want at most %d", got, len(row.file), row.want)
			}
		})
	}
}

// allocated returns how many bytes f allocates, freed ones included.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func checkError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Errorf("error: got %v, want %s", err, want)
	}
}
