package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// winner5x5ZMM keeps the 25 weight gradients of 16 filters in registers. A window sees a patch of 6x6; a permutation of two
// of its rows picks, for each filter, the pixel that its winner multiplied.
func winner5x5ZMM() {
	function("winner5x5ZMM", "rows, windows int, band *uint64, x *float32, xRow int, y, dy *float32, stride int, code *uint8, codeStride int, dw *float32, floor float32",
		"referenceWinner of 16 filters of 5 x 5")
	table := constants("place5x5", 0, 1, 8, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	count := constants("count5x5", 1, 2, 3, 4)
	rows, x, xRow := arg("rows"), arg("x"), byteStride("xRow")
	y, dy, stride := arg("y"), arg("dy"), byteStride("stride")
	code, dw := arg("code"), arg("dw")
	xRow3, xRow5 := GP64(), GP64()
	LEAQ(Mem{Base: xRow, Index: xRow, Scale: 2}, xRow3)
	LEAQ(Mem{Base: xRow, Index: xRow, Scale: 4}, xRow5)
	acc := func(i int) VecPhysical { return zmm.reg(i) }
	for i := 0; i < 25; i++ {
		VMOVUPS(Mem{Base: dw, Disp: 64 * i}, acc(i))
	}
	patch, tmp := Z25, Z26
	pick := []VecPhysical{Z27, Z28, Z29, Z30, Z31}
	upper, lower, live := K2, K3, K1
	m := GP32()
	MOVL(U32(0x003f), m)
	KMOVW(m, upper)
	MOVL(U32(0x3f00), m)
	KMOVW(m, lower)
	// patchRow returns where row r of the patch is, disp bytes further.
	patchRow := func(base Register, r, disp int) Mem {
		switch r {
		case 0:
			return Mem{Base: base, Disp: disp}
		case 3:
			return Mem{Base: base, Index: xRow3, Scale: 1, Disp: disp}
		case 5:
			return Mem{Base: base, Index: xRow5, Scale: 1, Disp: disp}
		}
		return Mem{Base: base, Index: xRow, Scale: uint8(r), Disp: disp}
	}
	at, windows, ink, band := GP64(), GP64(), GP64(), arg("band")
	Label("row")
	MOVQ(x, at)
	MOVQ(Mem{Base: band}, ink)
	ADDQ(Imm(8), band)
	Load(Param("windows"), windows)
	Label("window")
	VBROADCASTSS(param("floor"), patch)
	VCMPPS(notAtLeast, Mem{Base: y}, patch, live)
	VMOVUPS(Mem{Base: dw, Disp: 64 * 25}, tmp) // the bias
	VADDPS(Mem{Base: dy}, tmp, live, tmp)
	VMOVUPS(tmp, Mem{Base: dw, Disp: 64 * 25})
	TESTQ(U32(0x3f), ink)
	JZ(LabelRef("blank"))
	VPMOVZXBD(Mem{Base: code}, pick[0])
	VPERMD(table, pick[0], pick[0])
	for i := 1; i < 5; i++ {
		VPADDD_BCST(count.Offset(4*(i-1)), pick[0], pick[i])
	}
	for r := 0; r < 5; r++ {
		VMOVUPS_Z(patchRow(at, r, 0), upper, patch)
		VMOVUPS(patchRow(at, r+1, -32), lower, patch) // lanes 8..13 are its six values
		for i := 0; i < 5; i++ {
			VPERMPS_Z(patch, pick[i], live, tmp)
			VFMADD231PS(Mem{Base: dy}, tmp, acc(5*r+i))
		}
	}
	Label("blank")
	SHRQ(Imm(2), ink)
	ADDQ(Imm(8), at)
	ADDQ(stride, y)
	ADDQ(stride, dy)
	ADDQ(param("codeStride"), code)
	DECQ(windows)
	JNZ(LabelRef("window"))
	LEAQ(Mem{Base: x, Index: xRow, Scale: 2}, x)
	DECQ(rows)
	JNZ(LabelRef("row"))
	for i := 0; i < 25; i++ {
		VMOVUPS(acc(i), Mem{Base: dw, Disp: 64 * i})
	}
	ret()
}

// winnerAVX2 keeps weight gradients of 8 filters of k x k in registers. A weight's gradient picks the pixel of each
// filter's winner from a quad: the four that the window's values multiply by that weight. Sums that do not fit into the
// registers take another pass over the windows.
func winnerAVX2(k int) {
	function(fmt.Sprintf("winner%dx%dAVX2", k, k), "rows, windows int, band *uint64, quads *float32, quadRow int, y, dy *float32, stride int, code *uint8, codeStride int, dw *float32, floor float32",
		"referenceWinner of 8 filters of %d x %d, given the quads of the image", k, k)
	const registers = 13
	sums := k*k + 1
	passes := (sums + registers - 1) / registers
	length := (sums + passes - 1) / passes
	for from := 0; from < sums; from += length {
		winnerPass(k, from, min(from+length, sums))
	}
	ret()
}

// winnerPass goes over all windows for the sums from..to-1: those of the weights and, last, the bias. The sum of the bias
// starts from zero.
func winnerPass(k, from, to int) {
	label := func(name string) string { return fmt.Sprint(name, from) }
	weights := min(to, k*k)
	bias := to > weights
	rows, quads := arg("rows"), arg("quads")
	quadRow, quadRow3 := byteStride("quadRow"), GP64()
	if k > 3 {
		LEAQ(Mem{Base: quadRow, Index: quadRow, Scale: 2}, quadRow3)
	}
	y, dy, stride := arg("y"), arg("dy"), byteStride("stride")
	code, codeStride, band := arg("code"), arg("codeStride"), arg("band")
	acc := func(i int) VecPhysical { return avx2.reg(i - from) }
	pick, grad, tmp := Y13, Y14, Y15
	dw := arg("dw")
	for i := from; i < weights; i++ {
		VMOVUPS(Mem{Base: dw, Disp: 64 * i}, acc(i))
	}
	if bias {
		VXORPS(acc(weights), acc(weights), acc(weights))
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
		VBROADCASTF128(quad, tmp)
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
	if bias {
		VADDPS(Mem{Base: dw, Disp: 64 * weights}, acc(weights), acc(weights))
	}
	for i := from; i < to; i++ {
		VMOVUPS(acc(i), Mem{Base: dw, Disp: 64 * i})
	}
}

// quads interleaves two rows and the same rows one value further, eight quads at a time.
func quads() {
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
