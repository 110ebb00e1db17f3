package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// winner keeps weight gradients of a vector of filters of k x k in registers. A weight's gradient picks the pixel of each
// filter's winner from a quad: the four that the window's values multiply by that weight. Sums that do not fit into the
// registers take another pass over the windows.
func winner(v isa, k int) {
	function(fmt.Sprintf("winner%dx%d%s", k, k, v.name), "rows, windows int, band *uint64, quads *float32, quadRow int, y, dy *float32, stride int, code *uint8, codeStride int, dw *float32, floor float32",
		"referenceWinner of %d filters of %d x %d, given the quads of the image", v.lanes, k, k)
	registers := 13
	if v.evex {
		registers = 26
	}
	sums := k*k + 1
	passes := (sums + registers - 1) / registers
	length := (sums + passes - 1) / passes
	for from := 0; from < sums; from += length {
		winnerPass(v, k, from, min(from+length, sums))
	}
	ret()
}

// winnerPass goes over all windows for the sums from..to-1: those of the weights and, last, the bias. The sum of the bias
// starts from zero and is added to dw; that of 5x5 in EVEX starts from dw.
func winnerPass(v isa, k, from, to int) {
	label := func(name string) string { return fmt.Sprint(name, from) }
	weights := min(to, k*k)
	bias := to > weights
	fresh := bias && !(v.evex && k == 5)
	rows, quads := arg("rows"), arg("quads")
	quadRow, quadRow3 := byteStride("quadRow"), GP64()
	if k > 3 {
		LEAQ(Mem{Base: quadRow, Index: quadRow, Scale: 2}, quadRow3)
	}
	y, dy, stride := arg("y"), arg("dy"), byteStride("stride")
	code, codeStride, band := arg("code"), arg("codeStride"), arg("band")
	acc := func(i int) VecPhysical { return v.reg(i - from) }
	spare := 13
	if v.evex {
		spare = 26
	}
	pick, grad, tmp := v.reg(spare), v.reg(spare+1), v.reg(spare+2)
	dw := arg("dw")
	for i := from; i < to; i++ {
		if i == weights && fresh {
			v.zero(acc(i))
		} else {
			VMOVUPS(Mem{Base: dw, Disp: 64 * i}, acc(i))
		}
	}
	at, windows, ink := GP64(), GP64(), GP64()
	Label(label("row"))
	MOVQ(quads, at)
	MOVQ(Mem{Base: band}, ink)
	ADDQ(Imm(8), band)
	Load(Param("windows"), windows)
	Label(label("window"))
	gradient := func() {
		VBROADCASTSS(param("floor"), tmp)
		if v.evex {
			VCMPPS(notAtLeast, Mem{Base: y}, tmp, K1)
			VMOVUPS_Z(Mem{Base: dy}, K1, grad)
			return
		}
		VCMPPS(notAtLeast, Mem{Base: y}, tmp, tmp)
		VANDPS(Mem{Base: dy}, tmp, grad)
	}
	if bias { // blank windows too
		gradient()
		VADDPS(grad, acc(weights), acc(weights))
	}
	TESTQ(U32(1<<(k+1)-1), ink)
	JZ(LabelRef(label("blank")))
	if !bias {
		gradient()
	}
	VPMOVZXBD(Mem{Base: code}, pick)
	for i := from; i < weights; i++ {
		quad := Mem{Base: at, Disp: 16 * (i % k)}
		switch row := i / k; row {
		case 0:
		case 3:
			quad.Index, quad.Scale = quadRow3, 1
		default:
			quad.Index, quad.Scale = quadRow, uint8(row)
		}
		if v.evex {
			VBROADCASTF32X4(quad, tmp)
		} else {
			VBROADCASTF128(quad, tmp)
		}
		VPERMILPS(pick, tmp, tmp)
		VFMADD231PS(tmp, grad, acc(i))
	}
	Label(label("blank"))
	SHRQ(Imm(2), ink)
	ADDQ(Imm(32), at)
	ADDQ(stride, y)
	ADDQ(stride, dy)
	ADDQ(codeStride, code)
	DECQ(windows)
	JNZ(LabelRef(label("window")))
	LEAQ(Mem{Base: quads, Index: quadRow, Scale: 2}, quads)
	DECQ(rows)
	JNZ(LabelRef(label("row")))
	dw = arg("dw")
	if fresh {
		VADDPS(Mem{Base: dw, Disp: 64 * weights}, acc(weights), acc(weights))
	}
	for i := from; i < to; i++ {
		VMOVUPS(acc(i), Mem{Base: dw, Disp: 64 * i})
	}
}

