//go:build (amd64 || arm64) && !noasm

package kernel

import (
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"unsafe"
)

// TestEveryEntryIsReached: its level calls every function of the assembly for a shape that other tests compare with the
// definitions. The inputs can't be read: a call faults in the function that it reaches.
func TestEveryEntryIsReached(t *testing.T) {
	entries := regexp.MustCompile(`(?m)^TEXT ·(\w+)\(SB\)`).FindAllStringSubmatch(readAssembly(t), -1)
	if len(entries) == 0 {
		t.Fatal("no function in the assembly")
	}
	eachKernel(t, func(t *testing.T) {
		reached := reachedEntries(t)
		for _, e := range entries {
			if name := e[1]; isOf(name, active.name) && !reached[name] && name != "prefetch64" { // see TestPrefetchNeverFaults
				t.Errorf("%s is never called", name)
			}
		}
	})
}

// reachedEntries calls every kernel of the active level in every shape and returns the functions that it reached.
func reachedEntries(t *testing.T) map[string]bool {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	reached := map[string]bool{}
	call := func(f func()) { reached[faultsIn(f)] = true }

	no := forbidden(t, 1024)
	codes, ints := make([]uint8, 1024), make([]int32, 1024)
	eachTile(func(p *panel, bases, rows int) {
		call(func() { active.tile(p, bases, rows, &tile{a: no, b: no, c: no, ni: 1, no: 1, nt: 1, tail: p.tail()}) })
	})
	eachPool(func(p *panel, windows int) {
		for line := 1; line <= 5; line++ {
			call(func() {
				active.pool(p, windows, &tile{a: no, aS: 1, aI: 1, b: no, c: no, code: codes, ni: line, no: 1, nt: 1, tail: p.tail()})
			})
		}
		call(func() {
			active.pool(p, windows, &tile{a: no, b: no, c: no, code: codes, ni: 1, no: 1, nt: 1, tail: p.tail()})
		})
	})
	one := []int32{1}
	eachGather(func(rows, cols int) {
		call(func() {
			active.gather(&gather{groups: 1, count: one, coef: no, off: ints, src: no, dst: no, groupOff: ints}, rows, cols)
		})
	})
	eachScatter(func(rows, cols int) {
		call(func() {
			active.scatter(&gather{groups: 1, count: one, coef: no, off: ints, src: no, dst: no, groupOff: ints}, rows, cols)
		})
	})
	w := &windowRow{windows: 1, c: 16, y: no, dy: no, stride: 16, code: codes, codeStride: 16}
	place := make([]int, 4)
	call(func() { active.lists(w, lists{places: 4, from: ints, coef: no, off: ints, count: ints, room: 32}) })
	call(func() { active.entries(w, entries{coef: no, off: ints, place: ints[:8]}) })
	call(func() { active.poolMax(no, 16, place, no, w) })
	call(func() { active.unpool(w, no, 16, place) })
	call(func() { active.rectify(no, no, no) })
	call(func() { active.scaleBytes(no, codes) })
	call(func() { active.transpose(8, 8, no, 8, no, 8) })
	call(func() { active.nonzero(no, 16, make([]uint64, 1)) })
	for lanes := 1; lanes <= 8; lanes *= 2 {
		call(func() { active.adam(0, 8, no, no, no, [][]float32{no, no, no, no, no, no, no, no}[:lanes], adamRate{}) })
	}
	call(func() { active.multiplyAdds(1, 1, 1, no) })
	call(func() { active.hasNaN(no) })
	if BF16() {
		for rows := 16; rows <= 32; rows += 16 {
			for cols := 16; cols <= 32; cols += 16 {
				call(func() { active.amx(rows, cols, &amx{a: pairsOf(no), b: pairsOf(no), c: no, steps: 1, nt: 1}) })
			}
		}
		call(func() { active.roundBF16(1, no, pairsOf(make([]float32, 16))) })
		call(func() { active.pairBF16(1, no, no, pairsOf(make([]float32, 16))) })
	}
	for k := range active.winnerFilters {
		for _, x := range [][]float32{no, make([]float32, (k+1)*16)} {
			call(func() { active.winner(k, w, []uint64{1}, x, 16, make([]float32, 4*len(x)), no) })
		}
	}
	return reached
}

// TestPrefetchNeverFaults: it asks for memory that can't be read, without harm.
func TestPrefetchNeverFaults(t *testing.T) {
	no := forbidden(t, 64)
	bytes := unsafe.Slice((*uint8)(unsafe.Pointer(unsafe.SliceData(no))), 4*len(no))
	eachKernel(t, func(t *testing.T) {
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
		for n := range bytes {
			if in := faultsIn(func() { Prefetch(bytes[:n]) }); in != "" {
				t.Fatalf("%d bytes: %s reads them", n, in)
			}
		}
	})
}

// faultsIn returns the name, without the package, of the function in which f faults.
func faultsIn(f func()) (name string) {
	defer func() {
		if recover() == nil {
			return
		}
		pcs := make([]uintptr, 32)
		frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
		for fault, more := false, true; more; {
			var frame runtime.Frame
			frame, more = frames.Next()
			if fault {
				name = frame.Function[strings.LastIndexByte(frame.Function, '.')+1:]
				return
			}
			fault = frame.Function == "runtime.sigpanic"
		}
	}()
	f()
	return ""
}

// forbidden returns n values; any access to them faults.
func forbidden(t *testing.T, n int) []float32 {
	last := &guarded(t, 1)[0]
	return unsafe.Slice((*float32)(unsafe.Add(unsafe.Pointer(last), 4)), n)
}
