package picture

import (
	"math"
	"math/rand/v2"
	"testing"
)

// naive is the mean of a rectangle of a picture, in float64 loops over all pixels.
func naive(pic []byte, width, height, c, channel int, left, top, right, bottom float64) float64 {
	overlap := func(j int, from, to float64) float64 { return max(0, min(to, float64(j+1))-max(from, float64(j))) }
	sum := 0.
	for j := range height {
		for i := range width {
			sum += overlap(i, left, right) * overlap(j, top, bottom) * float64(pic[(j*width+i)*c+channel])
		}
	}
	return sum / ((right - left) * (bottom - top))
}

func TestAverageMatchesFloat64(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		width, height := 1+rnd.IntN(40), 1+rnd.IntN(40)
		if rnd.IntN(9) == 0 {
			height = 1
		}
		w, h, c := 1+rnd.IntN(12), 1+rnd.IntN(12), 1+2*rnd.IntN(2)
		pic := make([]byte, width*height*c)
		for i := range pic {
			pic[i] = byte(rnd.Uint32())
		}
		read := func(y int, row []byte) { copy(row, pic[y*width*c:]) }
		check := func(what string, x, y axis, left, top, right, bottom float64) {
			t.Helper()
			got := average(read, width, c, x, y, rounded)
			if len(got) != x.n*y.n*c {
				t.Fatalf("%s: got %d values, want %d", what, len(got), x.n*y.n*c)
			}
			sx, sy := (right-left)/float64(x.n), (bottom-top)/float64(y.n)
			for k, v := range got {
				i, j := float64(k/c%x.n), float64(k/c/x.n)
				want := naive(pic, width, height, c, k%c, left+i*sx, top+j*sy, left+(i+1)*sx, top+(j+1)*sy)
				if math.Abs(float64(v)-want) > 0.5+1e-9 { // rounded to the nearest
					t.Fatalf("%s %dx%d to %dx%d, value %d: got %d, want %v", what, width, height, w, h, k, v, want)
				}
			}
		}
		x, y := contain(width, height, w, h)
		check("contain", x, y, 0, 0, float64(width), float64(height))
		if min(x.n, y.n) < 1 || x.n > w || y.n > h || x.n < w && y.n < h {
			t.Errorf("contain %dx%d in %dx%d: got %dx%d, want all of one side", width, height, w, h, x.n, y.n)
		}
		if dx, dy := float64(width)*float64(y.n)/float64(height), float64(height)*float64(x.n)/float64(width); min(math.Abs(float64(x.n)-dx), math.Abs(float64(y.n)-dy)) > 0.5+1e-9 && min(x.n, y.n) > 1 {
			t.Errorf("contain %dx%d in %dx%d: got %dx%d, want the same shape within half a pixel", width, height, w, h, x.n, y.n)
		}
		x, y = cover(width, height, w, h)
		scale := min(float64(width)/float64(w), float64(height)/float64(h))
		cutX, cutY := (float64(width)-scale*float64(w))/2, (float64(height)-scale*float64(h))/2
		check("cover", x, y, cutX, cutY, float64(width)-cutX, float64(height)-cutY)
	}
}

// TestAverageOfExtremes: the largest sums do not overflow.
func TestAverageOfExtremes(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 200 million pixels")
	}
	white := func(y int, row []byte) {
		for i := range row {
			row[i] = 255
		}
	}
	for _, size := range [][2]int{{MaxPixels, 1}, {313, MaxPixels / 313}} { // the second has the greatest height that is still wider than 1x1024
		x, y := cover(size[0], size[1], 1, 1024)
		for i, v := range average(white, size[0], 1, x, y, rounded) {
			if v != 255 {
				t.Fatalf("%v: value %d of a white picture is %d", size, i, v)
			}
		}
	}
}
