package scan

import (
	"math"
	"slices"
	"testing"

	"github.com/pkg/errors"
)

// TestStrokesReadSeven: small or large, anywhere on the page, drawn either way.
func TestStrokesReadSeven(t *testing.T) {
	nets := networks(t)
	for _, size := range []float64{1, 0.5, 0.1} {
		for _, at := range []Point{{0, 0}, {1 - size, 0.3 * (1 - size)}} {
			var lines [][]Point
			for i, line := range seven {
				var moved []Point
				for _, p := range line {
					moved = append(moved, Point{at.X + size*p.X, at.Y + size*p.Y})
				}
				if i == 0 {
					slices.Reverse(moved)
				}
				lines = append(lines, moved)
			}
			got, _, err := Strokes(lines)
			if err != nil {
				t.Fatal(err)
			}
			isMade(t, "strokes", got)
			for i, n := range nets {
				if c, err := n.Classes(got); err != nil || c[0] != 7 {
					t.Errorf("size %v at %v: network %d sees %v, %v", size, at, i, c, err)
				}
			}
		}
	}
}

// TestStrokesAreTheirPicture: strokes give what a picture of them gives, but for
// pixels half covered and a box that is not of whole pixels.
func TestStrokesAreTheirPicture(t *testing.T) {
	got, _, err := Strokes(seven)
	if err != nil {
		t.Fatal(err)
	}
	const size = 1000
	pen := penWidth / (boxSide - penWidth) * 0.8 * size // of a digit that is 0.8 of the page
	pic := scene{w: size, h: size, size: size, pen: pen, ink: grey(0), paper: even(1)}
	d, ok := find([3]plane{asPlane(pic), asPlane(pic), asPlane(pic)})
	if !ok {
		t.Fatal("no digit")
	}
	off := 0.
	for i, v := range fit(d) {
		off += math.Abs(float64(v) - float64(got[i]))
	}
	sum := 0.
	for _, v := range got {
		sum += float64(v)
	}
	if off > 0.15*sum {
		t.Errorf("the images differ by %.0f of %.0f", off, sum)
	}
}

func asPlane(s scene) plane {
	img := s.picture()
	p := newPlane(s.w, s.h)
	for i := range p.v {
		p.v[i] = float32(img.NRGBA64At(i%s.w, i/s.w).R) / 65535
	}
	return p
}

func TestDot(t *testing.T) {
	got, _, err := Strokes([][]Point{{{0.2, 0.9}}})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.
	for _, v := range got {
		sum += float64(v) / 255
	}
	if want := math.Pi / 4 * penWidth * penWidth; math.Abs(sum-want) > 1 {
		t.Errorf("a dot has %.2f pixels of ink, want %.2f", sum, want)
	}
}

// TestPlace: a dot of the page is where the page's place in the image says, on the
// page and off it, for digits of all sizes.
func TestPlace(t *testing.T) {
	for _, corner := range []Point{{0, 0}, {-0.5, -0.5}, {0.7, -0.3}, {0.9, 1.3}} {
		for _, size := range []Point{{0.2, 0.2}, {0.6, 0.35}, {0.4, 0.5}} {
			var dots []Point
			var lines [][]Point
			for _, at := range []Point{{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0.5, 1}} {
				p := Point{corner.X + at.X*size.X, corner.Y + at.Y*size.Y}
				if max(p.X, p.Y) > 1.5 {
					continue
				}
				dots, lines = append(dots, p), append(lines, []Point{p})
			}
			img, page, err := Strokes(lines)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range dots {
				wantX, wantY := p.X*page.Scale+page.DX, p.Y*page.Scale+page.DY
				var sum, x, y float64
				for i, v := range img {
					px, py := float64(i%side)+0.5, float64(i/side)+0.5
					if math.Hypot(px-wantX, py-wantY) < 2.5 {
						sum, x, y = sum+float64(v), x+float64(v)*px, y+float64(v)*py
					}
				}
				if x, y = x/sum, y/sum; !(math.Hypot(x-wantX, y-wantY) < 0.1) { // a pixel's ink is by its middle, nearly its part
					t.Errorf("corner %v, size %v: the dot at %v is at (%.2f, %.2f), %+v says (%.2f, %.2f)", corner, size, p, x, y, page, wantX, wantY)
				}
			}
		}
	}
}

func TestStrokesErrors(t *testing.T) {
	for _, none := range [][][]Point{nil, {}, {nil, {}}} {
		if _, _, err := Strokes(none); !errors.Is(err, ErrNoInk) {
			t.Errorf("%v: got error %v, want ErrNoInk", none, err)
		}
	}
	for _, bad := range []float64{-0.51, 1.51, math.NaN(), math.Inf(1)} {
		for _, p := range []Point{{bad, 0.5}, {0.5, bad}} {
			if img, page, err := Strokes([][]Point{{{0.1, 0.1}, p}}); err == nil || errors.Is(err, ErrNoInk) || img != nil || page != (Place{}) {
				t.Errorf("%v: got %v, %v, error %v", p, img, page, err)
			}
		}
	}
}
