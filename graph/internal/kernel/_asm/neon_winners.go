package main

// These kernels go over rows of pool windows with at least four channels. The last vector of a window ends with its last
// channel and overlaps the one before it, which changes nothing: no result is an operand.

// channels emits a loop over c channels, four at a time, with the number of the first in i.
func (n *neon) channels(c, i gp, vector func()) { n.overlapping(4, c, i, vector) }

// overlapping emits a loop over count values, some at a time, with the number of the first in i. It wants no fewer
// values than it takes at a time.
func (n *neon) overlapping(values int, count, i gp, vector func()) {
	last := n.reg()
	n.op("MOVD", "ZR", i)
	n.op("SUB", values, count, last)
	n.label("vector")
	vector()
	n.op("ADD", values, i)
	n.op("CMP", count, i)
	n.op("BGE", "end")
	n.op("CMP", last, i)
	n.op("CSEL", "GT", last, i, i)
	n.op("B", "vector")
	n.label("end")
}

// value returns the address of value i of an array.
func (n *neon) value(base, i gp) string {
	r := n.reg()
	n.op("ADD", i+"<<2", base, r)
	return at(r, 0)
}

// codes sets the lanes of v to the codes of four channels.
func (n *neon) codes(code, i gp, v vec) {
	n.op("FMOVS", indexed(code, i), v.low())
	n.op("VUXTL", v.as("B8"), v.as("H8"))
	n.op("VUXTL", v.as("H4"), v.s4())
}

// gradient sets grad to dy where y is above the floor, else to 0.
func (n *neon) gradient(y, dy string, floor, tmp, grad vec) {
	n.op("FMOVQ", y, tmp.low())
	n.op("FMOVQ", dy, grad.low())
	n.three("fcmge", floor, tmp, tmp)
	n.without(grad, tmp, grad)
}

// entries turns a row of pool windows into the coefficients and offsets of a gather.
func (n *neon) entries() {
	n.function("entries8NEON", "windows, f, stride int, y, dy *float32, code *uint8, coef *float32, off, place *int32, base, step int, floor float32",
		"entriesGeneric for at least 4 channels and windows of at most 8 values")
	windows, f, stride := n.arg("windows"), n.arg("f"), n.arg("stride")
	y, dy, code, coef, off := n.arg("y"), n.arg("dy"), n.arg("code"), n.arg("coef"), n.arg("off")
	base, step, i := n.arg("base"), n.arg("step"), n.reg()
	const floor, places, each, bytes, window, grad, from vec = 0, 1, 3, 4, 5, 6, 7 // places has two registers
	n.broadcast(n.param("floor"), floor)
	n.within(func() {
		place := n.arg("place")
		n.op("FLDPQ", at(place, 0), "("+places.low()+", "+(places+1).low()+")")
		n.op("MOVD", 0x04040404, place)
		n.op("VDUP", place, each.s4())
		n.op("MOVD", 0x03020100, place)
		n.op("VDUP", place, bytes.s4())
	})
	n.loop("window", windows, func() {
		n.op("VDUP", base, window.s4())
		n.within(func() {
			n.channels(f, i, func() {
				n.within(func() {
					n.gradient(n.value(y, i), n.value(dy, i), floor, from, grad)
					n.op("FMOVQ", grad.low(), n.value(coef, i))
					n.codes(code, i, from)
					n.three("mul", from, each, from) // a code's four bytes in places
					n.op("VADD", bytes.s4(), from.s4(), from.s4())
					n.op("VTBL", from.b16(), "["+places.b16()+", "+(places+1).b16()+"]", from.b16())
					n.op("VADD", window.s4(), from.s4(), from.s4())
					n.op("FMOVQ", from.low(), n.value(off, i))
				})
			})
		})
		n.op("ADD", f+"<<2", y)
		n.op("ADD", f+"<<2", dy)
		n.op("ADD", stride, code)
		n.op("ADD", stride+"<<2", coef)
		n.op("ADD", stride+"<<2", off)
		n.op("ADD", step, base)
	})
	n.ret()
}

