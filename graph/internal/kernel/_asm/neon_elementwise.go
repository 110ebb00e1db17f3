package main

import "fmt"

// vectors is the number of vectors in a block of eight values.
const vectors = 2

// adam adds up the lanes two by two and updates the parameters, without fused products, as the one for amd64 does.
func (n *neon) adam(lanes int) {
	n.function(fmt.Sprintf("adam%d", lanes), "blocks int, w, m, v *float32, grad *[8]*float32, rate *[6]float32",
		"adamGeneric for %d lanes and blocks of 8 values", lanes)
	const (
		scale, rate1, rate2, alpha, epsilon vec = 31, 30, 29, 28, 27
		mean, variance, tmp                 vec = 24, 25, 26
	)
	blocks, w, m, v := n.arg("blocks"), n.arg("w"), n.arg("m"), n.arg("v")
	lane := make([]gp, lanes)
	n.within(func() {
		rate := n.reg()
		n.op("MOVD", n.param("rate"), rate)
		for i, r := range []vec{scale, rate1, rate2, alpha, epsilon} {
			n.broadcast(at(rate, laneBytes*i), r)
		}
	})
	grad := n.arg("grad")
	for i := range lane {
		lane[i] = n.reg()
		n.op("MOVD", at(grad, 8*i), lane[i])
	}
	n.loop("block", blocks, func() {
		for i := range vectors {
			from := func(p gp) string { return at(p, vecBytes*i) }
			sum := func(k int) vec { return vec(8*i + k) }
			for k, p := range lane {
				n.op("FMOVQ", from(p), sum(k).low())
			}
			for count := lanes / 2; count > 0; count /= 2 {
				for k := range count {
					n.three("fadd", sum(2*k), sum(2*k+1), sum(k))
				}
			}
			g := sum(0)
			n.three("fmul", g, scale, g)
			n.op("FMOVQ", from(m), mean.low())
			n.three("fsub", g, mean, tmp)
			n.three("fmul", tmp, rate1, tmp)
			n.three("fadd", mean, tmp, mean)
			n.op("FMOVQ", mean.low(), from(m))
			n.op("FMOVQ", from(v), variance.low())
			n.three("fmul", g, g, tmp)
			n.three("fsub", tmp, variance, tmp)
			n.three("fmul", tmp, rate2, tmp)
			n.three("fadd", variance, tmp, variance)
			n.op("FMOVQ", variance.low(), from(v))
			n.two("fsqrt", variance, variance)
			n.three("fadd", variance, epsilon, variance)
			n.three("fmul", mean, alpha, mean)
			n.three("fdiv", mean, variance, mean)
			n.op("FMOVQ", from(w), tmp.low())
			n.three("fsub", tmp, mean, tmp)
			n.op("FMOVQ", tmp.low(), from(w))
		}
		for _, p := range append(lane, w, m, v) {
			n.op("ADD", vectors*vecBytes, p)
		}
	})
	n.ret()
}

// rectify keeps v where y is above 0.
func (n *neon) rectify() {
	n.function("rectify8", "blocks int, y, v, dst *float32", "rectifyGeneric for blocks of 8 values")
	blocks, y, v, dst := n.arg("blocks"), n.arg("y"), n.arg("v"), n.arg("dst")
	n.loop("block", blocks, func() {
		for i := range vectors {
			mask, kept := vec(2*i), vec(2*i+1)
			n.op("FMOVQ", at(y, vecBytes*i), mask.low())
			n.op("FMOVQ", at(v, vecBytes*i), kept.low())
			n.notAbove0(mask, mask)
			n.without(kept, mask, kept)
			n.op("FMOVQ", kept.low(), at(dst, vecBytes*i))
		}
		for _, p := range []gp{y, v, dst} {
			n.op("ADD", vectors*vecBytes, p)
		}
	})
	n.ret()
}

// scaleBytes divides pixels by 255.
func (n *neon) scaleBytes() {
	n.function("scaleBytes8", "blocks int, dst *float32, pixels *uint8, divisor float32", "scaleBytesGeneric for blocks of 8 values")
	const divisor, low, high vec = 0, 1, 2
	blocks, dst, pixels := n.arg("blocks"), n.arg("dst"), n.arg("pixels")
	n.broadcast(n.param("divisor"), divisor)
	n.loop("block", blocks, func() {
		n.op("FMOVD.P", at(pixels, 8), low.low())
		n.op("VUXTL", low.as("B8"), low.as("H8"))
		n.op("VUXTL2", low.as("H8"), high.s4())
		n.op("VUXTL", low.as("H4"), low.s4())
		for _, v := range []vec{low, high} {
			n.two("ucvtf", v, v)
			n.three("fdiv", v, divisor, v)
			n.op("FMOVQ.P", v.low(), at(dst, vecBytes))
		}
	})
	n.ret()
}

