package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"slices"
	"testing"
)

// edges are, as EXIF defines the orientations, where the first row and the first
// column of a file belong in the picture.
var edges = map[orientation][2]string{
	1: {"top", "left"}, 2: {"top", "right"}, 3: {"bottom", "right"}, 4: {"bottom", "left"},
	5: {"left", "top"}, 6: {"right", "top"}, 7: {"right", "bottom"}, 8: {"left", "bottom"},
}

// stored is the picture as a file with that orientation has it.
func stored(o orientation, pic *image.Gray) *image.Gray {
	w, h := pic.Rect.Dx(), pic.Rect.Dy()
	columns, rows := w, h
	if edges[o][0] == "left" || edges[o][0] == "right" {
		columns, rows = h, w
	}
	out := image.NewGray(image.Rect(0, 0, columns, rows))
	for row := range rows {
		for column := range columns {
			var x, y int
			for i, edge := range edges[o] {
				n := []int{row, column}[i]
				switch edge {
				case "top":
					y = n
				case "bottom":
					y = h - 1 - n
				case "left":
					x = n
				case "right":
					x = w - 1 - n
				}
			}
			out.SetGray(column, row, pic.GrayAt(x, y))
		}
	}
	return out
}

// exif is a segment with an orientation among other entries.
func exif(order binary.AppendByteOrder, o orientation) []byte {
	b := []byte("Exif\x00\x00II")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("Exif\x00\x00MM")
	}
	b = order.AppendUint16(b, 42)
	b = order.AppendUint32(b, 10) // two bytes after the header
	b = append(b, 0, 0)
	b = order.AppendUint16(b, 3)
	for tag, value := range []uint16{7, uint16(o), 9} {
		b = order.AppendUint16(b, uint16(0x111+tag))
		b = order.AppendUint16(b, 3)
		b = order.AppendUint32(b, 1)
		b = order.AppendUint16(b, value)
		b = order.AppendUint16(b, 0)
	}
	return b
}

// withSegments is a JPEG file with more segments at its start.
func withSegments(file []byte, segments map[byte][]byte) []byte {
	out := slices.Clone(file[:2])
	for marker, s := range segments {
		out = append(out, 0xff, 0xff, marker) // with padding
		out = binary.BigEndian.AppendUint16(out, uint16(len(s)+2))
		out = append(out, s...)
	}
	return append(out, file[2:]...)
}

func TestOrientations(t *testing.T) {
	pic := image.NewGray(image.Rect(0, 0, 48, 32)) // three bright corners of blocks that JPEG keeps
	for y := range 32 {
		for x := range 48 {
			pic.SetGray(x, y, color.Gray{Y: uint8(60*(x/16) + 30*(y/16))})
		}
	}
	for _, f := range []Format{{Width: 10, Height: 7}, {Width: 5, Height: 9, Colour: true}, {Width: 9, Height: 4, Crop: true}} {
		want := f.convert(pic, 48, 32, upright)
		for o := range edges {
			for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
				var file bytes.Buffer
				if err := jpeg.Encode(&file, stored(o, pic), &jpeg.Options{Quality: 100}); err != nil {
					t.Fatal(err)
				}
				got, err := f.Read(bytes.NewReader(withSegments(file.Bytes(), map[byte][]byte{0xe1: exif(order, o), 0xe0: []byte("JFIF")})))
				if err != nil {
					t.Fatal(err)
				}
				for i := range want {
					if d := int(got[i]) - int(want[i]); d < -2 || d > 2 { // JPEG rounds
						t.Fatalf("%+v, orientation %d, %v: got\n%v, want\n%v", f, o, order, got, want)
					}
				}
			}
		}
	}
}

// TestNoOrientation: what makes no sense turns nothing.
func TestNoOrientation(t *testing.T) {
	good := exif(binary.BigEndian, 6)
	if got := exifOrientation(good); got != 6 {
		t.Fatalf("got %d, want 6", got)
	}
	for n := range 6 + 8 + 4 + 12 + 10 { // up to the orientation
		if got := exifOrientation(good[:n]); got != upright {
			t.Errorf("cut after %d bytes: got %d", n, got)
		}
	}
	for _, o := range []orientation{0, 9, 1000} {
		if got := exifOrientation(exif(binary.LittleEndian, o)); got != upright {
			t.Errorf("orientation %d: got %d", o, got)
		}
	}
	far := slices.Clone(good)
	far[10], far[11] = 0xff, 0xff
	if got := exifOrientation(far); got != upright {
		t.Errorf("a directory after the end: got %d", got)
	}
}

func FuzzReadSegments(f *testing.F) {
	f.Add(withSegments([]byte("\xff\xd8\xff\xda"), map[byte][]byte{0xe1: exif(binary.BigEndian, 6)}))
	f.Fuzz(func(t *testing.T, file []byte) {
		if o := readSegments(bytes.NewReader(file)).orientation; o < 1 || o > 8 {
			t.Errorf("got %d", o)
		}
	})
}
