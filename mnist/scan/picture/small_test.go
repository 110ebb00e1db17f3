package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
)

func small(t *testing.T, file []byte, side int) Small {
	t.Helper()
	s, err := ReadSmall(bytes.NewReader(file), side)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Pixels) != 4*s.Width*s.Height {
		t.Fatalf("got %d values for %dx%d pixels", len(s.Pixels), s.Width, s.Height)
	}
	return s
}

// TestSmallKeepsBits: values of 16 bits and parts of transparent pixels are exact.
func TestSmallKeepsBits(t *testing.T) {
	img := image.NewNRGBA64(image.Rect(0, 0, 4, 2))
	for i := range 8 {
		img.SetNRGBA64(i%4, i/4, color.NRGBA64{R: 30000 + uint16(i%2), G: 257, B: 0xffff, A: 0xffff})
	}
	s := small(t, pngOf(t, img), 2)
	if s.Width != 2 || s.Height != 1 {
		t.Fatalf("got %dx%d, want 2x1", s.Width, s.Height)
	}
	for k, want := range []float64{30000.5 / 0xffff, 257. / 0xffff, 1, 1} {
		if got := float64(s.Pixels[k]); math.Abs(got-want) > 1e-7 {
			t.Errorf("value %d: got %v, want %v", k, got, want)
		}
	}
	half := image.NewNRGBA(image.Rect(0, 0, 2, 1))
	half.SetNRGBA(0, 0, color.NRGBA{R: 255, G: 0, B: 51, A: 255})
	if s, want := small(t, pngOf(t, half), 1), []float32{0.5, 0, 0.1, 0.5}; !slices.Equal(s.Pixels, want) {
		t.Errorf("half transparent: got %v, want %v", s.Pixels, want)
	}
}

// TestSmallColours: JPEG's planes give the colours that image/color has of them, for
// each size of the planes of colour.
func TestSmallColours(t *testing.T) {
	for _, ratio := range []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
	} {
		img := image.NewYCbCr(image.Rect(0, 0, 16, 8), ratio)
		for i := range img.Y {
			img.Y[i] = uint8(60 + i%16*8)
		}
		for i := range img.Cb {
			img.Cb[i], img.Cr[i] = 150, 90
			if i%img.CStride >= img.CStride/2 {
				img.Cb[i], img.Cr[i] = 100, 170
			}
		}
		s := shrink(img, 16, 8, 16)
		for i := range 16 * 8 {
			r, g, b, _ := img.At(i%16, i/16).RGBA()
			for k, want := range []uint32{r, g, b, 0xffff} {
				if got := s.Pixels[4*i+k]; math.Abs(float64(got)-float64(want)/0xffff) > 1.5/255 {
					t.Fatalf("%v, pixel %d: got %v, want %v", ratio, i, s.Pixels[4*i:4*i+4], []uint32{r >> 8, g >> 8, b >> 8})
				}
			}
		}
	}
}

// TestSmallFrame: what the first frame of an animation leaves free is transparent.
func TestSmallFrame(t *testing.T) {
	first := image.NewPaletted(image.Rect(1, 1, 2, 2), color.Palette{color.White, color.Black})
	file := encode(t, func(w io.Writer) error {
		return gif.EncodeAll(w, &gif.GIF{Image: []*image.Paletted{first}, Delay: []int{1}, Config: image.Config{Width: 3, Height: 2}})
	})
	want := make([]float32, 4*3*2)
	copy(want[4*(3+1):], []float32{1, 1, 1, 1})
	if s := small(t, file, 9); !slices.Equal(s.Pixels, want) {
		t.Errorf("got %v, want %v", s.Pixels, want)
	}
}

// TestSmallIsTurned: a photo with each orientation is the upright one.
func TestSmallIsTurned(t *testing.T) {
	pic := image.NewGray(image.Rect(0, 0, 48, 32))
	for i := range pic.Pix {
		pic.Pix[i] = uint8(60*(i%48/16) + 30*(i/48/16))
	}
	want := shrink(pic, 48, 32, 6)
	for o := range edges {
		file := encode(t, func(w io.Writer) error { return jpeg.Encode(w, stored(o, pic), &jpeg.Options{Quality: 100}) })
		got := small(t, withSegments(file, map[byte][]byte{0xe1: exif(binary.BigEndian, o)}), 6)
		if got.Width != 6 || got.Height != 4 {
			t.Fatalf("orientation %d: got %dx%d, want 6x4", o, got.Width, got.Height)
		}
		for i := range want.Pixels {
			if math.Abs(float64(got.Pixels[i]-want.Pixels[i])) > 2./255 {
				t.Fatalf("orientation %d: got\n%v, want\n%v", o, got.Pixels, want.Pixels)
			}
		}
	}
}

// TestSmallLimits: what takes too much memory is refused before it is decoded.
func TestSmallLimits(t *testing.T) {
	png := func(depth, colour, interlaced byte, w, h uint32) []byte {
		file := pngHeader(w, h)
		file[24], file[25], file[28] = depth, colour, interlaced
		return withCRC(file)
	}
	frame := func(marker byte, w, h uint16, factors ...byte) []byte {
		segment := binary.BigEndian.AppendUint16([]byte{8}, h)
		segment = append(binary.BigEndian.AppendUint16(segment, w), byte(len(factors)))
		for i, f := range factors {
			segment = append(segment, byte(i+1), f, 0)
		}
		return withSegments([]byte("\xff\xd8\xff\xda\x00\x02"), map[byte][]byte{marker: segment})
	}
	photoshop := map[byte][]byte{0xee: append([]byte("Adobe"), make([]byte, 7)...)} // red, green and blue
	const fits = ""                                                                 // and is found to be cut short
	for _, test := range []struct {
		name string
		file []byte
		want string
	}{
		{"50 megapixels", png(8, 2, 0, 10000, 5000), fits},
		{"more", png(8, 2, 0, 10000, 5001), "10000x5001 pixels, want 1 to 50000000 in all"},
		{"16 bits", png(16, 6, 0, 10000, 5000), fits},
		{"16 bits, interlaced", png(16, 6, 1, 10000, 2501), "takes 400 MB of memory, want at most 400 MB"},
		{"16 bits, interlaced, less", png(16, 6, 1, 10000, 2500), fits},
		{"a photo", frame(0xc0, 8000, 6000, 0x22, 0x11, 0x11), fits},
		{"a progressive photo", frame(0xc2, 8000, 6000, 0x22, 0x11, 0x11), fits},
		{"a progressive one in red, green and blue", withSegments(frame(0xc2, 8000, 6000, 0x22, 0x11, 0x11), photoshop), "takes 576 MB"},
		{"progressive, all colours", frame(0xc2, 8000, 6000, 0x11, 0x11, 0x11), "takes 720 MB"},
		{"progressive, for print", frame(0xc2, 8000, 6000, 0x11, 0x11, 0x11, 0x11), "takes 1152 MB"},
	} {
		_, err := ReadSmall(bytes.NewReader(test.file), 640)
		if err == nil {
			t.Errorf("%s: no error", test.name)
		} else if text := err.Error(); test.want == fits && (strings.Contains(text, "want at most") || strings.Contains(text, "in all")) || !strings.Contains(text, test.want) {
			t.Errorf("%s: got error %v, want %q", test.name, err, test.want)
		}
	}
}
