package main

import "fmt"

// Go's assembler lacks these instructions. They are written as words, each with a comment in the notation of ARM, by
// which a test compares them with an assembler that knows them.

// threeVectors are instructions of four lanes, d = a op b, by their codes.
var threeVectors = map[string]uint32{
	"fadd":  0x4e20d400,
	"fsub":  0x4ea0d400,
	"fmul":  0x6e20dc00,
	"fdiv":  0x6e20fc00,
	"fmax":  0x4e20f400, // NaN if either is NaN
	"fcmgt": 0x6ea0e400, // ones where a > b, 0 where either is NaN
	"fcmge": 0x6e20e400, // ones where a >= b, 0 where either is NaN
	"mul":   0x4ea09c00,
	// The number where one of the two is NaN.
	"fmaxnm": 0x4e20c400,
}

// twoVectors are instructions of four lanes, d = op a.
var twoVectors = map[string]uint32{
	"fsqrt": 0x6ea1f800,
	"neg":   0x6ea0b800,
	"ucvtf": 0x6e21d800,
}

// instruction writes an instruction as a word with a comment.
func (n *neon) instruction(code uint32, text string, a ...any) {
	fmt.Fprintf(&n.text, "\tWORD $0x%08x // %s\n", code, fmt.Sprintf(text, a...))
}

// three writes d = a op b, two writes d = op a.
func (n *neon) three(op string, a, b, d vec) {
	code, ok := threeVectors[op]
	if !ok {
		panic(op)
	}
	n.instruction(code|uint32(b)<<16|uint32(a)<<5|uint32(d), "%s v%d.4s, v%d.4s, v%d.4s", op, d, a, b)
}

func (n *neon) two(op string, a, d vec) {
	code, ok := twoVectors[op]
	if !ok {
		panic(op)
	}
	n.instruction(code|uint32(a)<<5|uint32(d), "%s v%d.4s, v%d.4s", op, d, a)
}

// notAbove0 sets the lanes of d to ones where a <= 0, to 0 where it is NaN.
func (n *neon) notAbove0(a, d vec) {
	n.instruction(0x6ea0d800|uint32(a)<<5|uint32(d), "fcmle v%d.4s, v%d.4s, #0.0", d, a)
}

// equal0 sets the lanes of d to ones where a is 0, else to 0.
func (n *neon) equal0(a, d vec) {
	n.instruction(0x4ea0d800|uint32(a)<<5|uint32(d), "fcmeq v%d.4s, v%d.4s, #0.0", d, a)
}

// without sets d to a but for the bits of b.
func (n *neon) without(a, b, d vec) {
	n.instruction(0x4e601c00|uint32(b)<<16|uint32(a)<<5|uint32(d), "bic v%d.16b, v%d.16b, v%d.16b", d, a, b)
}

// fma adds a times the first lane of b to d.
func (n *neon) fma(a, b, d vec) {
	n.instruction(0x4f801000|uint32(b)<<16|uint32(a)<<5|uint32(d), "fmla v%d.4s, v%d.4s, v%d.s[0]", d, a, b)
}

// narrow sets the first four bytes of d to the lowest of each lane. It overwrites a.
func (n *neon) narrow(a, d vec) {
	n.instruction(0x0e612800|uint32(a)<<5|uint32(a), "xtn v%d.4h, v%d.4s", a, a)
	n.instruction(0x0e212800|uint32(a)<<5|uint32(d), "xtn v%d.8b, v%d.8h", d, a)
}

// number returns the register's number.
func (r gp) number() (i uint32) {
	fmt.Sscanf(string(r), "R%d", &i)
	return i
}

// loadAt and storeAt move a vector from and to base plus an offset in bytes.
func (n *neon) loadAt(base, offset gp, v vec) {
	n.instruction(0x3ce06800|offset.number()<<16|base.number()<<5|uint32(v), "ldr q%d, [x%d, x%d]", v, base.number(), offset.number())
}

func (n *neon) storeAt(v vec, base, offset gp) {
	n.instruction(0x3ca06800|offset.number()<<16|base.number()<<5|uint32(v), "str q%d, [x%d, x%d]", v, base.number(), offset.number())
}
