package train

const (
	maxLanes  = 8  // as many workers can share a batch
	maxImages = 64 // of a micro-batch; from about 50 on, more gain no speed
)

// lanes is how a batch is cut: micro-batch k has images [k*images,
// (k+1)*images) and belongs to lane k % lanes. It depends on the size of the
// batch alone, and the number of lanes is a power of two.
type lanes struct{ lanes, images int }

func cut(batch int) lanes {
	n := 1
	for n < maxLanes && batch > n*maxImages {
		n *= 2
	}
	if n == 1 && batch >= 16 {
		n = 2 // small batches are worth two workers from about here
	}
	runs := ceil(batch, n*maxImages)
	return lanes{n, ceil(batch, n*runs)}
}

func ceil(a, b int) int { return (a + b - 1) / b }