// poolMax takes the greatest of each window's values.
func (n *neon) poolMax() {
	n.function("poolMax4NEON", "windows, c, places int, x *float32, step int, place *int, y *float32, code *uint8, codeStride int, floor float32",
		"poolMaxGeneric for at least 4 channels")
	windows, c, places := n.arg("windows"), n.arg("c"), n.arg("places")
	x, step, place := n.arg("x"), n.byteStride("step"), n.arg("place")
	y, code, codeStride, i := n.arg("y"), n.arg("code"), n.arg("codeStride"), n.reg()
	const floor, best, which, v, higher, number vec = 0, 1, 2, 3, 4, 5
	n.broadcast(n.param("floor"), floor)
	n.loop("window", windows, func() {
		n.within(func() {
			n.channels(c, i, func() {
				n.within(func() {
					from, next, k, offset := n.reg(), n.reg(), n.reg(), n.reg()
					n.op("ADD", i+"<<2", x, from)
					n.op("MOVD", place, next)
					n.op("MOVD.P", at(next, 8), offset)
					n.op("LSL", 2, offset)
					n.loadAt(from, offset, best)
					n.zero(which)
					n.op("MOVD", 1, k)
					n.op("B", "more")
					n.label("place")
					n.op("MOVD.P", at(next, 8), offset)
					n.op("LSL", 2, offset)
					n.loadAt(from, offset, v)
					n.three("fcmgt", v, best, higher)
					n.three("fmax", best, v, best)
					n.op("VDUP", k, number.s4())
					n.op("VBIT", higher.b16(), number.b16(), which.b16())
					n.op("ADD", 1, k)
					n.label("more")
					n.op("CMP", places, k)
					n.op("BLT", "place")
					n.three("fcmge", floor, best, higher)
					n.op("VBIT", higher.b16(), floor.b16(), best.b16())
					n.op("FMOVQ", best.low(), n.value(y, i))
					n.narrow(which, which)
					n.op("FMOVS", which.low(), indexed(code, i))
				})
			})
		})
		n.op("ADD", c+"<<2", y)
		n.op("ADD", codeStride, code)
		n.op("ADD", step, x)
	})
	n.ret()
}

// unpool stores each window's gradient where its winner was, and zeros elsewhere.
func (n *neon) unpool() {
	n.function("unpool4NEON", "windows, c, places int, y, dy *float32, code *uint8, codeStride int, dx *float32, step int, place *int, floor float32",
		"unpoolGeneric for at least 4 channels")
	windows, c, places := n.arg("windows"), n.arg("c"), n.arg("places")
	y, dy, code, codeStride := n.arg("y"), n.arg("dy"), n.arg("code"), n.arg("codeStride")
	dx, step, place, i := n.arg("dx"), n.byteStride("step"), n.arg("place"), n.reg()
	const floor, grad, which, number, out, one vec = 0, 1, 2, 3, 4, 5
	n.broadcast(n.param("floor"), floor)
	n.within(func() {
		k := n.reg()
		n.op("MOVD", 1, k)
		n.op("VDUP", k, one.s4())
	})
	n.loop("window", windows, func() {
		n.within(func() {
			n.channels(c, i, func() {
				n.within(func() {
					n.gradient(n.value(y, i), n.value(dy, i), floor, out, grad)
					n.codes(code, i, which)
					to, next, k, offset := n.reg(), n.reg(), n.reg(), n.reg()
					n.op("ADD", i+"<<2", dx, to)
					n.op("MOVD", place, next)
					n.op("MOVD", places, k)
					n.zero(number)
					n.loop("place", k, func() {
						n.op("VCMEQ", number.s4(), which.s4(), out.s4())
						n.op("VAND", grad.b16(), out.b16(), out.b16())
						n.op("VADD", one.s4(), number.s4(), number.s4())
						n.op("MOVD.P", at(next, 8), offset)
						n.op("LSL", 2, offset)
						n.storeAt(out, to, offset)
					})
				})
			})
		})
		n.op("ADD", c+"<<2", y)
		n.op("ADD", c+"<<2", dy)
		n.op("ADD", codeStride, code)
		n.op("ADD", step, dx)
	})
	n.ret()
}
