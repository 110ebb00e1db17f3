package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// chains is the number of independent sums: two units with a latency of four or five cycles need ten.
const chains = 12

// multiplyAdds only multiplies and adds, in registers.
func multiplyAdds(v isa) {
	function(fmt.Sprintf("multiplyAdds%d%s", chains*v.lanes, v.name), "rounds int, factor, term float32, x *float32", "multiplyAddsGeneric for %d values", chains*v.lanes)
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
