package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// adam adds up the lanes two by two and updates the parameters. It multiplies and adds separately, as Go does, which
// computes a worker's last values.
//
// A factor up to tiny becomes 0 before a product that rounds to 0 anyway. On a denormal one the processor takes a hundred
// cycles, and m ends as one wherever the gradient stays 0: it decays until the product with 1-beta1 rounds to 0.
func adam(lanes int) {
	function(fmt.Sprintf("adam%d", lanes), "blocks int, w, m, v *float32, grad *[8]*float32, rate *[6]float32",
		"adamGeneric for %d lanes and blocks of 8 values", lanes)
	blocks, w, m, v, grad, rate := arg("blocks"), arg("w"), arg("m"), arg("v"), arg("grad"), arg("rate")
	scale, rate1, rate2, alpha, epsilon, tiny, sign := Y15, Y14, Y13, Y12, Y11, Y10, Y9
	for i, r := range []VecPhysical{scale, rate1, rate2, alpha, epsilon, tiny} {
		VBROADCASTSS(Mem{Base: rate, Disp: 4 * i}, r)
	}
	VPCMPEQD(sign, sign, sign)
	VPSLLD(Imm(31), sign, sign)
	// flush keeps the sign. As integers, the bits of absolute values compare like these.
	flush := func(x, tmp VecPhysical) {
		VPANDN(x, sign, tmp)
		VPCMPGTD(tiny, tmp, tmp)
		VPOR(sign, tmp, tmp)
		VPAND(tmp, x, x)
	}
	lane := make([]GPVirtual, lanes)
	for i := range lane {
		lane[i] = GP64()
		MOVQ(Mem{Base: grad, Disp: 8 * i}, lane[i])
	}
	i := GP64()
	XORQ(i, i)
	at := func(p Register) Mem { return Mem{Base: p, Index: i, Scale: 1} }
	Label("block")
	sum := func(k int) VecPhysical { return avx2.reg(k) }
	if lanes == 1 {
		VMOVUPS(at(lane[0]), sum(0))
	}
	for k := 0; k < lanes/2; k++ {
		VMOVUPS(at(lane[2*k]), sum(k))
		VADDPS(at(lane[2*k+1]), sum(k), sum(k))
	}
	for n := lanes / 2; n > 1; n /= 2 {
		for k := 0; k < n/2; k++ {
			VADDPS(sum(2*k+1), sum(2*k), sum(k))
		}
	}
	g, mean, variance, tmp := sum(0), Y4, Y5, Y6
	VMULPS(scale, g, g)
	VMOVUPS(at(m), mean)
	VSUBPS(mean, g, tmp)
	flush(tmp, Y7)
	VMULPS(rate1, tmp, tmp)
	VADDPS(tmp, mean, mean)
	VMOVUPS(mean, at(m))
	VMOVUPS(at(v), variance)
	VMULPS(g, g, tmp)
	VSUBPS(variance, tmp, tmp)
	VMULPS(rate2, tmp, tmp)
	VADDPS(tmp, variance, variance)
	VMOVUPS(variance, at(v))
	VSQRTPS(variance, variance)
	VADDPS(epsilon, variance, variance)
	flush(mean, tmp)
	VMULPS(alpha, mean, mean)
	VDIVPS(variance, mean, mean)
	VMOVUPS(at(w), tmp)
	VSUBPS(mean, tmp, tmp)
	VMOVUPS(tmp, at(w))
	ADDQ(Imm(32), i)
	DECQ(blocks)
	JNZ(LabelRef("block"))
	ret()
}
