package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// An isa is a vector width with an encoding. EVEX has 32 registers, free masks and broadcasts in an operand. VEX has 16
// registers, one of which holds the mask. Both have a variant without masks: a masked load costs Intel's processors a
// place in a unit that multiplies.
type isa struct {
	name  string // suffix of the kernels' names
	lanes int    // floats in a vector
	evex  bool
	full  bool // the last vector is full and needs no mask
}

var (
	zmm      = isa{name: "ZMM", lanes: 16, evex: true}
	zmmFull  = isa{name: "ZMMFull", lanes: 16, evex: true, full: true}
	ymm      = isa{name: "YMM", lanes: 8, evex: true}
	avx2     = isa{name: "AVX2", lanes: 8}
	avx2Full = isa{name: "AVX2Full", lanes: 8, full: true}
)

// Registers with the same use everywhere. Physical registers keep VEX code below Y16.
var (
	tailK = K1  // EVEX: mask of the last vector
	tailV = Y15 // VEX: mask of the last vector
)

// Predicates of VCMPPS. None of them signals, so NaN costs no exception.
var (
	greater    = Imm(0x1e) // VCMPPS(greater, a, b, k): b > a
	unordered  = Imm(0x03) // a or b is NaN
	notEqual   = Imm(0x04) // true if either is NaN
	notAtLeast = Imm(0x19) // !(b >= a), true if either is NaN
)

func (v isa) bytes() int { return 4 * v.lanes }

// reg returns vector register i.
func (v isa) reg(i int) VecPhysical {
	if v.lanes == 16 {
		return []VecPhysical{Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15,
			Z16, Z17, Z18, Z19, Z20, Z21, Z22, Z23, Z24, Z25, Z26, Z27, Z28, Z29, Z30, Z31}[i]
	}
	return []VecPhysical{Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15,
		Y16, Y17, Y18, Y19, Y20, Y21, Y22, Y23, Y24, Y25, Y26, Y27, Y28, Y29, Y30, Y31}[i]
}

func (v isa) zero(r VecPhysical) {
	if v.evex {
		VPXORD(r, r, r)
	} else {
		VXORPS(r, r, r)
	}
}

// load loads a vector; of the last one of a row the values under the mask, with zeros after them.
func (v isa) load(m Mem, r Op, last bool) {
	switch {
	case !last || v.full:
		VMOVUPS(m, r)
	case v.evex:
		VMOVUPS_Z(m, tailK, r)
	default:
		VMASKMOVPS(m, tailV, r)
	}
}

// store stores a vector; of the last one of a row the values under the mask.
func (v isa) store(r Op, m Mem, last bool) {
	switch {
	case !last || v.full:
		VMOVUPS(r, m)
	case v.evex:
		VMOVUPS(r, tailK, m)
	default:
		VMASKMOVPS(r, tailV, m)
	}
}

// fma adds a times the vector at m to acc. It may overwrite tmp.
func (v isa) fma(m Mem, a, acc, tmp Op, last bool) {
	switch {
	case !last || v.full:
		VFMADD231PS(m, a, acc)
	case v.evex:
		VFMADD231PS(m, a, tailK, acc)
	default:
		VMASKMOVPS(m, tailV, tmp)
		VFMADD231PS(tmp, a, acc)
	}
}

// add adds the vector at m to acc. It may overwrite tmp.
func (v isa) add(m Mem, acc, tmp Op, last bool) {
	switch {
	case !last || v.full:
		VADDPS(m, acc, acc)
	case v.evex:
		VADDPS(m, acc, tailK, acc)
	default:
		VMASKMOVPS(m, tailV, tmp)
		VADDPS(tmp, acc, acc)
	}
}

// setTail sets the mask to n lanes, 1 <= n <= v.lanes. It overwrites n.
func (v isa) setTail(n GPVirtual) {
	if v.full {
		return
	}
	if v.evex {
		ones := GP32()
		MOVL(I32(-1), ones)
		BZHIL(n.As32(), ones, ones)
		KMOVW(ones, tailK)
		return
	}
	table := tailTable()
	end := GP64()
	LEAQ(table.Offset(32), end)
	NEGQ(n)
	VMOVUPS(Mem{Base: end, Index: n, Scale: 4}, tailV)
}

var tails *Mem

// tailTable returns eight dwords of ones, then eight of zeros.
func tailTable() Mem {
	if tails == nil {
		t := constants("tailMask", -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0)
		tails = &t
	}
	return *tails
}

func constants(name string, dwords ...int) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i, d := range dwords {
		DATA(4*i, I32(d))
	}
	return m
}

// function starts a function of assembly.
func function(name, signature, doc string, a ...any) {
	TEXT(name, NOSPLIT, "func("+signature+")")
	Doc(name + " is " + fmt.Sprintf(doc, a...))
	Pragma("noescape")
}

var tables tableSet

// shaped starts a function and enters it into the table of its kind. It returns the function's argument, a pointer to
// the struct of that name.
func shaped(kind string, v isa, argument, doc string, shape ...int) pointer {
	function(tables.enter(kind, v.name, shape...), "t *byte", "%s", doc)
	return pointer{arg("t"), structs[argument]}
}

func arg(name string) GPVirtual { return Load(Param(name), GP64()).(GPVirtual) }

// param returns where an argument is in memory.
func param(name string) Mem {
	b, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}

// byteStride returns an argument in bytes: Go counts strides in values.
func byteStride(name string) GPVirtual {
	r := arg(name)
	SHLQ(Imm(2), r)
	return r
}

func ret() {
	VZEROUPPER()
	RET()
}

// A pointer is the argument of a shaped function.
type pointer struct {
	base   GPVirtual
	fields []field
}

func (p pointer) field(name string) Mem {
	return Mem{Base: p.base, Disp: offsetOf(p.fields, name)}
}

func (p pointer) word(name string) GPVirtual {
	r := GP64()
	MOVQ(p.field(name), r)
	return r
}

// stride returns a field in bytes: Go counts strides in values.
func (p pointer) stride(name string) GPVirtual {
	r := p.word(name)
	SHLQ(Imm(2), r)
	return r
}
