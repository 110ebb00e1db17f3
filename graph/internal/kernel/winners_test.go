package kernel

import (
	"fmt"
	"slices"
	"testing"
)

// TestWindowKernels: the kernels that write and read the winners of a row of windows stay inside of their arrays and
// agree with their definitions.
func TestWindowKernels(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		r := random(27)
		const windows, step = 3, 200 // step from window to window
		for _, rectify := range []bool{false, true} {
			for c := 1; c <= 50; c++ {
				place := []int{0, 50, 100, 150} // of a window's values
				a := arrays{t}
				x := a.of(whole(r, (windows-1)*step+place[3]+c))
				stride := roundUp(c, LineFloats)
				w := &windowRow{windows: windows, c: c, y: a.blank(windows * c), dy: a.of(normal(r, windows*c)), stride: c,
					code: a.bytes(windows * stride), codeStride: stride, floor: floor(rectify)}
				want := *w
				want.y, want.code = make([]float32, windows*c), make([]uint8, windows*stride)
				what := fmt.Sprint(c, " channels: ")

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
		}
	})
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
	if !slices.Equal(got.count, wantL.count) {
		t.Fatalf("%sgot lists of %v, want %v", what, got.count, wantL.count)
	}
	for q, count := range wantL.count {
		at := q * room
		same(t, what+"listed gradients", got.coef[at:][:count], wantL.coef[at:][:count])
		if got, want := got.off[at:][:count], wantL.off[at:][:count]; !slices.Equal(got, want) {
			t.Fatalf("%slist %d: got offsets %v, want %v", what, q, got, want)
		}
	}
}

// TestWinner5x5 compares images with and without blank windows. The last is too long for one call of assembly.
func TestWinner5x5(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		if active.winner5x5 == nil {
			t.Skip("not at this level")
		}
		r := random(30)
		for i := range 50 {
			rows, wide := 3, 6+r.IntN(inkCols-5)
			if i == 49 {
				rows, wide = 400, inkCols
			}
			const f = winnerFilters
			windows := (wide - 4) / 2
			n := rows * windows
			a := arrays{t}
			x := whole(r, (2*rows+4)*wide)
			frame(r, x, 2*rows+4, wide, 1)
			c := Conv{ConvConfig: ConvConfig{H: 2*rows + 4, W: wide, C: 1, K: 5, P: 2}, lv: active, highP: rows}
			c.ink = &ink{row: make([]uint64, c.H), band: make([]uint64, rows)}
			c.findInk(0, 1, x)
			w := &windowRow{windows: windows, c: f, y: a.of(whole(r, n*f)), dy: a.of(whole(r, n*f)), stride: f, code: a.bytes(n * f), codeStride: f}
			for i := range w.code {
				w.code[i] = uint8(r.IntN(4))
			}
			dw := a.of(whole(r, 26*f))
			want := slices.Clone(dw)
			active.winner5x5(w, c.ink.band, a.of(x), wide, a.blank(4*len(x)), dw)
			reference.winner5x5(w, c.ink.band, x, wide, nil, want)
			same(t, fmt.Sprintf("%d columns", wide), dw, want)
		}
	})
}