// quadsAVX2 interleaves two rows and the same rows one value further, eight quads at a time.
func quadsAVX2() {
	function("quadsAVX2", "blocks int, x *float32, xRow int, quads *float32", "a transpose: it sets quads (8·blocks, 4) to x[i], x[i+1], x[xRow+i], x[xRow+i+1]")
	blocks, x, xRow, to := arg("blocks"), arg("x"), byteStride("xRow"), arg("quads")
	Label("block")
	VMOVUPS(Mem{Base: x}, Y0)
	VMOVUPS(Mem{Base: x, Disp: 4}, Y1)
	VMOVUPS(Mem{Base: x, Index: xRow, Scale: 1}, Y2)
	VMOVUPS(Mem{Base: x, Index: xRow, Scale: 1, Disp: 4}, Y3)
	VUNPCKLPS(Y1, Y0, Y4)
	VUNPCKHPS(Y1, Y0, Y5)
	VUNPCKLPS(Y3, Y2, Y6)
	VUNPCKHPS(Y3, Y2, Y7)
	VUNPCKLPD(Y6, Y4, Y0) // quads 0 and 4, and so on
	VUNPCKHPD(Y6, Y4, Y1)
	VUNPCKLPD(Y7, Y5, Y2)
	VUNPCKHPD(Y7, Y5, Y3)
	VINSERTF128(Imm(1), X1, Y0, Y4)
	VINSERTF128(Imm(1), X3, Y2, Y5)
	VPERM2F128(Imm(0x31), Y1, Y0, Y6)
	VPERM2F128(Imm(0x31), Y3, Y2, Y7)
	for i, r := range []VecPhysical{Y4, Y5, Y6, Y7} {
		VMOVUPS(r, Mem{Base: to, Disp: 32 * i})
	}
	ADDQ(Imm(32), x)
	ADDQ(U32(128), to)
	DECQ(blocks)
	JNZ(LabelRef("block"))
	ret()
}

// quadsZMM reads nine values of each row for eight quads.
func quadsZMM() {
	function("quadsZMM", "blocks int, x *float32, xRow int, quads *float32", "quadsAVX2 for AVX-512")
	blocks, x, xRow, to := arg("blocks"), arg("x"), byteStride("xRow"), arg("quads")
	ones := GP32()
	MOVL(U32(1<<9-1), ones)
	KMOVW(ones, tailK)
	low, high, row, below, quad := Z0, Z1, Z2, Z3, Z4 // places of the first four quads and the last in both rows
	VMOVDQU32(constants("quadPlace", 0, 1, 16, 17, 1, 2, 17, 18, 2, 3, 18, 19, 3, 4, 19, 20), low)
	VMOVDQU32(constants("lastQuadPlace", 4, 5, 20, 21, 5, 6, 21, 22, 6, 7, 22, 23, 7, 8, 23, 24), high)
	Label("block")
	VMOVUPS_Z(Mem{Base: x}, tailK, row)
	VMOVUPS_Z(Mem{Base: x, Index: xRow, Scale: 1}, tailK, below)
	VMOVDQA32(low, quad)
	VPERMI2PS(below, row, quad)
	VMOVUPS(quad, Mem{Base: to})
	VPERMT2PS(below, high, row)
	VMOVUPS(row, Mem{Base: to, Disp: 64})
	ADDQ(Imm(32), x)
	ADDQ(U32(128), to)
	DECQ(blocks)
	JNZ(LabelRef("block"))
	ret()
}