// transpose transposes 4 rows, 4 columns at a time.
func (n *neon) transpose() {
	n.function("transpose4NEON", "blocks int, src *float32, srcRow int, dst *float32, dstRow int",
		"transposeGeneric for 4 rows of blocks of 4 columns")
	blocks, src, srcRow, dst, dstRow := n.arg("blocks"), n.arg("src"), n.byteStride("srcRow"), n.arg("dst"), n.byteStride("dstRow")
	from := [4]gp{src, n.reg(), n.reg(), n.reg()}
	for i := 1; i < len(from); i++ {
		n.op("ADD", srcRow, from[i-1], from[i])
	}
	n.loop("block", blocks, func() {
		for i, p := range from {
			n.op("FMOVQ.P", at(p, vecBytes), vec(i).low())
		}
		// Pairs of rows have their even columns in V4 and V6, their odd ones in V5 and V7.
		for pair := vec(0); pair < 4; pair += 2 {
			n.op("VTRN1", (pair + 1).s4(), pair.s4(), (pair + 4).s4())
			n.op("VTRN2", (pair + 1).s4(), pair.s4(), (pair + 5).s4())
		}
		for i := vec(0); i < 4; i++ {
			even := 4 + i%2
			n.op([]string{"VTRN1", "VTRN2"}[i/2], (even + 2).as("D2"), even.as("D2"), i.as("D2"))
			n.op("FMOVQ", i.low(), at(dst, 0))
			n.op("ADD", dstRow, dst)
		}
	})
	n.ret()
}

// greatest keeps a NaN that it has seen.
func (n *neon) greatest() {
	const vecs = 8
	n.function("greatestNEON", "rows int, x *float32, most *[32]float32",
		"what hasNaNNEON reads arrays with: it sets most to the greatest value, NaN above all, in each column of x (rows, 32)")
	rows, x, most := n.arg("rows"), n.arg("x"), n.arg("most")
	for i := range vecs {
		n.op("FMOVQ", at(x, vecBytes*i), vec(i).low())
	}
	n.loop("row", rows, func() {
		for i := range vecs {
			tmp := vec(vecs + i)
			n.op("FMOVQ.P", at(x, vecBytes), tmp.low())
			n.three("fmax", vec(i), tmp, vec(i))
		}
	})
	for i := range vecs {
		n.op("FMOVQ", vec(i).low(), at(most, vecBytes*i))
	}
	n.ret()
}

// nonzero looks at 16 values at a time, the last of a row too.
func (n *neon) nonzero() {
	n.function("nonzero16NEON", "rows, cols int, x *float32, row *uint64", "nonzeroGeneric for 16 columns or more")
	rows, cols, x, row := n.arg("rows"), n.arg("cols"), n.arg("x"), n.arg("row")
	i, marks, from := n.reg(), n.reg(), n.reg()
	const bit vec = 4 // of each byte: 1, 2, 4 and so on to 128, twice
	n.op("MOVD", "$0x8040201008040201", marks)
	n.op("VDUP", marks, bit.as("D2"))
	n.loop("row", rows, func() {
		n.op("MOVD", "ZR", marks)
		n.within(func() {
			n.overlapping(16, cols, i, func() {
				n.op("ADD", i+"<<2", x, from)
				for v := range vec(4) {
					n.op("FMOVQ", at(from, vecBytes*int(v)), v.low())
					n.equal0(v, v)
				}
				n.op("VUZP1", "V1.H8", "V0.H8", "V0.H8")
				n.op("VUZP1", "V3.H8", "V2.H8", "V2.H8")
				n.op("VUZP1", "V2.B16", "V0.B16", "V0.B16")
				n.op("VAND", bit.b16(), "V0.B16", "V0.B16")
				for range 3 {
					n.op("VADDP", "V0.B16", "V0.B16", "V0.B16")
				}
				n.op("VMOV", "V0.H[0]", from)
				n.op("EOR", 0xffff, from)
				n.op("LSL", i, from)
				n.op("ORR", from, marks)
			})
		})
		n.op("MOVD.P", marks, at(row, 8))
		n.op("ADD", cols+"<<2", x)
	})
	n.ret()
}

// multiplyAdds only multiplies and adds, in registers. NEON adds a product to the sum that it overwrites, so that
// x·factor + term is two of them: x + x·(factor-1), and term·1 more.
func (n *neon) multiplyAdds() {
	const chains = 24 // four units with a latency of four cycles need 16
	n.function(fmt.Sprintf("multiplyAdds%dNEON", 4*chains), "rounds int, less, term float32, x *float32",
		"multiplyAddsGeneric for %d values and a factor of less + 1", 4*chains)
	const less, term, one vec = 24, 25, 26
	rounds, x := n.arg("rounds"), n.arg("x")
	n.op("FMOVS", n.param("less"), less.low())
	n.broadcast(n.param("term"), term)
	n.op("FMOVS", "$1.0", one.low())
	for i := range vec(chains) {
		n.op("FMOVQ", at(x, vecBytes*int(i)), i.low())
	}
	n.loop("round", rounds, func() {
		for i := range vec(chains) {
			n.fma(i, less, i)
		}
		for i := range vec(chains) {
			n.fma(term, one, i)
		}
	})
	for i := range vec(chains) {
		n.op("FMOVQ", i.low(), at(x, vecBytes*int(i)))
	}
	n.ret()
}
