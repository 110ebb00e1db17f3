package kernel

// Go may compile x*y + z to one instruction that rounds once. Whether it does depends on the processor the program is
// built for and on GOAMD64, and it changes the last bits of the kernels in Go. The assembly asks for what it wants.

// fused is the end of a level's name where its sums are fused.
const fused = "-fma"

// fuses says whether this program fuses multiply-adds.
var fuses = func() bool {
	// (1 + 2⁻¹²)² is 1 + 2⁻¹¹ + 2⁻²⁴; rounded by itself it loses the last term.
	const x = 1 + 0x1p-12
	return multiplyAdd(x, x, -(1+0x1p-11)) != 0
}()

// multiplyAdd is what the kernels in Go are made of, here out of the compiler's sight for constants.
//
//go:noinline
func multiplyAdd(x, y, z float32) float32 { return x*y + z }
