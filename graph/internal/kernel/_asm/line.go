package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// poolLine emits a function for windows of 2x2 of z vectors of filters on one channel, with rows of taps values. Pixels
// beside each other share most of these: each is loaded once for all, and the row's weights stay in registers. Otherwise
// loads would limit filters of one vector, which have one for each product.
func poolLine(v isa, taps, windows, z int) {
	p := shaped("poolLine", v, "tile", "poolGeneric for aI = aS = 1, ni x windows x vectors", taps, windows, z)
	t := &tiler{isa: v, pointer: p, h: 2, s: 2 * windows, z: z, line: taps}
	t.tiles(false, t.storeWindows)
}

// lines sets up the sums of a poolLine. It returns what emits the inner sum, which moves a and b on by the outer strides.
func (t *tiler) lines() func(a []GPVirtual, b GPVirtual) {
	aO, bO, bI := t.stride("aO"), t.stride("bO"), t.stride("bI")
	bI3 := GP64()
	LEAQ(Mem{Base: bI, Index: bI, Scale: 2}, bI3)
	row := func(b GPVirtual, tap int) Mem {
		switch tap {
		case 0:
			return Mem{Base: b}
		case 3:
			return Mem{Base: b, Index: bI3, Scale: 1}
		}
		return Mem{Base: b, Index: bI, Scale: uint8(tap)}
	}
	weights := func(tap, z int) VecPhysical { return t.reg(t.h*t.s*t.z + tap*t.z + z) }
	pixel := t.reg(31)
	return func(a []GPVirtual, b GPVirtual) {
		for tap := range t.line {
			for z := range t.z {
				t.load(row(b, tap).Offset(t.bytes()*z), weights(tap, z), z == t.z-1)
			}
		}
		for h := range t.h {
			for i := range t.s + t.line - 1 {
				VBROADCASTSS(Mem{Base: a[h], Disp: 4 * i}, pixel)
				for tap := max(0, i-t.s+1); tap <= min(i, t.line-1); tap++ {
					for z := range t.z {
						VFMADD231PS(pixel, weights(tap, z), t.acc(h, i-tap, z))
					}
				}
			}
		}
		for h := range a {
			ADDQ(aO, a[h])
		}
		ADDQ(bO, b)
	}
}
