package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// chains are the independent sums of multiplyAdds: two units of a latency of four or five cycles need ten.
const chains = 12

// multiplyAdds does nothing but multiply and add.
func multiplyAdds(v isa) {
	function("multiplyAdds"+v.name, "rounds int, factor, term float32, x *float32", "multiplyAddsGeneric for %d values", chains*v.lanes)
	rounds, x := arg("rounds"), arg("x")
	factor, term := v.reg(chains), v.reg(chains+1)
	VBROADCASTSS(param("factor"), factor)
	VBROADCASTSS(param("term"), term)
	at := func(i int) Mem { return Mem{Base: x, Disp: i * v.bytes()} }
	for i := 0; i < chains; i++ {
		VMOVUPS(at(i), v.reg(i))
	}
	Label("round")
	for i := 0; i < chains; i++ {
		VFMADD213PS(term, factor, v.reg(i))
	}
	DECQ(rounds)
	JNZ(LabelRef("round"))
	for i := 0; i < chains; i++ {
		VMOVUPS(v.reg(i), at(i))
	}
	ret()
}

// sums64 reads as fast as the caches give.
func sums64() {
	const vecs = 8
	function("sums64AVX", "rows int, x *float32, sums *[64]float32", "sums64Generic for at least one row")
	rows, x, sums := arg("rows"), arg("x"), arg("sums")
	at := func(p Register, i int) Mem { return Mem{Base: p, Disp: i * avx2.bytes()} }
	for i := 0; i < vecs; i++ {
		VMOVUPS(at(sums, i), avx2.reg(i))
	}
	Label("row")
	for i := 0; i < vecs; i++ {
		VADDPS(at(x, i), avx2.reg(i), avx2.reg(i))
	}
	ADDQ(I32(vecs*32), x)
	DECQ(rows)
	JNZ(LabelRef("row"))
	for i := 0; i < vecs; i++ {
		VMOVUPS(avx2.reg(i), at(sums, i))
	}
	ret()
}
