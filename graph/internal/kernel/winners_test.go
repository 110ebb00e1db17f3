package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestWindowKernels: the kernels that write and read the winners of a row of windows stay inside of their arrays and
// agree with their definitions. The last row is too long for one call of assembly.
func TestWindowKernels(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		r := random(27)
		for _, rectify := range []bool{false, true} {
			for c := 1; c <= 50; c++ {
				checkWindows(t, r, 3, c, rectify)
			}
			checkWindows(t, r, 1500, 45, rectify)
		}
	})
}

// checkWindows compares the kernels on a row of windows of four places.
func checkWindows(t *testing.T, r *rand.Rand, windows, c int, rectify bool) {
	const step = 200                // from window to window
	place := []int{0, 50, 100, 150} // of a window's values
	a := arrays{t}
	x := a.of(whole(r, (windows-1)*step+place[3]+c))
	stride := roundUp(c, LineFloats)
	w := &windowRow{windows: windows, c: c, y: a.blank(windows * c), dy: a.of(normal(r, windows*c)), stride: c,
		code: a.bytes(windows * stride), codeStride: stride, floor: floor(rectify)}
	want := *w
	want.y, want.code = make([]float32, windows*c), make([]uint8, windows*stride)
	what := fmt.Sprintf("%d windows, %d channels: ", windows, c)

	active.poolMax(x, step, place, w.y, w)
	reference.poolMax(x, step, place, want.y, &want)
	same(t, what+"y", w.y, want.y)

	dx, wantX := a.blank(len(x)), slices.Repeat([]float32{canary}, len(x))
	active.unpool(w, dx, step, place)
	reference.unpool(&want, wantX, step, place)
	same(t, what+"dx", dx, wantX)

	e := func() entries {
		return entries{coef: make([]float32, windows*stride), off: make([]int32, windows*stride),
			place: []int32{0, 50, 100, 150, 0, 0, 0, 0}, base: 1000, step: step}
	}
	got, wantE := e(), e()
	active.entries(w, got)
	reference.entries(&want, wantE)
	for i := range windows { // a vector may write past the c values
		at := i * stride
		same(t, what+"coefficients", got.coef[at:][:c], wantE.coef[at:][:c])
		if got, want := got.off[at:][:c], wantE.off[at:][:c]; !slices.Equal(got, want) {
			t.Fatalf("%swindow %d: got offsets %v, want %v", what, i, got, want)
		}
	}
	checkLists(t, what, w, &want)
}

// checkLists compares the lists of windows of four places.
func checkLists(t *testing.T, what string, w, want *windowRow) {
	from := make([]int32, roundUp(w.c, LineFloats))
	for i := range from {
		from[i] = int32(10 * i)
	}
	const places = 4
	room := w.c + LineFloats
	n := w.windows * places
	l := func() lists {
		return lists{places: places, from: from, coef: make([]float32, n*room), off: make([]int32, n*room), count: make([]int32, n), room: room}
	}
	got, wantL := l(), l()
	active.lists(w, got)
	reference.lists(want, wantL)
	for q, count := range wantL.count {
		if got.count[q] != count {
			t.Fatalf("%slist %d: got a length of %d, want %d", what, q, got.count[q], count)
		}
		at := q * room
		same(t, what+"listed gradients", got.coef[at:][:count], wantL.coef[at:][:count])
		if got, want := got.off[at:][:count], wantL.off[at:][:count]; !slices.Equal(got, want) {
			t.Fatalf("%slist %d: got offsets %v, want %v", what, q, got, want)
		}
	}
}

// TestWinner compares images with and without blank windows. The last is too long for one call of assembly.
func TestWinner(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		for k, block := range active.winnerFilters {
			r := random(uint64(30 + k))
			for i := range 50 {
				rows, wide := 1+r.IntN(3), k+1+r.IntN(inkCols-k)
				if i == 49 {
					rows, wide = 400, inkCols
				}
				high, windows, f := 2*rows+k-1, (wide-k+1)/2, block*(1+i%5)
				stride, codeStride := f+r.IntN(9), roundUp(f, LineFloats)
				n := rows * windows
				a := arrays{t}
				x := whole(r, high*wide)
				frame(r, x, high, wide, 1)
				c := Conv{ConvConfig: ConvConfig{H: high, W: wide, C: 1, K: k, P: 2}, lv: active, highP: rows}
				c.ink = &ink{row: make([]uint64, c.H), band: make([]uint64, rows)}
				c.findInk(0, 1, x)
				w := &windowRow{windows: windows, c: f, y: a.of(whole(r, (n-1)*stride+f)), dy: a.of(whole(r, (n-1)*stride+f)), stride: stride,
					code: a.bytes(n * codeStride), codeStride: codeStride}
				w.y[r.IntN(len(w.y))] = float32(math.NaN()) // its gradient passes
				for i := range w.code {
					w.code[i] = uint8(r.IntN(4))
				}
				dw := a.of(whole(r, codeStride*(k*k+1)))
				want := slices.Clone(dw)
				active.winner(k, w, c.ink.band, a.of(x), wide, a.blank(4*len(x)), dw)
				reference.winner(k, w, c.ink.band, x, wide, nil, want)
				same(t, fmt.Sprintf("%d filters of %d x %d, image of %d x %d", f, k, k, high, wide), dw, want)
			}
		}
	})
}
