package kernel

// HasNaN is whether a value of x is not a number. It takes a hundredth of the time that computing x took: a NaN
// shows in any sum that it is part of, and sums are as fast as memory. So do two infinities, which is looked into.
func HasNaN(x []float32) bool {
	const few = 1024 // values that are looked at sooner than summed
	if len(x) < few {
		return hasNaN(x)
	}
	var sums [64]float32
	active.sums64(x, &sums)
	rest := x[len(x)/len(sums)*len(sums):]
	return (hasNaN(sums[:]) || hasNaN(rest)) && hasNaN(x)
}

func hasNaN(x []float32) bool {
	for _, v := range x {
		if v != v {
			return true
		}
	}
	return false
}

// sums64Generic adds every whole row of x (·, 64) to sums.
func sums64Generic(x []float32, sums *[64]float32) {
	for ; len(x) >= len(sums); x = x[len(sums):] {
		for i := range sums {
			sums[i] += x[i]
		}
	}
}
