package picture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/color/palette"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pkg/errors"
)

func encode(t *testing.T, write func(w io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t *testing.T, img image.Image) []byte {
	return encode(t, func(w io.Writer) error { return png.Encode(w, img) })
}

// fill is a picture of one colour.
func fill[T interface {
	image.Image
	Set(x, y int, c color.Color)
}](img T, c color.Color) T {
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			img.Set(x, y, c)
		}
	}
	return img
}

func read(t *testing.T, f Format, file []byte) []byte {
	t.Helper()
	got, err := f.Read(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestGreyIsPillows: convert("L") of Pillow 13.0 gives these.
func TestGreyIsPillows(t *testing.T) {
	for c, want := range map[color.RGBA]uint8{
		{R: 255, G: 0, B: 0, A: 255}:     76,
		{R: 0, G: 255, B: 0, A: 255}:     150,
		{R: 0, G: 0, B: 255, A: 255}:     29,
		{R: 255, G: 255, B: 255, A: 255}: 255,
		{R: 0, G: 0, B: 0, A: 255}:       0,
		{R: 1, G: 1, B: 1, A: 255}:       1,
		{R: 121, G: 66, B: 189, A: 255}:  96,
		{R: 242, G: 33, B: 6, A: 255}:    92,
		{R: 240, G: 132, B: 119, A: 255}: 163,
		{R: 98, G: 240, B: 243, A: 255}:  198,
		{R: 203, G: 77, B: 118, A: 255}:  119,
		{R: 77, G: 199, B: 7, A: 255}:    141,
		{R: 32, G: 81, B: 21, A: 255}:    60,
		{R: 154, G: 15, B: 137, A: 255}:  70,
		{R: 242, G: 198, B: 218, A: 255}: 213,
		{R: 202, G: 227, B: 68, A: 255}:  201,
		{R: 187, G: 49, B: 18, A: 255}:   87,
		{R: 69, G: 253, B: 111, A: 255}:  182,
		{R: 132, G: 223, B: 154, A: 255}: 188,
		{R: 215, G: 197, B: 179, A: 255}: 200,
		{R: 208, G: 118, B: 172, A: 255}: 151,
		{R: 14, G: 143, B: 83, A: 255}:   98,
		{R: 167, G: 53, B: 108, A: 255}:  93,
		{R: 136, G: 145, B: 63, A: 255}:  133,
	} {
		if got := read(t, Format{Width: 1, Height: 1}, pngOf(t, fill(image.NewRGBA(image.Rect(0, 0, 2, 3)), c)))[0]; got != want {
			t.Errorf("%v: got %d, want %d", c, got, want)
		}
	}
}

// TestKinds: one colour in each kind of picture that the decoders give.
func TestKinds(t *testing.T) {
	const w, h = 16, 16
	frame := image.Rect(0, 0, w, h)
	teal := color.RGBA{R: 51, G: 153, B: 102, A: 255}
	for name, file := range map[string][]byte{
		"RGB":     pngOf(t, fill(image.NewRGBA(frame), teal)),
		"16 bits": pngOf(t, fill(image.NewRGBA64(frame), teal)),
		"palette": pngOf(t, fill(image.NewPaletted(frame, palette.WebSafe), teal)),
		"GIF": encode(t, func(w io.Writer) error {
			return gif.Encode(w, fill(image.NewPaletted(frame, palette.WebSafe), teal), nil)
		}),
		"JPEG": encode(t, func(w io.Writer) error {
			return jpeg.Encode(w, fill(image.NewRGBA(frame), teal), &jpeg.Options{Quality: 100})
		}),
		"half as clear": pngOf(t, fill(image.NewNRGBA(frame), color.NRGBA{R: 0, G: 136, B: 51, A: 192})), // 0.753 of it over white: 63, 165, 101
	} {
		wantRGB := []byte{51, 153, 102}
		if name == "half as clear" {
			wantRGB = []byte{63, 165, 101}
		}
		luma := 0.299*float64(wantRGB[0]) + 0.587*float64(wantRGB[1]) + 0.114*float64(wantRGB[2])
		if got := read(t, Format{Width: 1, Height: 1}, file)[0]; math.Abs(float64(got)-luma) > 1 {
			t.Errorf("%s: got grey %d, want %v", name, got, luma)
		}
		for i, got := range read(t, Format{Width: 1, Height: 1, Colour: true}, file) {
			if d := int(got) - int(wantRGB[i]); d < -2 || d > 2 || name != "JPEG" && name != "half as clear" && d != 0 {
				t.Errorf("%s: got %d, want %v", name, got, wantRGB)
			}
		}
	}
	for want, img := range map[uint8]image.Image{
		200: fill(image.NewGray(frame), color.Gray{Y: 200}),
		128: fill(image.NewGray16(frame), color.Gray16{Y: 128<<8 + 127}), // 128.0 of 255
		255: image.NewNRGBA(frame),                                       // transparent
	} {
		if got := read(t, Format{Width: 2, Height: 2}, pngOf(t, img)); !bytes.Equal(got, bytes.Repeat([]byte{want}, 4)) {
			t.Errorf("%T: got %v, want %d", img, got, want)
		}
	}
}

// TestCMYK: the colours of print, in four tones.
func TestCMYK(t *testing.T) {
	img := fill(image.NewCMYK(image.Rect(0, 0, 4, 4)), color.CMYK{C: 255, M: 0, Y: 51, K: 51})
	if got, want := (Format{Width: 1, Height: 1, Colour: true}).convert(img, 4, 4, upright), []byte{0, 204, 163}; !bytes.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestFirstFrame: an animation is its first frame, in its place; around it is white.
func TestFirstFrame(t *testing.T) {
	colours := color.Palette{color.Black, color.White}
	first := image.NewPaletted(image.Rect(2, 1, 4, 2), colours)
	second := fill(image.NewPaletted(image.Rect(0, 0, 4, 2), colours), color.White)
	file := encode(t, func(w io.Writer) error {
		return gif.EncodeAll(w, &gif.GIF{Image: []*image.Paletted{first, second}, Delay: []int{1, 1}, Config: image.Config{Width: 4, Height: 2}})
	})
	if got, want := read(t, Format{Width: 4, Height: 2}, file), []byte{255, 255, 255, 255, 255, 255, 0, 0}; !bytes.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestShapes: the whole picture between black bars, or its middle.
func TestShapes(t *testing.T) {
	wide := image.NewGray(image.Rect(0, 0, 8, 4)) // 100 100 200 200 in halves
	for i := range wide.Pix {
		wide.Pix[i] = uint8(100 + 100*(i%8/4))
	}
	file := pngOf(t, wide)
	for _, test := range []struct {
		f    Format
		want []byte
	}{
		{Format{Width: 4, Height: 2}, []byte{100, 100, 200, 200, 100, 100, 200, 200}},
		{Format{Width: 2, Height: 4}, []byte{0, 0, 100, 200, 0, 0, 0, 0}},
		{Format{Width: 2, Height: 3, Colour: true}, slices.Concat(make([]byte, 6), []byte{100, 100, 100, 200, 200, 200}, make([]byte, 6))},
		{Format{Width: 6, Height: 2}, []byte{0, 100, 100, 200, 200, 0, 0, 100, 100, 200, 200, 0}},
		{Format{Width: 2, Height: 2, Crop: true}, []byte{100, 200, 100, 200}},
		{Format{Width: 1, Height: 4, Crop: true}, []byte{150, 150, 150, 150}},
		{Format{Width: 16, Height: 8, Crop: true}, bytes.Repeat(slices.Concat(bytes.Repeat([]byte{100}, 8), bytes.Repeat([]byte{200}, 8)), 8)},
	} {
		if got := read(t, test.f, file); !bytes.Equal(got, test.want) {
			t.Errorf("%+v: got %v, want %v", test.f, got, test.want)
		}
	}
}

// pngHeader is the start of a PNG of any size.
func pngHeader(width, height uint32) []byte {
	chunk := []byte("IHDR")
	chunk = binary.BigEndian.AppendUint32(chunk, width)
	chunk = binary.BigEndian.AppendUint32(chunk, height)
	chunk = append(chunk, 8, 6, 0, 0, 0)
	file := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	return binary.BigEndian.AppendUint32(append(file, chunk...), crc32.ChecksumIEEE(chunk))
}

// withCRC is the start of a PNG with the check that belongs to it.
func withCRC(header []byte) []byte {
	return binary.BigEndian.AppendUint32(header[:29:29], crc32.ChecksumIEEE(header[12:29]))
}

func TestErrors(t *testing.T) {
	good := pngOf(t, fill(image.NewGray(image.Rect(0, 0, 50, 50)), color.Gray{Y: 9}))
	photo := encode(t, func(w io.Writer) error { return jpeg.Encode(w, image.NewGray(image.Rect(0, 0, 50, 50)), nil) })
	lying := bytes.Replace(photo, []byte{0, 50, 0, 50}, []byte{0x27, 0, 0x27, 0}, 1)
	for _, test := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "got an empty file, want PNG, JPEG or GIF"},
		{"text", []byte("my holidays\n"), `got text that starts with "my holidays", want PNG`},
		{"HEIC", []byte("\x00\x00\x00\x24ftypheic\x00\x00\x00\x00mif1"), "got a picture (HEIC), want PNG"},
		{"cut PNG", good[:len(good)-40], "png: invalid format: not enough pixel data"},
		{"cut header", good[:20], "got a PNG that is cut short"},
		{"cut JPEG", photo[:200], "cut short"},
		{"JPEG without its end", photo[:len(photo)-20], "got a JPEG that is cut short"},
		{"header alone", pngHeader(10000, 10000), "bytes, too few for its 10000x10000 pixels"},
		{"JPEG of a size that it lies about", lying, "bytes, too few for its 9984x9984 pixels"},
		{"two bytes of a JPEG", photo[:2], "got a JPEG that is cut short"},
		{"flipped bit", slices.Concat(good[:len(good)-20], []byte{good[len(good)-20] ^ 1}, good[len(good)-19:]), "png: invalid format"},
		{"too large", pngHeader(20000, 5001), "got a PNG of 20000x5001 pixels, want 1 to 100000000 in all"},
		{"far too large", pngHeader(1<<31-1, 1<<31-1), "dimension overflow"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Format{Width: 28, Height: 28}.Read(bytes.NewReader(test.file))
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want %q", test.name, err, test.want)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
			t.Errorf("%s: %d bytes of memory", test.name, n)
		}
	}
}

// broken fails after its first bytes, as a disk does.
type broken struct{ io.ReadSeeker }

func (b broken) Read(p []byte) (int, error) { return 0, errors.New("input/output error") }

func TestReadFails(t *testing.T) {
	if _, err := (Format{Width: 1, Height: 1}).Read(broken{bytes.NewReader(nil)}); err == nil || !strings.Contains(err.Error(), "input/output error") {
		t.Errorf("got error %v", err)
	}
}

// TestGate: no more is taken at a time than there is.
func TestGate(t *testing.T) {
	g := gate{free: 10, changed: sync.NewCond(&sync.Mutex{})}
	var taken, most atomic.Int64
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			n := 1 + i%10
			leave := g.enter(n)
			now := taken.Add(int64(n))
			for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
			}
			runtime.Gosched()
			taken.Add(int64(-n))
			leave()
		})
	}
	all.Wait()
	if most.Load() > 10 || g.free != 10 {
		t.Errorf("%d of 10 were taken at a time, %d are free at the end", most.Load(), g.free)
	}
}

// watched notes the fewest pixels that are free whenever it is read.
type watched struct {
	io.ReadSeeker
	free int
}

func (w *watched) Read(p []byte) (int, error) {
	decoding.changed.L.Lock()
	w.free = min(w.free, decoding.free)
	decoding.changed.L.Unlock()
	return w.ReadSeeker.Read(p)
}

// TestPicturesPassTheGate: a picture takes its pixels while it is decoded.
func TestPicturesPassTheGate(t *testing.T) {
	w := &watched{bytes.NewReader(pngOf(t, image.NewGray(image.Rect(0, 0, 30, 20)))), MaxPixels}
	if _, err := (Format{Width: 1, Height: 1}).Read(w); err != nil || w.free != MaxPixels-30*20 || decoding.free != MaxPixels {
		t.Errorf("got %d pixels free, then %d, and error %v, want %d and %d", w.free, decoding.free, err, MaxPixels-30*20, MaxPixels)
	}
}
