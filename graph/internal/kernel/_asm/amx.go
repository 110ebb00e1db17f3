package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Go's assembler does not know AMX and the conversion to bfloat16, so they are bytes. A test has LLVM assemble the
// comment before them and compares.

// code emits an instruction as bytes.
func code(text string, bytes ...uint8) {
	Comment(text)
	for _, b := range bytes {
		Instruction(&ir.Instruction{Opcode: "BYTE", Operands: []Op{U8(b)}})
	}
}

// A numbered register is one of those that are in bytes.
type numbered struct {
	Register
	number uint8
	name   string
}

var (
	rax = numbered{RAX, 0, "rax"}
	rdx = numbered{RDX, 2, "rdx"}
	rbx = numbered{RBX, 3, "rbx"}
	rsi = numbered{RSI, 6, "rsi"}
	rdi = numbered{RDI, 7, "rdi"}
	r8  = numbered{R8, 8, "r8"}
	r9  = numbered{R9, 9, "r9"}
	r10 = numbered{R10, 10, "r10"}
	r11 = numbered{R11, 11, "r11"}
	r12 = numbered{R12, 12, "r12"}
)

// moveTile emits an instruction between a tile and memory, whose rows start at base and are stride bytes apart.
func moveTile(text string, prefix uint8, base, stride numbered, tile int) {
	code(text, 0xc4, 0x82|(stride.number>>3^1)<<6|(base.number>>3^1)<<5, 0x78|prefix, 0x4b, uint8(tile)<<3|4, stride.number&7<<3|base.number&7)
}

func loadTile(base, stride numbered, tile int) {
	moveTile(fmt.Sprintf("tileloadd (%%%s,%%%s), %%tmm%d", base.name, stride.name, tile), 3, base, stride, tile)
}

func storeTile(tile int, base, stride numbered) {
	moveTile(fmt.Sprintf("tilestored %%tmm%d, (%%%s,%%%s)", tile, base.name, stride.name), 2, base, stride, tile)
}

func zeroTile(tile int) {
	code(fmt.Sprintf("tilezero %%tmm%d", tile), 0xc4, 0xe2, 0x7b, 0x49, 0xc0|uint8(tile)<<3)
}

// multiplyTile adds the products of a and b to c.
func multiplyTile(a, b, c int) {
	code(fmt.Sprintf("tdpbf16ps %%tmm%d, %%tmm%d, %%tmm%d", b, a, c), 0xc4, 0xe2, uint8(^b&15)<<3|2, 0x5c, 0xc0|uint8(c)<<3|uint8(a))
}

// amx emits a function for one or two tiles of rows and of columns. Its registers are fixed, because they are in bytes.
func amx(rows, cols int) {
	function(tables.enter("amx", "TMM", rows, cols), "t *byte", "amxGeneric for up to 16 times rows x columns")
	Load(Param("t"), RAX)
	field := func(name string) Mem { return Mem{Base: RAX, Disp: offsetOf(structs["amx"], name)} }
	stride := func(name string, r Register) {
		MOVQ(field(name), r)
		SHLQ(Imm(2), r)
	}
	a, b, c := [2]numbered{r8, r9}, [2]numbered{r10, r11}, [2]numbered{rsi, rdi} // the second is 16 rows or columns further
	aS, bS, cS, bStep, steps := rdx, rbx, r12, R13, RCX
	stride("aS", aS.Register)
	stride("bS", bS.Register)
	stride("cS", cS.Register)
	MOVQ(bS.Register, bStep)
	SHLQ(Imm(4), bStep)
	code("ldtilecfg (%rax)", 0xc4, 0xe2, 0x78, 0x49, 0x00)

	locals := AllocLocal(32)
	next := map[string]Mem{"a": locals, "b": locals.Offset(8), "c": locals.Offset(16)} // pointers of Go's must not leave their array
	left := locals.Offset(24)
	for _, name := range []string{"a", "b", "c"} {
		MOVQ(field(name), steps)
		MOVQ(steps, next[name])
	}
	MOVQ(field("nt"), steps)
	MOVQ(steps, left)

	Label("block")
	below := func(first, second, stride numbered) {
		MOVQ(stride.Register, second.Register)
		SHLQ(Imm(4), second.Register)
		ADDQ(first.Register, second.Register)
	}
	MOVQ(next["a"], a[0].Register)
	MOVQ(next["b"], b[0].Register)
	MOVQ(next["c"], c[0].Register)
	below(a[0], a[1], aS)
	below(c[0], c[1], cS)
	LEAQ(Mem{Base: b[0].Register, Disp: 64}, b[1].Register)
	// sums calls do for each tile of c.
	sums := func(do func(tile int, at numbered)) {
		for j := range cols {
			for i := range rows {
				if j > 0 {
					ADDQ(Imm(64), c[i].Register)
				}
				do(2*i+j, c[i])
			}
		}
	}
	CMPQ(field("add"), Imm(0))
	JNE(LabelRef("add"))
	sums(func(tile int, _ numbered) { zeroTile(tile) })
	JMP(LabelRef("start"))
	Label("add")
	sums(func(tile int, at numbered) { loadTile(at, cS, tile) })
	Label("start")
	MOVQ(field("steps"), steps)
	Label("step")
	for i := range rows {
		loadTile(a[i], aS, 4+i)
	}
	for j := range cols {
		loadTile(b[j], bS, 6+j)
		for i := range rows {
			multiplyTile(4+i, 6+j, 2*i+j)
		}
	}
	for i := range rows {
		ADDQ(Imm(64), a[i].Register)
	}
	for j := range cols {
		ADDQ(bStep, b[j].Register)
	}
	DECQ(steps)
	JNZ(LabelRef("step"))
	if cols > 1 {
		for i := range rows {
			SUBQ(Imm(64), c[i].Register)
		}
	}
	sums(func(tile int, at numbered) { storeTile(tile, at, cS) })
	for _, name := range []string{"a", "b", "c"} {
		stride(name+"T", steps)
		ADDQ(steps, next[name])
	}
	DECQ(left)
	JNZ(LabelRef("block"))
	code("tilerelease", 0xc4, 0xe2, 0x78, 0x49, 0xc0) // a thread without tiles costs the system less
	RET()
}
